import type { KafkaTls } from './kafka.js';

/** What {@link startCluster} starts. Without options: ZooKeeper and Druid 28.0.0 with a middle manager. */
export interface ClusterOptions {
  /**
   * The version of Druid, or false for none. Default '28.0.0', the last one proved that runs `index_realtime` tasks;
   * '33.0.0' is proved too. ZooKeeper comes from Druid's jars: without Druid those of 28.0.0.
   */
  readonly druid?: string | false;
  /**
   * Who runs Druid's tasks. Default 'middleManager': a JVM for each task. An 'indexer' runs them as threads, which is
   * much quicker, but it cannot run `index_realtime`.
   */
  readonly worker?: 'middleManager' | 'indexer';
  /** Two middle managers instead of one: Druid runs the replicas of a task on different workers. Default false. */
  readonly secondWorker?: boolean;
  /** How many tasks run at the same time on each worker. Default 6. */
  readonly workerCapacity?: number;
  /**
   * The version of Kafka, or false for none, which is the default; '3.9.1' and '4.4.0' are proved. With it Druid 33.0.0
   * loads its `druid-kafka-indexing-service`; Maven Central has that extension for hardly another version.
   */
  readonly kafka?: string | false;
  /** The broker's certificate: with it Kafka listens for TLS too. Default: it does not. */
  readonly kafkaTls?: KafkaTls;
  /** Load that extension though there is no Kafka: for a Druid that reads from something else that speaks its protocol. Default false. */
  readonly kafkaExtension?: boolean;
  /** Resolve and compile what {@link Cluster.pushWithPeer} needs: Tranquility 0.8.3 for the JVM. Default false. */
  readonly peer?: boolean;
  /**
   * Where logs, configuration and data go. Default: a new directory under the system's temporary one, which is removed
   * by {@link Cluster.stop}, or when this process dies. A directory given here is never removed; it is to be empty.
   */
  readonly directory?: string;
  /** Leave the temporary directory where it is. Default false. After a failed start it is always left. */
  readonly keep?: boolean;
  /**
   * Use an archive of Druid's and Kafka's classes, which makes every JVM start faster. It is made once for each
   * version and Java, by a start that takes about a minute, and cached with the jars. Default true.
   */
  readonly archive?: boolean;
  /** Milliseconds until the servers must be healthy, counted from their start. Default 300,000: five minutes. */
  readonly startTimeoutMillis?: number;
  /** Called with one line of text whenever something has been achieved. Default: nothing is reported. */
  readonly log?: (line: string) => void;
  /** Gives up the start when it is aborted: all is stopped and the reason is thrown. Of no effect once it has started. */
  readonly signal?: AbortSignal;
}

/** {@link ClusterOptions} with the defaults filled in. */
export interface Plan {
  readonly druid: string | false;
  readonly worker: 'middleManager' | 'indexer';
  readonly secondWorker: boolean;
  readonly workerCapacity: number;
  readonly kafka: string | false;
  readonly kafkaTls?: KafkaTls;
  readonly kafkaExtension: boolean;
  readonly peer: boolean;
  readonly archive: boolean;
  readonly startTimeoutMillis: number;
}

/** The versions and numbers used where the options are silent. */
export const defaults = {
  druid: '28.0.0',
  worker: 'middleManager',
  workerCapacity: 6,
  kafka: '4.4.0',
  startTimeoutMillis: 300_000,
} as const;

/**
 * Fills in the defaults.
 *
 * @throws RangeError when a number or version makes no sense.
 */
export function planOf(options: ClusterOptions): Plan {
  const plan: Plan = {
    druid: options.druid ?? defaults.druid,
    worker: options.worker ?? defaults.worker,
    secondWorker: options.secondWorker ?? false,
    workerCapacity: options.workerCapacity ?? defaults.workerCapacity,
    kafka: options.kafka ?? false,
    ...(options.kafkaTls === undefined ? {} : { kafkaTls: options.kafkaTls }),
    kafkaExtension: options.kafkaExtension ?? false,
    peer: options.peer ?? false,
    archive: options.archive ?? true,
    startTimeoutMillis: options.startTimeoutMillis ?? defaults.startTimeoutMillis,
  };
  for (const [name, version] of [
    ['druid', plan.druid],
    ['kafka', plan.kafka],
  ] as const) {
    if (version !== false && !/^\d+(\.\d+)+(-\w+)?$/.test(version)) {
      throw new RangeError(`${name} must be a version such as 28.0.0, not '${version}'.`);
    }
  }
  if (plan.secondWorker && plan.worker !== 'middleManager') {
    throw new RangeError('secondWorker needs the worker middleManager.');
  }
  if (!Number.isInteger(plan.workerCapacity) || plan.workerCapacity < 1) {
    throw new RangeError(`workerCapacity must be a whole number from 1, not ${plan.workerCapacity}.`);
  }
  if (!(plan.startTimeoutMillis > 0)) {
    throw new RangeError(`startTimeoutMillis must be a positive number, not ${plan.startTimeoutMillis}.`);
  }
  return plan;
}
