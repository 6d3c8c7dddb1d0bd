import { TranquilityError } from '@tranquility-js/core';
import kafkajs, { type Consumer, type ConsumerConfig, type Kafka, type PartitionAssigner } from 'kafkajs';
import type { Bounds } from './next-step.js';

interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
}

/** What kafkajs has of a cluster for one consumer: it asks with the consumer's isolation level, as an admin client does not. */
export interface OffsetsCluster {
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

/** By topic and partition; nothing where there is no such partition. */
export type BoundsOf = (topic: string, partition: number) => Bounds | undefined;

/**
 * Asks the leaders for the bounds of these partitions' logs: the end is that of what the consumer may read.
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
  const ask = async (fromBeginning: boolean): Promise<(topic: string, partition: number) => number | undefined> => {
    const found = await cluster.fetchTopicsOffset(topics.map((topic) => ({ ...topic, fromBeginning })));
    const offsets = new Map(
      found.flatMap(({ topic, partitions: ones }) =>
        ones.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
      ),
    );
    return (topic, partition) => offsets.get(`${topic}/${partition}`);
  };
  const [highOf, lowOf] = await Promise.all([ask(false), ask(true)]);
  return (topic, partition) => {
    const [low, high] = [lowOf(topic, partition), highOf(topic, partition)];
    return low === undefined || high === undefined ? undefined : { low, high };
  };
}
