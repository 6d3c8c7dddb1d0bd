import { TranquilityError } from '@tranquility-js/core';
import kafkajs, { type Consumer, type ConsumerConfig, type Kafka, type PartitionAssigner } from 'kafkajs';
import type { Bounds } from './next-step.js';

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** What kafkajs has of a cluster for one consumer: it asks with the consumer's isolation level, as an admin client does not. */
export interface OffsetsCluster {
  /** 1 where only what is committed is read. */
  readonly isolationLevel: number;
  refreshMetadata(): Promise<void>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  fetchTopicsOffset(
    topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
      readonly fromBeginning: boolean;
    }[],
  ): Promise<readonly TopicOffsets[]>;
}

/** Makes a consumer, and gives the cluster object in it, which kafkajs hands to the one that shares out partitions. */
export function consumerWithCluster(
  kafka: Kafka,
  config: Omit<ConsumerConfig, 'partitionAssigners'>,
  assigner: PartitionAssigner = kafkajs.PartitionAssigners.roundRobin,
): { readonly consumer: Consumer; readonly cluster: OffsetsCluster } {
  const clusters: OffsetsCluster[] = [];
  const handed: PartitionAssigner = (given) => {
    clusters.push(given.cluster as unknown as OffsetsCluster);
    return assigner(given);
  };
  const consumer = kafka.consumer({ ...config, partitionAssigners: [handed] });
  const [cluster] = clusters;
  if (cluster === undefined) throw new TranquilityError('TRQ_INTERNAL', 'kafkajs has handed out no cluster object.');
  return { consumer, cluster };
}

interface LogBounds extends Bounds {
  /** Behind the newest record that the consumer may read: where it reads only what is committed, an open transaction lies behind it. */
  readonly readable: number;
}

/** By topic and partition; nothing where there is no such partition. */
export type BoundsOf = (topic: string, partition: number) => LogBounds | undefined;

/**
 * Asks the leaders for the bounds of these partitions' logs.
 * @throws (as a rejection) what kafkajs throws when a leader does not answer, also after it was looked for again.
 */
export async function logBounds(
  cluster: OffsetsCluster,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<BoundsOf> {
  try {
    return await askedBounds(cluster, partitions);
  } catch {
    await cluster.refreshMetadata();
    return askedBounds(cluster, partitions);
  }
}

async function askedBounds(
  cluster: OffsetsCluster,
  partitions: readonly { readonly topic: string; readonly partition: number }[],
): Promise<BoundsOf> {
  const topics = [...new Set(partitions.map(({ topic }) => topic))].map((topic) => ({
    topic,
    partitions: partitions.filter((one) => one.topic === topic).map(({ partition }) => ({ partition })),
  }));
  const ask = async (
    of: OffsetsCluster,
    fromBeginning: boolean,
  ): Promise<(topic: string, partition: number) => number | undefined> => {
    const found = await of.fetchTopicsOffset(topics.map((topic) => ({ ...topic, fromBeginning })));
    const offsets = new Map(
      found.flatMap(({ topic, partitions: ones }) =>
        ones.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
      ),
    );
    return (topic, partition) => offsets.get(`${topic}/${partition}`);
  };
  const [lowOf, highOf, readableOf] = await Promise.all([
    ask(cluster, true),
    ask(uncommittedOf(cluster), false),
    ask(cluster, false),
  ]);
  return (topic, partition) => {
    const [low, high, readable] = [lowOf, highOf, readableOf].map((offsetOf) => offsetOf(topic, partition));
    return low === undefined || high === undefined || readable === undefined ? undefined : { low, high, readable };
  };
}

/** The same, which asks where logs end, whatever is committed: the group's place may lie there. */
function uncommittedOf(cluster: OffsetsCluster): OffsetsCluster {
  return Object.create(cluster, { isolationLevel: { value: 0 } }) as OffsetsCluster;
}
