/**
 * A process that reads a topic when it is told to: `node kafka-contestant.ts connect|away|count|count-ours BOOTSTRAP TOPIC URL`. Each line of its input is
 * the number of records in the topic; for each it reads them all, from the beginning, and prints what that took: the time from the first
 * record on, and the CPU of all of it.
 */
import { createInterface } from 'node:readline';
import { createKafkaConnector, type KafkaConnector } from '@tranquility-js/kafka';
import kafkajs, { type Batch, type ConsumerConfig } from 'kafkajs';
import { recordsIn } from '../../../packages/kafka/src/source/fetch/fetched-records.js';
import { joinWith } from '../../../packages/kafka/src/source/membership.js';
import { config } from './events.js';

const [kind = '', bootstrap = '', topic = '', url = ''] = process.argv.slice(2);
let rounds = 0;

/** The connector, into something that takes everything. */
async function connect(records: number): Promise<number> {
  const connector = await connectorTo(url);
  await connector.start();
  await until(() => (connector.counters.topics[topic]?.received ?? 0) > 0);
  const began = performance.now();
  await until(() => connector.counters.topics[topic]?.sent === records);
  const seconds = since(began);
  await connector.close();
  return seconds;
}

/** The connector for so many seconds while nobody answers for Druid. */
async function away(seconds: number): Promise<number> {
  const connector = await connectorTo('http://127.0.0.1:9');
  await connector.start();
  const began = performance.now();
  await until(() => since(began) > seconds);
  await connector.close({ timeout: 0 });
  return seconds;
}

async function connectorTo(druid: string): Promise<KafkaConnector> {
  const { dataSources, properties } = config('bench', { 'druid.overlord.urls': druid }) as {
    dataSources: object[];
    properties: object;
  };
  return createKafkaConnector({
    config: { dataSources, properties: { ...properties, topicPattern: topic } },
    properties: {
      'kafka.bootstrap.servers': bootstrap,
      'kafka.group.id': group(),
      'kafka.auto.offset.reset': 'earliest',
    },
  });
}

/** The same client with the same settings, doing nothing but counting. */
const count = (records: number): Promise<number> => counting(records, {}, ({ messages }) => messages.length);

const unwatched = { answered: () => undefined, outOfRange: () => undefined };

/** The same, where answers are read as the connector reads them. */
const countOurs = (records: number): Promise<number> =>
  counting(
    records,
    { partitionAssigners: [joinWith({ ...unwatched, beforeJoin: () => Promise.resolve() })] },
    (batch) => recordsIn(batch, Number(batch.lastOffset()) + 1).length,
  );

async function counting(
  records: number,
  options: Partial<ConsumerConfig>,
  countIn: (batch: Batch) => number,
): Promise<number> {
  const kafka = new kafkajs.Kafka({ brokers: [bootstrap], logLevel: kafkajs.logLevel.NOTHING });
  const settings = { maxWaitTimeInMs: 250, maxBytesPerPartition: 524_288 };
  const consumer = kafka.consumer({ groupId: group(), ...settings, ...options });
  let counted = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 1_000,
    eachBatch: ({ batch }) => {
      counted += countIn(batch);
      return Promise.resolve();
    },
  });
  await until(() => counted > 0);
  const began = performance.now();
  await until(() => counted === records);
  const seconds = since(began);
  await consumer.disconnect();
  return seconds;
}

const since = (began: number): number => (performance.now() - began) / 1000;

const group = (): string => `${kind}-${process.pid}-${rounds++}`;

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const read = { connect, away, count, 'count-ours': countOurs }[kind] ?? count;
process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const rows = Number(line);
  const before = process.cpuUsage();
  const seconds = await read(rows);
  const { user, system } = process.cpuUsage(before);
  const memory = process.memoryUsage.rss();
  process.stdout.write(`${JSON.stringify({ rows, seconds, cpuSeconds: (user + system) / 1e6, memory })}\n`);
}
process.exit(0);
