import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { consumerProperties, Endpoint, Secret, type EndpointOptions } from '@tranquility-js/core/internal';
import { MemoryLog } from '@tranquility-js/scripted-druid';
import { afterEach, describe, expect, it } from 'vitest';
import { javaReader } from '../src/kafka-clients.js';

const fixture = (name: string): string =>
  new URL(`../../../packages/core/test/fixtures/tls/${name}`, import.meta.url).pathname;
const tls = {
  chain: readFileSync(fixture('server.pem'), 'utf8'),
  key: createPrivateKey(readFileSync(fixture('server.key'))),
  authorities: [readFileSync(fixture('authority.pem'), 'utf8')],
};
const password = 'a "password" with \\';
const stores = {
  'ssl.truststore.location': fixture('trust.p12'),
  'ssl.truststore.type': 'PKCS12',
  'ssl.truststore.password': 'of-no-worth',
  'ssl.keystore.location': fixture('client-java.p12'),
  'ssl.keystore.type': 'PKCS12',
  'ssl.keystore.password': 'of-no-worth',
};

// Druid 0.20 has 2.6.0 in it, 0.23 has 3.1.0, 28 has 3.5.1, and 33 has 3.9.
describe.each(['2.1.0', '2.6.0', '3.1.0', '3.5.1', '3.9.1', '4.4.0'])('the Java client %s reads', (version) => {
  const endpoints: Endpoint[] = [];
  afterEach(async () => {
    await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
  });

  const perPartition = 100_000;
  const logs = [0, 7_350_000_000_000_000, 5].map((base) => {
    const log = new MemoryLog(base);
    for (let n = 0; n < perPartition; n += 500) {
      // Offsets that are not there, as after a doubt about the end of a log.
      const offset = n === 50_000 ? log.endOffset + 1_000_000 : log.endOffset;
      log.append(
        Array.from({ length: 500 }, (_, index) => String(n + index)),
        { offset },
      );
    }
    return log;
  });
  const whole = { count: perPartition, sum: (perPartition * (perPartition - 1)) / 2 };

  async function start(options: Omit<EndpointOptions, 'topics'>, served = logs): Promise<Endpoint> {
    const topics = new Map([
      ['numbers', [...served.map((log) => ({ leader: 0, log })), { leader: 0, log: new MemoryLog() }]],
    ]);
    const endpoint = await Endpoint.start({ ...options, topics });
    endpoints.push(endpoint);
    return endpoint;
  }

  it('every record of every partition, over gaps, beside a partition that is idle', async () => {
    const { port } = await start({});
    const read = await javaReader(version);
    expect(await read(`127.0.0.1:${port}`, 'numbers')).toEqual([whole, whole, whole, { count: 0, sum: 0 }]);
  });

  it('over TLS with a certificate of its own, and a password by SCRAM or PLAIN', async () => {
    const users = new Map([['druid', new Secret(password)]]);
    const read = await javaReader(version);
    for (const mechanism of ['SCRAM-SHA-256', 'SCRAM-SHA-512', 'PLAIN'] as const) {
      const { nodes } = await start({ tls, sasl: { users, mechanisms: [mechanism] } }, logs.slice(0, 1));
      const sasl = { mechanism, user: 'druid', password: new Secret(password) };
      const properties = consumerProperties({ nodes, tls: true, sasl, properties: stores }) as Record<string, string>;
      expect(await read(String(properties['bootstrap.servers']), 'numbers', properties)).toEqual([
        whole,
        { count: 0, sum: 0 },
      ]);
    }
  });

  it('from each of two nodes what it serves', async () => {
    const nodes = [0, 1].map((id) => ({ id, host: '127.0.0.1', port: 0 }));
    for (const node of nodes) {
      const topic = logs.map((log, index) =>
        index % 2 === node.id ? { leader: node.id, log } : { leader: index % 2 },
      );
      const endpoint = await Endpoint.start({ topics: new Map([['numbers', topic]]), nodes });
      endpoints.push(endpoint);
      node.port = endpoint.port;
    }
    const read = await javaReader(version);
    expect(await read(`127.0.0.1:${nodes[1]?.port ?? 0}`, 'numbers')).toEqual([whole, whole, whole]);
  });
});
