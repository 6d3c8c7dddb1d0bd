import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { layout, readHeader } from '@tranquility-js/core/internal';
import { createKafkaConnector, type KafkaConnector } from '@tranquility-js/kafka';
import type { Sandbox } from '@tranquility-js/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { javaWriter, type JavaWriter } from '../src/kafka-clients.js';
import { framedRecord, serveSchemas } from '../src/schema-registry.js';
import { eventually, numbered, numberedRows, numberedSource, RealKafka, sink, sumOf } from '../src/real-kafka.js';

let kafka: RealKafka;
let druid: Sandbox;
let write: JavaWriter;
const connectors: KafkaConnector[] = [];

beforeAll(async () => {
  kafka = await RealKafka.start('4.4.0');
  druid = await sink();
  write = await javaWriter('4.4.0');
});
afterEach(async () => {
  await Promise.all(connectors.splice(0).map((connector) => connector.close({ timeout: 0 })));
});
afterAll(async () => {
  await druid.close();
  await kafka[Symbol.asyncDispose]();
});

async function connect(topic: string, own: object = {}, properties: object = {}): Promise<KafkaConnector> {
  const connector = await createKafkaConnector({
    config: {
      dataSources: [numberedSource(`${topic}-rows`, { topicPattern: topic, ...own })],
      properties: {
        'druid.overlord.urls': druid.url,
        'kafka.bootstrap.servers': kafka.bootstrap,
        'kafka.group.id': topic,
        'kafka.auto.offset.reset': 'earliest',
        ...properties,
      },
    },
  });
  connectors.push(connector);
  await connector.start();
  return connector;
}

const countersOf = (connector: KafkaConnector, topic: string) => connector.counters.topics[topic];

describe('compressed records', () => {
  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('what Java has written with %s is read', async (compression) => {
    const topic = await kafka.topic(compression);
    await write(kafka.bootstrap, topic, compression, 5_000, 200);
    const connector = await connect(topic);
    await eventually(() => countersOf(connector, topic)?.sent === 5_000);
    expect(await numberedRows(druid.url, `${topic}-rows`)).toEqual({ count: 5_000, sum: sumOf(5_000) });
  });

  it.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'a bomb of %s is refused, and what stands around it is read',
    async (compression) => {
      const topic = await kafka.topic(`bomb-${compression}`);
      await kafka.write(topic, numbered(10));
      await write(kafka.bootstrap, topic, compression, 4, 1_000_000);
      await kafka.write(topic, numbered(10, 10));
      const connector = await connect(topic, {}, { 'kafka.max.decompressed.bytes': '100000' });
      await eventually(() => countersOf(connector, topic)?.sent === 20);
      expect(countersOf(connector, topic)?.dropped).toEqual({ unparseable: 4 });
      await connector.close();
      expect(await kafka.places(topic, topic)).toEqual([24]);
    },
  );

  it('a bomb can be kept as a dead letter, which says where it lies', async () => {
    const [topic, letters] = [await kafka.topic('bomb'), await kafka.topic('bomb-letters')];
    await write(kafka.bootstrap, topic, 'gzip', 1, 1_000_000);
    await connect(topic, { 'deadLetter.topic': letters }, { 'kafka.max.decompressed.bytes': '100000' });
    const [letter] = await kafka.read(letters, 1);
    expect(letter?.headers).toMatchObject({
      'tranquility.reason': 'unparseable',
      'tranquility.message':
        'It is in a batch compressed with gzip that holds more than kafka.max.decompressed.bytes (100000).',
      'tranquility.topic': topic,
      'tranquility.offset': '0',
    });
  });
});

describe('records', () => {
  it('one of ten megabytes arrives', async () => {
    const topic = await kafka.topic('large', 1, { 'max.message.bytes': '20000000' });
    await write(kafka.bootstrap, topic, 'gzip', 2, 10_000_000);
    const connector = await connect(topic);
    await eventually(() => countersOf(connector, topic)?.sent === 2);
  });

  it('may hold several events, give them columns, and be filtered', async () => {
    const topic = await kafka.topic('columns');
    const [time, many] = [Date.now(), { a: 1, b: 2 }];
    await kafka.write(topic, [
      {
        key: 'one',
        value: JSON.stringify([
          { time, n: 1 },
          { time, n: 2, page: 'left out' },
        ]),
        headers: { trace: 't1' },
      },
      { key: 'two', value: `{"time":${time},"n":3}\n{"time":${time},"n":4}` },
      { key: 'three', value: JSON.stringify({ time, n: 5, many }) },
      { key: 'empty', value: '{}' },
    ]);
    const connector = await connect(topic, {
      columns: { key: 'page', offset: 'at', timestamp: 'kafkaTime', headers: { trace: 'trace' } },
      filter: { type: 'not', field: { type: 'selector', dimension: 'n', value: '2' } },
    });
    await eventually(() => countersOf(connector, topic)?.sent === 4);
    expect(countersOf(connector, topic)).toMatchObject({ received: 4, filtered: 1, dropped: { unparseable: 1 } });
    expect(await numberedRows(druid.url, `${topic}-rows`)).toEqual({ count: 4, sum: 13 });
    const response = await fetch(`${druid.url}/druid/v2/sql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: `SELECT "page", SUM("n") AS n FROM "${topic}-rows" GROUP BY 1 ORDER BY 1` }),
    });
    expect(await response.json()).toEqual([
      { page: 'one', n: 1 },
      { page: 'three', n: 5 },
      { page: 'two', n: 7 },
    ]);
  });
});

describe('a batch that is broken in the log of its broker', () => {
  /** Breaks the second batch in partition 0. @returns what mends it. */
  async function breakBatch(topic: string, damage: (batch: Buffer) => unknown): Promise<() => Promise<void>> {
    const segment = join(kafka.cluster.directory, 'kafka', 'data', `${topic}-0`, '00000000000000000000.log');
    const file = await open(segment, 'r+');
    const bytes = await file.readFile();
    const first = readHeader(bytes).size;
    const whole = bytes.subarray(first, first + readHeader(bytes, first).size);
    const write = async (batch: Buffer): Promise<void> => {
      await file.write(batch, 0, batch.length, first);
    };
    const batch = Buffer.from(whole);
    damage(batch);
    await write(batch);
    broken.push(file);
    return () => write(whole);
  }

  const broken: FileHandle[] = [];
  afterAll(async () => {
    for (const file of broken) await file.close();
  });

  it.each([
    [
      'is read when it is mended',
      {
        arrives: 300,
        // The broker itself cannot read it.
        damage: (batch: Buffer) => batch.fill(0),
        cure: (_: string, mend: () => Promise<void>) => mend(),
      },
    ],
    [
      'is left out when the place is moved behind it',
      {
        arrives: 200,
        damage: (batch: Buffer) => batch.writeInt32BE(-1, layout.count),
        cure: (topic: string) =>
          kafka.admin.setOffsets({ groupId: topic, topic, partitions: [{ partition: 0, offset: '200' }] }),
      },
    ],
  ])('holds up only its partition, and %s', async (_, { arrives, damage, cure }) => {
    const topic = await kafka.topic('broken', 2);
    const write = (partition: number, from: number) =>
      kafka.write(
        topic,
        numbered(100, from).map((message) => ({ ...message, partition })),
      );
    for (const from of [0, 100, 200]) await write(0, from);
    const mend = await breakBatch(topic, damage);
    await write(1, 300);
    const connector = await connect(topic, {}, { 'commit.periodMillis': '100' });
    await eventually(() => connector.reasons.length > 0 && countersOf(connector, topic)?.sent === 200);
    await write(1, 400);
    await eventually(() => countersOf(connector, topic)?.sent === 300);
    const { partitions, rebalances } = connector.counters;
    const said: unknown = expect.stringContaining(
      `${topic}, partition 0: the batch of records at offset 100 cannot be read`,
    );
    expect([rebalances, connector.reasons]).toEqual([1, [said]]);
    expect(partitions.toSorted((one, other) => one.partition - other.partition)).toMatchObject([
      { settled: 100, lag: 200, broken: said },
      { settled: 200, lag: 0 },
    ]);
    const { drained } = await connector.close();
    expect([drained, await kafka.places(topic, topic)]).toEqual([true, [100, 200]]);
    await cure(topic, mend);
    const next = await connect(topic);
    await eventually(() => countersOf(next, topic)?.sent === arrives - 100);
    expect(next.reasons).toEqual([]);
    await next.close();
    expect(await kafka.places(topic, topic)).toEqual([300, 200]);
    const missing = arrives === 300 ? { count: 0, sum: 0 } : { count: 100, sum: sumOf(200) - sumOf(100) };
    expect(await numberedRows(druid.url, `${topic}-rows`)).toEqual({
      count: 500 - missing.count,
      sum: sumOf(500) - missing.sum,
    });
  });
});

it('of transactions, what was given up is left out, and reading goes on behind it', async () => {
  const topic = await kafka.topic('transactions');
  const producer = kafka.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const write = async (from: number, end: 'commit' | 'abort'): Promise<void> => {
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages: [...numbered(10, from)] });
    await transaction[end]();
  };
  const connector = await connect(topic, {}, { 'kafka.isolation.level': 'read_committed' });
  const troubles: unknown[] = [];
  connector.on('trouble', (trouble) => troubles.push(trouble));
  await write(0, 'commit');
  await eventually(() => countersOf(connector, topic)?.sent === 10);
  // An answer with nothing that is for us, and one with a marker alone.
  await write(1_000, 'abort');
  await write(10, 'commit');
  await eventually(() => countersOf(connector, topic)?.sent === 20);
  await producer.disconnect();
  await kafka.write(topic, numbered(10, 20));
  await eventually(() => countersOf(connector, topic)?.sent === 30);
  expect([troubles, countersOf(connector, topic)?.received]).toEqual([[], 30]);
  await connector.close();
  expect(await kafka.places(topic, topic)).toEqual([43]);
  expect(await numberedRows(druid.url, `${topic}-rows`)).toEqual({ count: 30, sum: sumOf(30) });
});

describe('messages with a schema', () => {
  const schema = (name: string) => ({
    ...{ type: 'record', name },
    fields: ['time', 'n'].map((field) => ({ name: field, type: 'long' })),
  });
  const login = `Basic ${Buffer.from('reader:secret').toString('base64')}`;

  it('are read with the schemas of a registry; a wrong id is unparseable, and while the registry is away they wait', async () => {
    await using registry = await serveSchemas([schema('First'), schema('Second')], login);
    const [topic, plain] = [await kafka.topic('framed'), await kafka.topic('beside')];
    const time = Date.now();
    const framed = (id: number, n: number) => ({ value: framedRecord(id, time, n) });
    await kafka.write(topic, [framed(1, 1), framed(99, 2), framed(1, 3), { value: 'no schema' }]);
    const connector = await createKafkaConnector({
      config: {
        dataSources: [
          numberedSource(`${topic}-rows`, {
            ...{ topicPattern: topic, 'registry.url': registry.url },
            ...{ 'registry.user': 'reader', 'registry.password': 'secret' },
          }),
          numberedSource(`${plain}-rows`, { topicPattern: plain }),
        ],
        properties: {
          'druid.overlord.urls': druid.url,
          'kafka.bootstrap.servers': kafka.bootstrap,
          'kafka.group.id': topic,
          'kafka.auto.offset.reset': 'earliest',
        },
      },
    });
    connectors.push(connector);
    await connector.start();
    await eventually(() => countersOf(connector, topic)?.sent === 2);
    await eventually(() => countersOf(connector, topic)?.dropped['unparseable'] === 2);
    registry.hide(true);
    await kafka.write(topic, [framed(1, 4), framed(2, 5)]);
    await kafka.write(plain, numbered(10));
    await eventually(() => countersOf(connector, plain)?.sent === 10);
    await eventually(() => countersOf(connector, topic)?.sent === 3);
    expect(await connector.commit()).toBe(true);
    expect((await kafka.places(topic, topic))[0]).toBeLessThanOrEqual(5);
    registry.hide(false);
    await eventually(() => countersOf(connector, topic)?.sent === 4);
    await connector.close();
    expect(await kafka.places(topic, topic)).toEqual([6]);
    expect(await numberedRows(druid.url, `${topic}-rows`)).toEqual({ count: 4, sum: 13 });
  });

  it('a registry that refuses us ends the connector, without the password', async () => {
    await using registry = await serveSchemas([schema('First')], login);
    const topic = await kafka.topic('refused');
    await kafka.write(topic, [{ value: framedRecord(1, Date.now(), 1) }]);
    const connector = await connect(topic, { 'registry.url': registry.url, 'registry.token': 'of-no-worth' });
    await eventually(() => connector.error !== undefined);
    expect(connector.error).toMatchObject({ code: 'TRQ_REGISTRY_REFUSED' });
    expect(connector.error?.message).not.toContain('of-no-worth');
    await connector.close();
    expect((await kafka.places(topic, topic))[0]).toBeLessThanOrEqual(0);
  });
});
