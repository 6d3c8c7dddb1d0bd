import { networkInterfaces } from 'node:os';
import { Kafka, logLevel } from 'kafkajs';
import { expect, it } from 'vitest';
import { clientConfig } from '../src/config/client-config.js';
import type { ClientValues } from '../src/config/read-plan.js';
import { brokerNamed, hostNamed } from '../src/source/ipv6-names.js';
import { Sockets } from '../src/source/sockets.js';
import { SilentBroker } from './silent-broker.js';

it.each([
  ['[2001:db8::1]:9092', '2001:db8::1'],
  ['[::ffff:10.0.0.1]:9092', '::ffff:10.0.0.1'],
  ['kafka-1.example.com:9092', 'kafka-1.example.com'],
  ['10.0.0.1:9092', '10.0.0.1'],
])('the broker %s is found again behind a name without colons', (address, host) => {
  const [name = '', port] = brokerNamed(address).split(':');
  expect([hostNamed(name), port]).toEqual([host, '9092']);
});

const interfaces = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
const isThere = interfaces.some(({ family }) => family === 'IPv6');

it.runIf(isThere)('a broker with an address of IPv6 is reached', async () => {
  const broker = new SilentBroker();
  const port = (await broker.start()).split(':')[1] ?? '';
  const values = { 'kafka.bootstrap.servers': [`[::ffff:127.0.0.1]:${port}`], 'kafka.security.protocol': 'PLAINTEXT' };
  const config = await clientConfig(values as unknown as ClientValues, {});
  const socketFactory = new Sockets().factory;
  const admin = new Kafka({ ...config, socketFactory, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
  await admin.connect();
  expect(await admin.listTopics()).toEqual([]);
  await admin.disconnect();
  broker.stop();
});
