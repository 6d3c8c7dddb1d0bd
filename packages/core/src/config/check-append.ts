import type { Cursor } from '../spec/cursor.js';
import { checkCertificate, checkTlsUse } from './check-endpoint-tls.js';
import type { PropertyValues } from './properties.js';

/** Notes what no single property shows: those of batches and late events that contradict or miss one another. */
export function checkAppend(values: PropertyValues, given: ReadonlyMap<string, Cursor>): void {
  const [user, password] = ['append.endpoint.user', 'append.endpoint.password'] as const;
  if (values[user] !== undefined && values[password] === undefined)
    given.get(user)?.fail(`needs ${password} beside it.`);
  if (values[user] === undefined && values[password] !== undefined)
    given.get(password)?.fail(`needs ${user} beside it.`);
  const host = values['append.endpoint.host'];
  if (/^(0\.0\.0\.0|::)$/.test(host) && values['append.endpoint.advertised'] === undefined) {
    const remedy = 'Say which of them Druid reaches: set append.endpoint.advertised.';
    given.get('append.endpoint.host')?.fail(`is ${host}, all addresses. ${remedy}`);
  }
  checkCertificate('append.endpoint', values, (name, message) => given.get(name)?.fail(message));
  checkTlsUse('append.endpoint', values, (name, message) => given.get(name)?.fail(message));
  const [late, path] = ['tranquility.lateEvents', 'tranquility.deadLetterPath'] as const;
  if (values[late] === 'dead-letter' && values[path] === undefined) {
    given.get(late)?.fail(`is "dead-letter", but there is no file for them. Set ${path}.`);
  }
}
