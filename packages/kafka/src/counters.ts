import type { StoppedFault, StreamCounters } from '@tranquility-js/connect';
import type { CounterSnapshot } from '@tranquility-js/core';

/** A partition that is ours, and how far it is. */
export interface PartitionStatus {
  readonly topic: string;
  readonly partition: number;
  readonly dataSource: string;
  /** The place up to which all has its outcome, and the one that was committed last. */
  readonly settled: number;
  readonly committed: number;
  /** Offsets from `settled` to the end, by what brokers said last. */
  readonly lag: number;
  /** Bytes that wait in memory. */
  readonly waitingBytes: number;
  /** Why it stands still, if it does. */
  readonly stopped?: StoppedFault;
  /** The batch before which it waits, if one cannot be read, and what to do. */
  readonly broken?: string;
}

/** What the connector has done, and where it is. All numbers but those of partitions only grow. */
export interface KafkaCounters {
  /** By topic. */
  readonly topics: Readonly<Record<string, StreamCounters>>;
  /** By dataSource, as its sender counts. */
  readonly dataSources: Readonly<Record<string, CounterSnapshot>>;
  readonly partitions: readonly PartitionStatus[];
  /** How often places were committed, and how often that failed. */
  readonly commits: number;
  readonly failedCommits: number;
  /** How often partitions were shared out. */
  readonly rebalances: number;
  /** Offsets that were deleted before they were read. */
  readonly lost: number;
}

/** How a connector ended. */
export interface KafkaCloseReport extends KafkaCounters {
  /** Whether all that was read has its outcome. What has none is read again by whoever comes next. */
  readonly drained: boolean;
}
