import type { ClusterOptions } from '@tranquility-js/cluster';

/** What suites and proofs need: replicas on different workers, and a JVM Tranquility. */
export const clusterOptions: ClusterOptions = {
  druid: '28.0.0',
  secondWorker: true,
  workerCapacity: 10,
  peer: true,
};

/** A Druid that takes no pushes, and reads from us; each task in a process of its own. */
export const pulledByMiddleManager: ClusterOptions = { druid: '33.0.0', kafkaExtension: true, workerCapacity: 10 };
/** The same, with tasks that are threads. */
export const pulledByIndexer: ClusterOptions = { ...pulledByMiddleManager, worker: 'indexer' };

/** The oldest Druid that the append lane is for. */
export const oldestForAppends: ClusterOptions = { druid: '25.0.0' };
