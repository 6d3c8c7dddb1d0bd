import { setTimeout as sleep } from 'node:timers/promises';
import { startCluster, type Cluster, type ClusterOptions, type Endpoints } from '@tranquility-js/cluster';
import { longSum, specOf } from '@tranquility-js/conformance/spec';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { Kafka, logLevel, type Admin, type IHeaders, type Producer } from 'kafkajs';

/** What is written to a topic. */
export interface Written {
  readonly key?: string;
  readonly value: string | Buffer | null;
  readonly partition?: number;
  readonly headers?: IHeaders;
}

/** A broker of its own, without Druid, and what tests do with it. */
export class RealKafka implements AsyncDisposable {
  readonly cluster: Cluster;
  readonly admin: Admin;
  readonly producer: Producer;
  readonly kafka: Kafka;
  #topics = 0;

  private constructor(cluster: Cluster) {
    this.cluster = cluster;
    this.kafka = new Kafka({ brokers: [this.bootstrap], logLevel: logLevel.NOTHING });
    this.admin = this.kafka.admin();
    this.producer = this.kafka.producer();
  }

  static async start(version: string, options: ClusterOptions = {}): Promise<RealKafka> {
    const kafka = new RealKafka(await startCluster({ ...options, druid: false, kafka: version }));
    await kafka.admin.connect();
    await kafka.producer.connect();
    return kafka;
  }

  get bootstrap(): string {
    return this.listeners.bootstrap;
  }

  get listeners(): NonNullable<Endpoints['kafka']> {
    const { kafka } = this.cluster.endpoints;
    if (kafka === undefined) throw new Error('The cluster has no Kafka.');
    return kafka;
  }

  /** Makes a topic that no other test has. */
  async topic(name: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<string> {
    const topic = `${name}-${++this.#topics}`;
    await this.create(topic, partitions, config);
    return topic;
  }

  async create(topic: string, partitions = 1, config: Readonly<Record<string, string>> = {}): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await this.admin.createTopics({
      topics: [{ topic, numPartitions: partitions, configEntries }],
      waitForLeaders: true,
    });
  }

  async write(topic: string, messages: readonly Written[]): Promise<void> {
    for (let at = 0; at < messages.length; at += 2_000) {
      await this.producer.send({ topic, messages: messages.slice(at, at + 2_000) });
    }
  }

  /** Adds partitions to a topic, and writes to them with a client that knows them: one that does not leaves messages out without a word. */
  async grow(topic: string, partitions: number, messages: readonly Written[]): Promise<void> {
    await this.admin.createPartitions({ topicPartitions: [{ topic, count: partitions }] });
    await eventually(() =>
      this.admin.fetchTopicOffsets(topic).then(
        (found) => found.length === partitions,
        () => false,
      ),
    );
    const producer = this.kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [...messages] });
    await producer.disconnect();
  }

  /** Deletes the records of partition 0 before an offset. */
  async trim(topic: string, offset: number): Promise<void> {
    // kafkajs deletes only where it knows the leader, for which it does not ask.
    await this.admin.fetchTopicOffsets(topic);
    await this.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
  }

  /** The group's places in a topic, by partition; -1 where there is none. */
  async places(groupId: string, topic: string): Promise<number[]> {
    const [found] = await this.#untilCoordinated(() => this.admin.fetchOffsets({ groupId, topics: [topic] }));
    return (found?.partitions ?? []).toSorted((a, b) => a.partition - b.partition).map(({ offset }) => Number(offset));
  }

  /** Asks about a group until its coordinator has taken it on: for the first group of all that takes a while. */
  async #untilCoordinated<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        if ((error as { retriable?: boolean }).retriable !== true) throw error;
        await sleep(25);
      }
    }
  }

  /** All that is in a topic. */
  async read(topic: string, count: number): Promise<{ key: string; value: string; headers: Record<string, string> }[]> {
    const consumer = this.kafka.consumer({ groupId: `reader-${topic}-${Date.now()}`, maxWaitTimeInMs: 100 });
    const found: { key: string; value: string; headers: Record<string, string> }[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ message: { key, value, headers = {} } }) => {
        const texts = Object.entries(headers).map(([name, header]) => [name, String(header)]);
        found.push({
          key: String(key),
          value: String(value),
          headers: Object.fromEntries(texts) as Record<string, string>,
        });
        return Promise.resolve();
      },
    });
    await eventually(() => found.length >= count);
    await consumer.disconnect();
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.producer.disconnect();
    await this.admin.disconnect();
    await this.cluster.stop();
  }
}

/** Events numbered from `from` on, whose time is now. */
export function numbered(count: number, from = 0, more: object = {}): Written[] {
  const time = Date.now();
  return Array.from({ length: count }, (_, at) => ({
    key: String(from + at),
    value: JSON.stringify({ time, n: from + at, page: `p${at % 10}`, ...more }),
  }));
}

/** A config of one dataSource for numbered events. */
export function numberedSource(dataSource: string, properties: Readonly<Record<string, unknown>>): object {
  return {
    spec: specOf({
      dataSource,
      dimensions: ['page'],
      metrics: [longSum('n')],
      queryGranularity: 'MINUTE',
      windowPeriod: 'PT1H',
    }),
    properties,
  };
}

/** How many numbered events a Druid has, and the sum of their numbers. */
export async function numberedRows(druid: string, dataSource: string): Promise<{ count: number; sum: number }> {
  const query = `SELECT SUM("count") AS c, SUM("n") AS n FROM "${dataSource}"`;
  const response = await fetch(`${druid}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  if (!response.ok) return { count: 0, sum: 0 };
  const [row] = (await response.json()) as { c: number | null; n: number | null }[];
  return { count: row?.c ?? 0, sum: row?.n ?? 0 };
}

/** The sum of the numbers of so many events from 0 on. */
export const sumOf = (count: number): number => (count * (count - 1)) / 2;

/** Waits until it is so; the time limit of the test ends the wait. */
export async function eventually(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await sleep(25);
}

/** An embedded Druid for sinks, with room for the tasks of all tests of a suite: each has a dataSource of its own. */
export function sink(): Promise<Sandbox> {
  return startSandbox({ workers: [100] });
}
