import { messageOf, TranquilityError, type Decoder } from '@tranquility-js/core';
import { readTlsMaterial, systemClock } from '@tranquility-js/core/internal';
import { avroDecoder, RegistryDecoder, SchemaRegistry } from '@tranquility-js/schema-registry';
import { readFile } from 'node:fs/promises';
import type { TopicProperties } from './topic-properties.js';

/** How the messages of dataSources are read that have a schema, by the dataSource's name. */
export interface Decoders {
  readonly of: ReadonlyMap<string, Decoder>;
  close(): Promise<void>;
}

/**
 * Makes them, with the files that the config names; nothing is asked for before the first message.
 * @throws (as a rejection) TRQ_CONFIG_INVALID for a file that cannot be read or used.
 */
export async function openDecoders(all: ReadonlyMap<string, TopicProperties>): Promise<Decoders> {
  const of = new Map<string, Decoder>();
  const registries: SchemaRegistry[] = [];
  for (const [dataSource, properties] of all) {
    const path = properties['avro.schemaPath'];
    if (path !== undefined) of.set(dataSource, avroDecoder(await schemaIn(path)));
    const urls = properties['registry.url'];
    if (urls === undefined) continue;
    const credentials = credentialsOf(properties);
    const registry = new SchemaRegistry({
      urls,
      tls: await readTlsMaterial('registry.tls', properties, systemClock.now()),
      ...(credentials === undefined ? {} : { credentials }),
    });
    registries.push(registry);
    of.set(dataSource, new RegistryDecoder(registry));
  }
  return {
    of,
    close: async () => {
      await Promise.all(registries.map((registry) => registry.close()));
    },
  };
}

function credentialsOf(properties: TopicProperties) {
  const [token, user, password] = [
    properties['registry.token'],
    properties['registry.user'],
    properties['registry.password'],
  ];
  if (token !== undefined) return { token: token.reveal() };
  return user === undefined || password === undefined ? undefined : { user, password: password.reveal() };
}

async function schemaIn(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new TranquilityError('TRQ_CONFIG_INVALID', `avro.schemaPath: ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      details: { property: 'avro.schemaPath', path },
    });
  }
}
