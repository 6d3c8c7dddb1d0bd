import { createRequire } from 'node:module';
import type { KafkaMessage } from 'kafkajs';
import type { KafkaAccess } from './kafka-access.js';

/** What is read of a partition by one request. */
export interface Fetched {
  readonly partition: number;
  readonly records: readonly StreamRecord[];
  /** Where to read on. Beyond the last record where what is between is not for readers. */
  readonly next: number;
}

export interface StreamRecord {
  readonly offset: number;
  readonly value: Buffer | null;
}

/** How long a server may wait for the first new record, in milliseconds. */
const longestPoll = 500;
const connectionTimeout = 10_000;
const mostBytes = 4 * 1024 * 1024;

/** A topic of a Kafka, read by partition and offset, without a consumer group. */
export class KafkaStream {
  readonly #topic: string;
  readonly #cluster: Cluster;
  #closed: Promise<void> | undefined;

  private constructor(topic: string, cluster: Cluster) {
    this.#topic = topic;
    this.#cluster = cluster;
  }

  /** @throws Error of kafkajs, when none of the servers can be reached or the topic is not there. */
  static async open(access: KafkaAccess, topic: string): Promise<KafkaStream> {
    const cluster = createCluster(access);
    const stream = new KafkaStream(topic, cluster);
    try {
      await cluster.connect();
      await cluster.addTargetTopic(topic);
      return stream;
    } catch (error) {
      await stream.close();
      throw error;
    }
  }

  /** In ascending order. */
  get partitions(): readonly number[] {
    const metadata = this.#cluster.findTopicPartitionMetadata(this.#topic);
    return metadata.map(({ partitionId }) => partitionId).sort((a, b) => a - b);
  }

  /** The nodes that lead these partitions, each with its own. */
  leadersOf(partitions: readonly number[]): { readonly node: string; readonly partitions: readonly number[] }[] {
    const leaders = this.#cluster.findLeaderForPartitions(this.#topic, partitions);
    return Object.entries(leaders).map(([node, own]) => ({ node, partitions: own }));
  }

  /** Where each partition begins or ends. */
  async offsets(which: 'earliest' | 'latest'): Promise<ReadonlyMap<number, number>> {
    const partitions = this.partitions.map((partition) => ({ partition }));
    const [found] = await this.#cluster.fetchTopicsOffset([
      { topic: this.#topic, partitions, fromBeginning: which === 'earliest' },
    ]);
    return new Map(found?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  }

  /** Waits for a moment where there is nothing new. */
  async fetch(node: string, positions: ReadonlyMap<number, number>): Promise<readonly Fetched[]> {
    const broker = await this.#cluster.findBroker({ nodeId: node });
    const partitions = [...positions].map(([partition, offset]) => {
      return { partition, fetchOffset: String(offset), maxBytes: mostBytes };
    });
    const { responses } = await broker.fetch({
      ...{ maxWaitTime: longestPoll, minBytes: 1, maxBytes: mostBytes, isolationLevel: readCommitted },
      topics: [{ topic: this.#topic, partitions }],
    });
    return responses
      .flatMap((response) => response.partitions)
      .map((part) => this.#toFetched(part, positions.get(part.partition) ?? 0));
  }

  /** Ends its connections; what waits for an answer fails. More than once is as good as once. */
  close(): Promise<void> {
    return (this.#closed ??= this.#cluster.disconnect().catch(() => undefined));
  }

  #toFetched(part: FetchedPartition, offset: number): Fetched {
    const { messages, messagesWithinOffset, rawMessages } = new (load().Batch)(this.#topic, String(offset), part);
    const last = messagesWithinOffset.at(-1);
    // Records before the offset alone: those behind them were compacted away.
    const next = last === undefined ? offset + Math.min(1, rawMessages.length) : Number(last.offset) + 1;
    const records = messages.map((message) => ({ offset: Number(message.offset), value: message.value }));
    return { partition: part.partition, records, next };
  }
}

const readCommitted = 1;

/** The part of kafkajs below its consumer. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number }[];
  findLeaderForPartitions(topic: string, partitions: readonly number[]): Readonly<Record<string, readonly number[]>>;
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
  findBroker(node: { readonly nodeId: string }): Promise<{
    fetch(request: unknown): Promise<{ readonly responses: readonly { readonly partitions: FetchedPartition[] }[] }>;
  }>;
}

interface FetchedPartition {
  readonly partition: number;
}

interface Batch {
  /** Without those of transactions that were aborted. */
  readonly messages: readonly KafkaMessage[];
  readonly messagesWithinOffset: readonly KafkaMessage[];
  readonly rawMessages: readonly KafkaMessage[];
}

interface Loaded {
  readonly Cluster: new (options: unknown) => Cluster;
  readonly Batch: new (topic: string, offset: string, part: FetchedPartition) => Batch;
  readonly loggers: { createLogger(options: unknown): unknown; LEVELS: { NOTHING: number } };
  readonly socketFactory: () => unknown;
}

let loaded: Loaded | undefined;

/** Not before somebody needs it: most sandboxes read no Kafka. */
function load(): Loaded {
  const require = createRequire(import.meta.url);
  return (loaded ??= {
    Cluster: require('kafkajs/src/cluster') as Loaded['Cluster'],
    Batch: require('kafkajs/src/consumer/batch') as Loaded['Batch'],
    loggers: require('kafkajs/src/loggers') as Loaded['loggers'],
    socketFactory: require('kafkajs/src/network/socketFactory') as Loaded['socketFactory'],
  });
}

function createCluster(access: KafkaAccess): Cluster {
  const { Cluster, loggers, socketFactory } = load();
  return new Cluster({
    ...{ clientId: 'sandbox', connectionTimeout, retry: { retries: 0 }, metadataMaxAge: 10_000 },
    isolationLevel: readCommitted,
    logger: loggers.createLogger({ level: loggers.LEVELS.NOTHING, logCreator: () => () => undefined }),
    socketFactory: socketFactory(),
    ...access,
  });
}
