import { setTimeout as sleep } from 'node:timers/promises';
import { createKafkaConnector, type KafkaConnector, type SourceTrouble } from '@tranquility-js/kafka';
import type { Sandbox } from '@tranquility-js/sandbox';
import { CompressionTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  eventually,
  numbered,
  numberedRows,
  numberedSource,
  RealKafka,
  sink,
  sumOf,
  type Written,
} from '../src/real-kafka.js';
import { temporaryDirectory } from '../src/temporary.js';

/** An address where nobody listens. */
const nowhere = 'http://127.0.0.1:9';

describe.each(['3.9.1', '4.4.0'])('the connector on Kafka %s', (version) => {
  let kafka: RealKafka;
  let druid: Sandbox;
  const open: KafkaConnector[] = [];

  beforeAll(async () => {
    kafka = await RealKafka.start(version);
    druid = await sink();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connector) => connector.close({ timeout: 0 })));
  });
  afterAll(async () => {
    await druid.close();
    await kafka[Symbol.asyncDispose]();
  });

  interface Made {
    readonly connector: KafkaConnector;
    readonly troubles: SourceTrouble[];
  }

  /** A connector that is quick to notice things. */
  async function connect(
    group: string,
    dataSources: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    properties: Readonly<Record<string, unknown>> = {},
  ): Promise<Made> {
    const connector = await createKafkaConnector({
      config: {
        dataSources: Object.entries(dataSources).map(([name, own]) => numberedSource(name, own)),
        properties: {
          'druid.overlord.urls': druid.url,
          'kafka.bootstrap.servers': kafka.bootstrap,
          'kafka.group.id': group,
          'kafka.auto.offset.reset': 'earliest',
          'kafka.session.timeout.ms': '6000',
          'kafka.heartbeat.interval.ms': '250',
          'kafka.metadata.max.age.ms': '500',
          'commit.periodMillis': '100',
          ...properties,
        },
      },
    });
    const troubles: SourceTrouble[] = [];
    connector.on('trouble', (trouble) => troubles.push(trouble));
    open.push(connector);
    return { connector, troubles };
  }

  const rows = (dataSource: string): Promise<{ count: number; sum: number }> => numberedRows(druid.url, dataSource);
  const sentOf = ({ connector }: Made, topic: string): number => connector.counters.topics[topic]?.sent ?? 0;

  it('brings a topic to its dataSource, and commits what has arrived', async () => {
    const topic = await kafka.topic('plain', 3);
    await kafka.write(topic, numbered(10_000));
    const made = await connect('plain', { [`${topic}-rows`]: { topicPattern: topic } });
    await made.connector.start();
    await eventually(() => sentOf(made, topic) === 10_000);
    const { drained } = await made.connector.close();
    expect(drained).toBe(true);
    expect(await rows(`${topic}-rows`)).toEqual({ count: 10_000, sum: sumOf(10_000) });
    const places = await kafka.places('plain', topic);
    expect(places.reduce((sum, place) => sum + place)).toBe(10_000);
  });

  it('goes on where it was, for whoever comes next', async () => {
    const topic = await kafka.topic('again', 2);
    for (let round = 0; round < 3; round++) {
      await kafka.write(topic, numbered(1_000, round * 1_000));
      const made = await connect('again', { [`${topic}-rows`]: { topicPattern: topic } });
      await made.connector.start();
      await eventually(() => sentOf(made, topic) === 1_000);
      await made.connector.close();
    }
    expect(await rows(`${topic}-rows`)).toEqual({ count: 3_000, sum: sumOf(3_000) });
  });

  it('shares partitions with others, who come and go, and sends nothing twice', async () => {
    const topic = await kafka.topic('shared', 6);
    const sources = { [`${topic}-rows`]: { topicPattern: topic } };
    const first = await connect('shared', sources);
    await first.connector.start();
    let written = 0;
    const writeOn = async (): Promise<void> => {
      await kafka.write(topic, numbered(1_000, written));
      written += 1_000;
    };
    await writeOn();
    const second = await connect('shared', sources);
    await second.connector.start();
    const ofBoth = () => [first, second].map(({ connector }) => connector.counters.partitions.length);
    while (ofBoth().join() !== '3,3') await writeOn();
    await second.connector.close();
    while (ofBoth()[0] !== 6) await writeOn();
    await eventually(() => sentOf(first, topic) + sentOf(second, topic) >= written);
    await first.connector.close();
    expect(await rows(`${topic}-rows`)).toEqual({ count: written, sum: sumOf(written) });
  });

  it('a dataSource that is stuck holds up no other, nor the membership', async () => {
    const [stuck, free] = [await kafka.topic('stuck', 2), await kafka.topic('free', 2)];
    const made = await connect(
      'stuck',
      {
        [`${stuck}-rows`]: { topicPattern: stuck, 'druid.overlord.urls': nowhere },
        [`${free}-rows`]: { topicPattern: free },
      },
      { 'kafka.max.waiting.bytes': '100000', 'tranquility.maxBatchSize': '100', 'tranquility.maxPendingBatches': '1' },
    );
    await kafka.write(stuck, numbered(5_000));
    await made.connector.start();
    for (let round = 0; round < 5; round++) {
      await kafka.write(free, numbered(1_000, round * 1_000));
      await eventually(() => sentOf(made, free) === (round + 1) * 1_000);
    }
    const { partitions, rebalances } = made.connector.counters;
    expect(rebalances).toBe(1);
    for (const { topic, settled, waitingBytes } of partitions) {
      if (topic === stuck) expect(settled).toBe(0);
      expect(waitingBytes).toBeLessThan(1_000_000);
    }
    await made.connector.close({ timeout: 100 });
    expect(await kafka.places('stuck', stuck)).toEqual([0, 0]);
    expect((await kafka.places('stuck', free)).reduce((sum, place) => sum + place)).toBe(5_000);
  });

  it('reads what is left where records were deleted unread, and says how many', async () => {
    const topic = await kafka.topic('deleted');
    await kafka.write(topic, numbered(100));
    await kafka.admin.setOffsets({ groupId: 'deleted', topic, partitions: [{ partition: 0, offset: '10' }] });
    await kafka.trim(topic, 50);
    const made = await connect(
      'deleted',
      { [`${topic}-rows`]: { topicPattern: topic } },
      { 'kafka.auto.offset.reset': 'latest' },
    );
    await made.connector.start();
    await eventually(() => sentOf(made, topic) === 50);
    expect(made.troubles).toMatchObject([{ kind: 'lost-records', topic, partition: 0, count: 40 }]);
    expect(made.connector.counters.lost).toBe(40);
  });

  it('the same while it runs', async () => {
    const topic = await kafka.topic('trimmed');
    const made = await connect('trimmed', { [`${topic}-rows`]: { topicPattern: topic } });
    await made.connector.start();
    await kafka.write(topic, numbered(10));
    await eventually(() => sentOf(made, topic) === 10);
    made.connector.pause();
    await kafka.write(topic, numbered(90, 10));
    await kafka.trim(topic, 60);
    made.connector.resume();
    await eventually(() => sentOf(made, topic) >= 50);
    await eventually(() => made.connector.counters.lost > 0);
    await made.connector.close();
    expect(await kafka.places('trimmed', topic)).toEqual([100]);
  });

  it('a topic that was deleted and made anew is read from its beginning', async () => {
    const topic = await kafka.topic('anew');
    await kafka.write(topic, numbered(100));
    const sources = { [`${topic}-rows`]: { topicPattern: topic } };
    const first = await connect('anew', sources);
    await first.connector.start();
    await eventually(() => sentOf(first, topic) === 100);
    await first.connector.close();
    await kafka.admin.deleteTopics({ topics: [topic] });
    await eventually(async () => !(await kafka.admin.listTopics()).includes(topic));
    await kafka.create(topic);
    await kafka.write(topic, numbered(20, 100));
    await kafka.admin.setOffsets({ groupId: 'anew', topic, partitions: [{ partition: 0, offset: '100' }] });
    const second = await connect('anew', sources, { 'kafka.auto.offset.reset': 'latest' });
    await second.connector.start();
    await eventually(() => sentOf(second, topic) === 20);
    expect(second.troubles).toMatchObject([{ kind: 'another-log', topic }]);
    await second.connector.close();
    expect(await rows(`${topic}-rows`)).toEqual({ count: 120, sum: sumOf(120) });
  });

  it('so is one that is deleted and made anew while it runs', async () => {
    const topic = await kafka.topic('renewed');
    await kafka.write(topic, numbered(30));
    const sources = { 'renewed-rows': { topicPattern: 'renewed-.*' } };
    const made = await connect('renewed', sources, { 'kafka.auto.offset.reset': 'latest' });
    await made.connector.start();
    const isOurs = () => made.connector.counters.partitions.some((one) => one.topic === topic);
    await eventually(isOurs);
    await kafka.write(topic, numbered(10, 30));
    await eventually(() => sentOf(made, topic) === 10);
    await kafka.admin.deleteTopics({ topics: [topic] });
    await eventually(() => !isOurs());
    await kafka.create(topic);
    await kafka.write(topic, numbered(20, 100));
    await eventually(() => sentOf(made, topic) === 30);
    await made.connector.close();
    expect(await kafka.places('renewed', topic)).toEqual([20]);
  });

  it.each([
    ['shorter', 20],
    ['longer', 150],
  ])(
    'so is one that is made anew while it does not look, and is %s, and the group has a place in it',
    async (_, count) => {
      const topic = await kafka.topic('unseen');
      const sources = { [`${topic}-rows`]: { topicPattern: topic } };
      const made = await connect(topic, sources, { 'kafka.metadata.max.age.ms': '600000' });
      await made.connector.start();
      await kafka.write(topic, numbered(100));
      await eventually(() => sentOf(made, topic) === 100);
      expect(await made.connector.commit()).toBe(true);
      made.connector.pause();
      await kafka.admin.deleteTopics({ topics: [topic] });
      await eventually(async () => !(await kafka.admin.listTopics()).includes(topic));
      await kafka.create(topic);
      await kafka.write(topic, numbered(count, 100));
      // A log is doubted only after a rest of a second.
      await sleep(1_100);
      made.connector.resume();
      await eventually(() => sentOf(made, topic) === 100 + count);
      expect(made.troubles).toMatchObject([{ kind: 'another-log', topic }]);
      await made.connector.close();
      expect(await kafka.places(topic, topic)).toEqual([count]);
    },
  );

  it('a transaction that is open has nothing read again, where what is not committed is read', async () => {
    const topic = await kafka.topic('open');
    await kafka.write(topic, numbered(50));
    const writer = kafka.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await writer.connect();
    const transaction = await writer.transaction();
    await transaction.send({ topic, messages: [...numbered(1, 50)] });
    await kafka.write(topic, numbered(50, 51));
    const sources = { [`${topic}-rows`]: { topicPattern: topic } };
    const properties = { 'kafka.isolation.level': 'read_uncommitted' };
    const first = await connect('open', sources, properties);
    await first.connector.start();
    await eventually(() => sentOf(first, topic) === 101);
    await first.connector.close();
    const second = await connect('open', sources, properties);
    await second.connector.start();
    await kafka.write(topic, numbered(1, 101));
    await eventually(() => sentOf(second, topic) > 0);
    await second.connector.close();
    expect([sentOf(second, topic), second.troubles]).toEqual([1, []]);
    await transaction.abort();
    await writer.disconnect();
  });

  it('a place in a transaction that is open is one in the same log, where only what is committed is read', async () => {
    const group = 'within-open';
    const topic = await kafka.topic(group);
    await kafka.write(topic, numbered(50));
    const writer = kafka.kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true });
    await writer.connect();
    const transaction = await writer.transaction();
    await transaction.send({ topic, messages: [...numbered(50, 50)] });
    await kafka.admin.setOffsets({ groupId: group, topic, partitions: [{ partition: 0, offset: '100' }] });
    const made = await connect(group, { [`${topic}-rows`]: { topicPattern: topic } });
    await made.connector.start();
    await eventually(() => made.connector.counters.partitions.length === 1);
    await transaction.commit();
    await writer.disconnect();
    await kafka.write(topic, numbered(1, 100));
    await eventually(() => sentOf(made, topic) > 0);
    await made.connector.close();
    expect([sentOf(made, topic), made.troubles, await kafka.places(group, topic)]).toEqual([1, [], [102]]);
  });

  it('topics and partitions that are made later are read from their beginning, and topics go', async () => {
    const made = await connect(
      'later',
      { 'later-rows': { topicPattern: 'later-.*' } },
      { 'kafka.auto.offset.reset': 'latest' },
    );
    await made.connector.start();
    expect(made.troubles).toMatchObject([{ kind: 'no-topics' }]);
    await kafka.create('later-a');
    await kafka.write('later-a', numbered(500));
    await eventually(() => sentOf(made, 'later-a') === 500);
    await kafka.create('later-b');
    await kafka.write('later-b', numbered(500, 500));
    await eventually(() => sentOf(made, 'later-b') === 500);
    const more = numbered(600, 1_000).map((message, at) => ({ ...message, partition: at % 3 }));
    await kafka.grow('later-a', 3, more);
    await eventually(() => sentOf(made, 'later-a') === 1_100);
    await kafka.admin.deleteTopics({ topics: ['later-b'] });
    await eventually(() => made.connector.counters.partitions.every(({ topic }) => topic !== 'later-b'));
    await kafka.write('later-a', numbered(100, 1_600));
    await eventually(() => sentOf(made, 'later-a') === 1_200);
    await made.connector.close();
    expect(await rows('later-rows')).toEqual({ count: 1_700, sum: sumOf(1_700) });
    expect(await kafka.admin.listTopics()).not.toContain('later-b');
  });

  it('topics find their dataSources as Tranquility has it: by whole names, priority, or their own name', async () => {
    const group = 'wikipedia';
    const topics = ['wikipedia', 'wikipedia-fr', 'my-wikipedia', 'edits-de'];
    for (const [at, topic] of topics.entries()) {
      await kafka.create(topic);
      await kafka.write(topic, numbered(100, 100 * at));
    }
    const made = await connect(group, {
      'all-wikipedia': { topicPattern: 'wikipedia|wikipedia-.*' },
      'only-fr': { topicPattern: 'wikipedia-fr', 'topicPattern.priority': '2' },
      template: { topicPattern: 'edits-.*', useTopicAsDataSource: 'true' },
    });
    await made.connector.start();
    await eventually(() => sentOf(made, 'edits-de') === 100);
    for (const [at, topic] of ['wikipedia-de', 'edits-fr'].entries()) {
      await kafka.create(topic);
      await kafka.write(topic, numbered(100, 400 + 100 * at));
      await eventually(() => sentOf(made, topic) === 100);
    }
    expect((await made.connector.close()).topics).not.toHaveProperty('my-wikipedia');
    const sum = (hundreds: number): { count: number; sum: number } => ({
      count: 100,
      sum: sumOf(100) + 100 * 100 * hundreds,
    });
    expect(await rows('all-wikipedia')).toEqual({ count: 200, sum: 2 * sumOf(100) + 100 * 400 });
    expect(await rows('only-fr')).toEqual(sum(1));
    expect(await rows('edits-de')).toEqual(sum(3));
    expect(await rows('edits-fr')).toEqual(sum(5));
  });

  it('a session that three does not divide changes nothing', async () => {
    const topic = await kafka.topic('third', 2);
    const properties = { 'kafka.session.timeout.ms': '7000' };
    const wish = { [`${topic}-rows`]: { topicPattern: topic } };
    const one = await connect(topic, wish, properties);
    await one.connector.start();
    await eventually(() => one.connector.counters.partitions.length === 2);
    const other = await connect(topic, wish, properties);
    await other.connector.start();
    await eventually(() => one.connector.counters.partitions.length === 1);
    expect(one.troubles).toEqual([]);
  });

  it('a broker that stops, or is killed, and comes back, costs nothing', async () => {
    const topic = await kafka.topic('outage', 2);
    const made = await connect('outage', { [`${topic}-rows`]: { topicPattern: topic } });
    await made.connector.start();
    const broker = kafka.cluster.service('kafka');
    let written = 0;
    for (const end of ['stop', 'kill'] as const) {
      await kafka.write(topic, numbered(1_000, written));
      written += 1_000;
      await eventually(() => sentOf(made, topic) >= written);
      await broker[end]();
      await broker.start();
    }
    await kafka.write(topic, numbered(1_000, written));
    written += 1_000;
    await eventually(() => sentOf(made, topic) >= written);
    expect(await eventuallyTrue(() => made.connector.commit())).toBe(true);
    expect((await rows(`${topic}-rows`)).count).toBeGreaterThanOrEqual(written);
  });

  it('is quiet when there is nothing to do', async () => {
    const topic = await kafka.topic('idle');
    const made = await connect('idle', { [`${topic}-rows`]: { topicPattern: topic } });
    await made.connector.start();
    await eventually(() => made.connector.counters.partitions.length === 1);
    const { setTimeout: real } = globalThis;
    let timers = 0;
    globalThis.setTimeout = ((...args: Parameters<typeof real>) => {
      timers++;
      return real(...args);
    }) as typeof real;
    await new Promise((resolve) => real(resolve, 2_000));
    globalThis.setTimeout = real;
    expect(timers).toBeLessThan(200);
  });

  it('a record that cannot be read ends it, when that is wished, and nothing behind it is committed', async () => {
    const topic = await kafka.topic('broken');
    await kafka.write(topic, [...numbered(10), { value: 'no JSON' }, ...numbered(10, 10)]);
    const made = await connect('broken', { [`${topic}-rows`]: { topicPattern: topic, reportParseExceptions: 'true' } });
    const fatal = new Promise<Error>((resolve) => made.connector.once('fatal', resolve));
    await made.connector.start();
    expect(await fatal).toMatchObject({ code: 'TRQ_EVENT_DROPPED' });
    expect((await kafka.places('broken', topic))[0]).toBeLessThanOrEqual(10);
  });

  it('a partition stands still at such a record, when that is wished, and others go on', async () => {
    const topic = await kafka.topic('standing', 2);
    await kafka.write(topic, [
      { value: 'no JSON', partition: 0 },
      ...numbered(100).map((message) => ({ ...message, partition: 1 })),
    ]);
    const made = await connect('standing', { [`${topic}-rows`]: { topicPattern: topic, onUnparseable: 'stop' } });
    await made.connector.start();
    await eventually(() => sentOf(made, topic) === 100 && made.connector.reasons.length === 1);
    expect(made.connector.reasons[0]).toContain(`${topic}, partition 0 stands still at 0 (unparseable)`);
    await made.connector.close();
    expect(await kafka.places('standing', topic)).toEqual([0, 100]);
  });

  it('keeps what did not arrive as dead letters, with all that it was', async () => {
    const [topic, letters] = [await kafka.topic('poor'), await kafka.topic('letters')];
    await kafka.write(topic, [
      ...numbered(5),
      { key: 'k', value: 'no JSON', headers: { trace: 'abc' } },
      { key: 'old', value: JSON.stringify({ time: '2001-01-01', n: 0 }) },
      { key: 'gone', value: null },
      ...numbered(5, 5),
    ]);
    const made = await connect('poor', { [`${topic}-rows`]: { topicPattern: topic, 'deadLetter.topic': letters } });
    await made.connector.start();
    await eventually(() => sentOf(made, topic) === 10);
    const found = await kafka.read(letters, 2);
    await made.connector.close();
    expect(found).toMatchObject([
      {
        key: 'k',
        value: 'no JSON',
        headers: { trace: 'abc', 'tranquility.reason': 'unparseable', 'tranquility.offset': '5' },
      },
      {
        key: 'old',
        headers: { 'tranquility.reason': 'late', 'tranquility.topic': topic, 'tranquility.partition': '0' },
      },
    ]);
    expect(made.connector.counters.topics[topic]).toMatchObject({
      received: 13,
      sent: 10,
      filtered: 1,
      deadLetters: 2,
      dropped: { unparseable: 1, late: 1 },
    });
    expect(await kafka.places('poor', topic)).toEqual([13]);
  });

  it('has what is late appended, when that is wished', async () => {
    const topic = await kafka.topic('late');
    const late = numbered(10, 100).map((message) => ({ ...message, value: aged(message.value) }));
    await kafka.write(topic, [...numbered(100), ...late]);
    const directory = await temporaryDirectory();
    const made = await connect(
      'late',
      { [`${topic}-rows`]: { topicPattern: topic, window: 'append' } },
      { 'journal.directory': directory, 'append.endpoint.port': '0', 'append.maxAge': 'PT0.1S' },
    );
    await made.connector.start();
    await eventually(async () => (await rows(`${topic}-rows`)).count === 110);
    await made.connector.close();
    expect(await rows(`${topic}-rows`)).toEqual({ count: 110, sum: sumOf(110) });
    expect(made.connector.counters.topics[topic]).toMatchObject({ sent: 110, dropped: {} });
    expect(await kafka.places('late', topic)).toEqual([110]);
  });

  it('places are committed, though a dataSource whose events are staged waits for room in its journal', async () => {
    const [full, free] = [await kafka.topic('full'), await kafka.topic('beside')];
    const made = await connect(
      'full',
      {
        [`${full}-rows`]: { topicPattern: full, 'tranquility.lane': 'append' },
        [`${free}-rows`]: { topicPattern: free },
      },
      {
        'journal.directory': await temporaryDirectory(),
        'journal.maxBytes': '4194304',
        'journal.reservePeriod': 'PT0S',
        'append.endpoint.port': '0',
        'append.maxAge': 'PT0.1S',
      },
    );
    await kafka.write(free, numbered(10));
    await made.connector.start();
    await eventually(async () => (await kafka.places('full', free))[0] === 10);
    const fault = druid.faults.add({
      action: { kind: 'hang' },
      method: 'POST',
      path: /indexer\/v1\/task$/,
      times: Infinity,
    });
    const round = 500;
    const write = (n: number): Promise<void> => kafka.write(full, numbered(round, n, { pad: 'x'.repeat(1_000) }));
    const isCommitted = async (end: number): Promise<boolean> => (await kafka.places('full', full))[0] === end;
    for (let n = 0; n < 2_500; n += round) {
      await write(n);
      await eventually(() => isCommitted(n + round));
    }
    for (let n = 2_500; n < 5_500; n += round) await write(n);
    await eventually(() => made.connector.reasons.some((reason) => reason.startsWith('Nothing more can be shown')));
    await kafka.write(free, numbered(10, 10));
    await eventually(async () => (await kafka.places('full', free))[0] === 20);
    druid.faults.remove(fault);
    await eventually(() => isCommitted(5_500));
  });

  it('reads compressed records, and keeps little in memory', async () => {
    const topic = await kafka.topic('gzip');
    const big = numbered(5_000, 0, { pad: 'x'.repeat(2_000) });
    await kafka.producer.send({ topic, compression: CompressionTypes.GZIP, messages: big });
    const made = await connect(
      'gzip',
      { [`${topic}-rows`]: { topicPattern: topic } },
      { 'kafka.max.waiting.bytes': '1000000' },
    );
    await made.connector.start();
    await eventually(() => sentOf(made, topic) === 5_000);
    expect(await rows(`${topic}-rows`)).toEqual({ count: 5_000, sum: sumOf(5_000) });
  });
});

/** The same event, a day older. */
const aged = (value: Written['value']): string => {
  const event = JSON.parse(String(value)) as { time: number };
  return JSON.stringify({ ...event, time: event.time - 24 * 3_600_000 });
};

async function eventuallyTrue(attempt: () => Promise<boolean>): Promise<boolean> {
  await eventually(attempt);
  return true;
}
