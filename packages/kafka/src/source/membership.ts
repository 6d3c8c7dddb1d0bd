import kafkajs, { type PartitionAssigner } from 'kafkajs';
import { readOwnAnswers, type Cluster } from './fetch/own-answers.js';
import type { FetchWatch } from './fetch/ranges.js';

interface Finds extends Cluster {
  findGroupCoordinator(...args: unknown[]): Promise<unknown>;
}

export interface MembershipOptions extends FetchWatch {
  /** Is waited for before each join. */
  readonly beforeJoin: () => Promise<void>;
}

/**
 * Kafka's round robin, which also gives us what kafkajs has no listener for: a moment before the member joins again and gives up its
 * partitions. kafkajs looks for the group's coordinator before each join, with a cluster object that assigners are handed.
 */
export function joinWith(options: MembershipOptions): PartitionAssigner {
  return (config) => {
    const cluster = config.cluster as unknown as Finds;
    readOwnAnswers(cluster, options);
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (...args) => {
      await options.beforeJoin();
      return find(...args);
    };
    return kafkajs.PartitionAssigners.roundRobin(config);
  };
}
