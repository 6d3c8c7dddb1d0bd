import type { StoppedFault, StreamCounters } from '@tranquility-js/connect';
import type { CounterSnapshot } from '@tranquility-js/core';
import type { GroupTally } from './stream-group.js';

/** A shard that is ours, and how far it is. */
export interface ShardStatus {
  readonly stream: string;
  readonly shard: string;
  readonly dataSource: string;
  /** The record up to which all has its outcome, and the one that is written down in the lease: sequence number, and `:` and sub-sequence number. */
  readonly settled: string;
  readonly checkpoint: string;
  /** How far behind the newest record reading is, in milliseconds, by what Kinesis said last: it stands still while there is no room. */
  readonly millisBehind?: number;
  /** How long ago the oldest record arrived that was read and has no outcome, in milliseconds; 0 where there is none. */
  readonly iteratorAgeMillis: number;
  /** Bytes that wait in memory. */
  readonly waitingBytes: number;
  /** Why it stands still, if it does. */
  readonly stopped?: StoppedFault;
}

/** What the connector has done, and where it is. All numbers but those of shards only grow. */
export interface KinesisCounters {
  /** By stream. */
  readonly streams: Readonly<Record<string, StreamCounters>>;
  /** By stream: checkpoints, leases gained, and ended by whatever, throttles, iterators that had expired. */
  readonly leases: Readonly<Record<string, Readonly<GroupTally>>>;
  /** By dataSource, as its sender counts. */
  readonly dataSources: Readonly<Record<string, CounterSnapshot>>;
  readonly shards: readonly ShardStatus[];
}
