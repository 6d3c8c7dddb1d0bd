import { createRequire } from 'node:module';
import type { KafkaConfig } from 'kafkajs';

interface Fetched {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly Message[] }[];
  }[];
}

interface Message {
  readonly offset: string;
  readonly value: Buffer | null;
}

/** The part of kafkajs under its consumer, which reads without a consumer group. */
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  fetchTopicsOffset(
    topics: readonly { topic: string; partitions: readonly { partition: number }[]; fromBeginning: boolean }[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
  findBroker(node: { nodeId: number }): Promise<{ fetch(request: unknown): Promise<Fetched> }>;
}

const createCluster = createRequire(import.meta.url)('kafkajs/src/cluster') as new (options: unknown) => Cluster;
const createLogger = createRequire(import.meta.url)('kafkajs/src/loggers') as {
  createLogger(options: { level: number; logCreator: unknown }): unknown;
  LEVELS: { NOTHING: number };
};
const socketFactory = createRequire(import.meta.url)('kafkajs/src/network/socketFactory') as () => unknown;

/** Reads every partition of a topic from its beginning to its end, with the protocol code of kafkajs. */
export async function readWithKafkajs(
  topic: string,
  options: Pick<KafkaConfig, 'ssl' | 'sasl'> & { readonly brokers: readonly string[] },
): Promise<Map<number, string[]>> {
  const { NOTHING } = createLogger.LEVELS;
  const cluster = new createCluster({
    ...{ clientId: 'reader', connectionTimeout: 10_000, retry: { retries: 0 }, offsets: new Map() },
    logger: createLogger.createLogger({ level: NOTHING, logCreator: () => () => undefined }),
    socketFactory: socketFactory(),
    ...options,
  });
  await cluster.connect();
  try {
    await cluster.addTargetTopic(topic);
    const leaders = cluster.findTopicPartitionMetadata(topic);
    const partitions = leaders.map(({ partitionId }) => ({ partition: partitionId }));
    const [ends] = await cluster.fetchTopicsOffset([{ topic, partitions, fromBeginning: false }]);
    const read = new Map<number, string[]>();
    for (const { partitionId, leader } of leaders) {
      const end = Number(ends?.partitions.find(({ partition }) => partition === partitionId)?.offset);
      read.set(partitionId, await readPartition(cluster, topic, partitionId, leader, end));
    }
    return read;
  } finally {
    await cluster.disconnect();
  }
}

async function readPartition(
  cluster: Cluster,
  topic: string,
  partition: number,
  leader: number,
  end: number,
): Promise<string[]> {
  const broker = await cluster.findBroker({ nodeId: leader });
  const fetch = async (offset: number, maxWaitTime: number): Promise<readonly Message[]> => {
    const { responses } = await broker.fetch({
      ...{ maxWaitTime, minBytes: 1, maxBytes: 100_000, isolationLevel: 0 },
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: 50_000 }] }],
    });
    return responses[0]?.partitions[0]?.messages ?? [];
  };
  const values: string[] = [];
  for (let offset = 0; offset < end;) {
    for (const message of await fetch(offset, 1_000)) {
      if (Number(message.offset) < offset) continue;
      values.push(String(message.value));
      offset = Number(message.offset) + 1;
    }
  }
  // As a consumer goes on to do, which shows that it has all that is below.
  await fetch(end, 1);
  return values;
}
