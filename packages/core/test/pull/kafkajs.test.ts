import { createPrivateKey } from 'node:crypto';
import { MemoryLog } from '@tranquility-js/scripted-druid';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/config/secret.js';
import { Endpoint, type EndpointOptions } from '../../src/pull/endpoint.js';
import { saslMechanisms } from '../../src/pull/sasl.js';
import { read } from '../support/certificates.js';
import { readWithKafkajs } from '../support/kafkajs-reader.js';

const tls = { chain: read('server.pem').toString(), key: createPrivateKey(read('server.key')) };
const users = new Map([['druid', new Secret('pässword, = of druid')]]);

describe('kafkajs reads', () => {
  const endpoints: Endpoint[] = [];
  afterEach(async () => {
    await Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
  });

  async function start(options: Omit<EndpointOptions, 'topics'>, logs: readonly MemoryLog[]): Promise<string> {
    const topics = new Map([['flights', logs.map((log) => ({ leader: 0, log }))]]);
    const endpoint = await Endpoint.start({ ...options, topics });
    endpoints.push(endpoint);
    return `127.0.0.1:${endpoint.port}`;
  }

  const filled = (batches: number, base = 0): MemoryLog => {
    const log = new MemoryLog(base);
    for (let batch = 0; batch < batches; batch++) {
      log.append(Array.from({ length: 50 }, (_, index) => `{"n":${batch * 50 + index},"text":"${'x'.repeat(100)}"}`));
    }
    return log;
  };
  const numbers = (values: readonly string[] | undefined): number[] =>
    (values ?? []).map((value) => (JSON.parse(value) as { n: number }).n);
  const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

  it('every partition, from 0 though the offsets begin elsewhere', async () => {
    const broker = await start({}, [filled(40), filled(3, 7_350_000_000_000_000), new MemoryLog()]);
    const partitions = await readWithKafkajs('flights', { brokers: [broker] });
    expect(numbers(partitions.get(0))).toEqual(upTo(2_000));
    expect(numbers(partitions.get(1))).toEqual(upTo(150));
    expect(partitions.get(2)).toEqual([]);
  });

  it('over TLS, and with a certificate of its own where one is asked for', async () => {
    const authorities = [read('authority.pem').toString()];
    const broker = await start({ tls: { ...tls, authorities } }, [filled(1)]);
    const ssl = { ca: authorities, cert: read('client.pem').toString(), key: read('client.key').toString() };
    const partitions = await readWithKafkajs('flights', { brokers: [broker], ssl });
    expect(numbers(partitions.get(0))).toEqual(upTo(50));
    await expect(readWithKafkajs('flights', { brokers: [broker], ssl: { ca: authorities } })).rejects.toThrow();
  });

  it.each(saslMechanisms)('with %s, and not with a wrong password', async (mechanism) => {
    const broker = await start({ tls, sasl: { users, mechanisms: saslMechanisms } }, [filled(1)]);
    const ssl = { ca: [read('authority.pem').toString()] };
    const kind = mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512';
    const as = (username: string, password: string): ReturnType<typeof readWithKafkajs> =>
      readWithKafkajs('flights', { brokers: [broker], ssl, sasl: { mechanism: kind, username, password } as never });
    expect(numbers((await as('druid', 'pässword, = of druid')).get(0))).toEqual(upTo(50));
    await expect(as('druid', 'wrong')).rejects.toThrow('The user is not known, or the password is wrong.');
    await expect(as('nobody', 'pässword, = of druid')).rejects.toThrow(
      'The user is not known, or the password is wrong.',
    );
  });

  it('from each node what it serves', async () => {
    const logs = [filled(2), filled(3)];
    const nodes = [
      { id: 0, host: '127.0.0.1', port: 0 },
      { id: 1, host: '127.0.0.1', port: 0 },
    ];
    for (const node of nodes) {
      const topic = logs.map((log, leader) => (leader === node.id ? { leader, log } : { leader }));
      const endpoint = await Endpoint.start({ topics: new Map([['flights', topic]]), nodes });
      endpoints.push(endpoint);
      node.port = endpoint.port;
    }
    const partitions = await readWithKafkajs('flights', { brokers: [`127.0.0.1:${nodes[1]?.port ?? 0}`] });
    expect(numbers(partitions.get(0))).toEqual(upTo(100));
    expect(numbers(partitions.get(1))).toEqual(upTo(150));
  });
});
