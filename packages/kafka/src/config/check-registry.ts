import { existsSync } from 'node:fs';
import type { Cursor } from '@tranquility-js/core/internal';
import type { TopicProperties } from './topic-properties.js';

/** Tells what of the registry's properties cannot be meant. */
export function checkRegistry(values: TopicProperties, given: ReadonlyMap<string, Cursor>): void {
  const has = (name: keyof TopicProperties): boolean => values[name] !== undefined;
  const fail = (name: string, message: string): void => given.get(name)?.fail(message);
  if (has('registry.user') !== has('registry.password')) {
    const [name, other] = has('registry.user') ? ['user', 'password'] : ['password', 'user'];
    fail(`registry.${name}`, `wants registry.${other} beside it.`);
  }
  if (has('registry.token') && has('registry.user')) fail('registry.token', 'and registry.user: keep one of them.');
  if (has('avro.schemaPath') && has('registry.url')) {
    fail(
      'avro.schemaPath',
      'is for messages that do not name their schema, and registry.url for those that do. Keep one.',
    );
  }
  const path = values['avro.schemaPath'];
  if (path !== undefined && !existsSync(path)) fail('avro.schemaPath', `is ${path}, which is not there.`);
  if (has('registry.url')) return;
  const names = [
    'user',
    'password',
    'token',
    'tls.caPath',
    'tls.certPath',
    'tls.keyStorePath',
    'tls.trustStorePath',
  ] as const;
  for (const name of names) {
    if (has(`registry.${name}`)) fail(`registry.${name}`, 'is of no use without registry.url. Set that too.');
  }
}
