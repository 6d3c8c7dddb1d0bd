import type { ClusterOptions } from '@tranquility-js/cluster';

/** What suites and proofs need: replicas on different workers, and a JVM Tranquility. */
export const clusterOptions: ClusterOptions = {
  druid: '28.0.0',
  secondWorker: true,
  workerCapacity: 10,
  peer: true,
};
