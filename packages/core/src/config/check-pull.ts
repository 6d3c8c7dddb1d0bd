import type { Cursor } from '../spec/cursor.js';
import { checkCertificate, checkTlsUse } from './check-endpoint-tls.js';
import { serverText } from './connect-string.js';
import type { PropertyName, PropertyValues } from './properties.js';

type Fail = (name: PropertyName, message: string) => void;

/** Notes what no single property shows: those of the lane pull that contradict or miss one another. */
export function checkPull(values: PropertyValues, given: ReadonlyMap<string, Cursor>): void {
  const fail: Fail = (name, message) => given.get(name)?.fail(message);
  checkNodes(values, fail);
  checkUser('pull.endpoint', values, fail);
  checkUser('pull.kafka', values, fail);
  checkCertificate('pull.endpoint', values, fail);
  checkTlsUse('pull.endpoint', values, fail);
  checkTlsUse('pull.kafka', values, fail);
  if (values['pull.source'] === 'kafka' && values['pull.kafka.bootstrap.servers'] === undefined) {
    fail('pull.source', 'is "kafka", but no Kafka is named. Set pull.kafka.bootstrap.servers, such as "kafka:9092".');
  }
}

function checkNodes(values: PropertyValues, fail: Fail): void {
  const host = values['pull.endpoint.host'];
  if (/^(0\.0\.0\.0|::)$/.test(host) && values['pull.endpoint.advertised'] === undefined) {
    fail(
      'pull.endpoint.host',
      `is ${host}, all addresses. Say which of them Druid reaches: set pull.endpoint.advertised.`,
    );
  }
  const { 'pull.endpoint.nodes': nodes, 'pull.endpoint.advertised': advertised } = values;
  if (nodes === undefined || nodes.some((node) => advertised && serverText(node) === serverText(advertised))) return;
  const which = 'Say which of them this process is: set pull.endpoint.advertised to that one.';
  fail('pull.endpoint.nodes', `has ${nodes.map(serverText).join(', ')}. ${which}`);
}

function checkUser(prefix: 'pull.endpoint' | 'pull.kafka', values: PropertyValues, fail: Fail): void {
  const [user, password] = [`${prefix}.sasl.user`, `${prefix}.sasl.password`] as const;
  if (values[user] !== undefined && values[password] === undefined) fail(user, `needs ${password} beside it.`);
  if (values[user] === undefined && values[password] !== undefined) fail(password, `needs ${user} beside it.`);
}
