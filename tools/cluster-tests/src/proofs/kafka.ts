import { strict as assert } from 'node:assert';
import { freePorts } from '@tranquility-js/ports';
import { pulledByIndexer } from '../cluster-options.js';
import { crashes, group, partitions, readAll, sessionTimeout, type Crashed } from '../connector-crashes.js';
import { endpoints } from '../cluster.js';
import { sql, until } from '../druid.js';
import { distinctAtOnce } from '../numbered.js';
import type { Case, Figures, Proof } from '../proof.js';
import { RealKafka } from '../real-kafka.js';
import { rowSpec } from '../row-spec.js';
import { temporaryDirectory, temporaryFile } from '../temporary.js';

const sizes = { small: 60_000, full: 2_000_000 };
/** How long Druid may take to show all that it pulls or that is appended, in milliseconds. */
const patience = 240_000;
/** Of so many events one is late, and appended. */
const lateEach = 100;

export const kafka: Proof = {
  name: 'kafka',
  promise:
    'Two connectors share topics; one is killed, and so is the broker: nothing is missing, and what is twice was under way; nothing is, where tasks tell ids apart, Druid pulls, or batches are appended',
  cases: [
    {
      name: 'two processes, one killed and started again, and a broker that is killed and comes back',
      async run({ size, tell, dataSource }) {
        await using broker = await RealKafka.start('4.4.0');
        const started = performance.now();
        const [events, name, once] = [sizes[size], dataSource('from_kafka'), dataSource('once_from_kafka')];
        const topic = await broker.topic('events', partitions);
        const onceTopic = await broker.topic('once', partitions);
        const sources = [rowSource(name, topic, { window: 'append' }), onceSource(once, onceTopic)];
        const configs = await Promise.all(
          [1, 2].map(async () =>
            configFile(broker, sources, {
              'journal.directory': await temporaryDirectory(),
              'append.endpoint.port': '0',
              'append.maxAge': 'PT5S',
            }),
          ),
        );
        const topics = [{ topic, lateEach }, { topic: onceTopic }];
        const settled = (): Promise<void> => shown(() => lateIn(name), Math.ceil(events / lateEach));
        const [plain, told] = await crashes(broker, { topics, configs, events, tell, settled });
        assert.ok(plain !== undefined && told !== undefined);

        const found = await numbersIn(name, events);
        assert.equal(found.distinct, events, 'different numbers');
        const twice = found.rows - events;
        assert.ok(
          twice <= plain.underWay + plain.written - events,
          `${twice} are twice, of ${plain.underWay} under way: ${await repeatsIn(name)}\n${plain.log}`,
        );

        tell('Reading again all of what has ids');
        const reader = 'reads-again';
        const again = await configFile(broker, [onceSource(once, onceTopic)], { 'kafka.group.id': reader });
        await readAll(broker, again, reader, onceTopic);
        await assertOnce(once, events, told);
        return {
          ...figuresOf(events, plain),
          ...{ missing: 0, twice, 'late, and appended': await lateIn(name) },
          ...{ 'with ids, read again': told.written, 'with ids, twice': 0 },
          seconds: secondsSince(started),
        };
      },
    },
    onceThere('the same, where Druid pulls: exactly once', 'pulled_from_kafka', (port, ports) => ({
      'pull.endpoint.port': String(port),
      'pull.endpoint.advertised': `127.0.0.1:${port}`,
      'pull.endpoint.nodes': ports.map((each) => `127.0.0.1:${each}`).join(','),
      'task.partitions': 2,
    })),
    {
      ...onceThere('the same, where batches are appended: exactly once', 'appended_from_kafka', (port) => ({
        'tranquility.lane': 'append',
        'append.endpoint.port': String(port),
        'append.maxAge': 'PT5S',
      })),
      isForFullSize: true,
    },
  ],
};

/** Two processes with a journal each, and ports that they know of each other. */
function onceThere(
  name: string,
  rows: string,
  propertiesOf: (port: number, ports: readonly number[]) => Readonly<Record<string, unknown>>,
): Case {
  return {
    name,
    cluster: pulledByIndexer,
    async run({ size, tell, dataSource }) {
      await using broker = await RealKafka.start('4.4.0');
      const started = performance.now();
      const [events, named] = [sizes[size], dataSource(rows)];
      const topic = await broker.topic('events', partitions);
      const ports = await freePorts(2);
      const configs = await Promise.all(
        ports.map(async (port) =>
          configFile(broker, [rowSource(named, topic)], {
            'journal.directory': await temporaryDirectory(),
            ...propertiesOf(port, ports),
          }),
        ),
      );
      const settled = ([written = 0]: readonly number[]): Promise<void> => shown(() => rowsIn(named), written);
      const [only] = await crashes(broker, { topics: [{ topic }], configs, events, tell, settled });
      assert.ok(only !== undefined);
      await assertOnce(named, events, only);
      return { ...figuresOf(events, only), missing: 0, twice: 0, seconds: secondsSince(started) };
    },
  };
}

const figuresOf = (events: number, { written, underWay }: Crashed): Figures => ({
  events,
  'written twice': written - events,
  'under way at the two kills, at most': underWay,
});

const secondsSince = (started: number): number => Math.round((performance.now() - started) / 1000);

/** Waits until Druid shows so many. */
async function shown(count: () => Promise<number>, wanted: number): Promise<void> {
  await until(
    () => count().catch(() => 0),
    (found) => found >= wanted,
    patience,
  );
}

/** Each number is there, and each record once. */
async function assertOnce(name: string, events: number, { written }: Crashed): Promise<void> {
  const { rows, distinct } = await numbersIn(name, events);
  assert.deepEqual({ rows, distinct }, { rows: written, distinct: events });
}

async function countIn(name: string, what: string, where = 'TRUE'): Promise<number> {
  const query = `SELECT COUNT(${what}) AS c FROM "${name}" WHERE ${where}`;
  const [found] = await sql(query, { useApproximateCountDistinct: false });
  return Number(found?.['c']);
}

const rowsIn = (name: string): Promise<number> => countIn(name, '*');

/** Numbers whose events are of a week ago. */
const lateIn = (name: string): Promise<number> =>
  countIn(name, 'DISTINCT "n"', `__time < CURRENT_TIMESTAMP - INTERVAL '3' DAY`);

interface Numbers {
  readonly rows: number;
  /** Different numbers, of those that were written. */
  readonly distinct: number;
}

async function numbersIn(name: string, events: number): Promise<Numbers> {
  let distinct = 0;
  for (let from = 0; from < events; from += distinctAtOnce) {
    const range = `"n" >= ${from} AND "n" < ${Math.min(events, from + distinctAtOnce)}`;
    distinct += await countIn(name, 'DISTINCT "n"', range);
  }
  return { rows: await rowsIn(name), distinct };
}

/** Which numbers are there more than once: how many of each 10,000, by partition of the topic. */
async function repeatsIn(name: string): Promise<string> {
  const query = `SELECT "n" / 10000 AS "tenThousand", MOD("n", ${partitions}) AS "partition", COUNT(*) - COUNT(DISTINCT "n") AS "repeats" FROM "${name}" GROUP BY 1, 2 HAVING COUNT(*) > COUNT(DISTINCT "n")`;
  return JSON.stringify(await sql(query, { useApproximateCountDistinct: false }));
}

type Properties = Readonly<Record<string, unknown>>;

const rowSource = (name: string, topic: string, properties: Properties = {}) => ({
  spec: rowSpec(name),
  properties: { topicPattern: topic, ...properties },
});

/** A dataSource whose tasks tell ids apart that are made of places in the topic. */
function onceSource(name: string, topic: string) {
  const { spec, properties } = rowSource(name, topic, { columns: { id: 'eventId' } });
  return { spec: { ...spec, tuningConfig: { ...spec.tuningConfig, dedupColumn: 'eventId' } }, properties };
}

function configFile(broker: RealKafka, dataSources: readonly object[], properties: Properties): Promise<string> {
  const config = {
    dataSources,
    properties: {
      'druid.overlord.urls': endpoints().overlord,
      'kafka.bootstrap.servers': broker.bootstrap,
      'kafka.group.id': group,
      'kafka.auto.offset.reset': 'earliest',
      'kafka.session.timeout.ms': String(sessionTimeout),
      'commit.periodMillis': '1000',
      ...properties,
    },
  };
  return temporaryFile('kafka.json', [JSON.stringify(config)]);
}
