import type { Lane } from '@tranquility-js/connect';
import type { Clock, TranquilityError } from '@tranquility-js/core';
import type { HeldLease } from './leases/held-lease.js';
import type { Lease } from './leases/lease.js';
import type { Shard } from './leases/shard-sync.js';
import type { Position } from './position.js';
import type { ReadShard } from './source/batch.js';
import type { Turns } from './staging/turns.js';
import type { KinesisTrouble } from './trouble.js';

export interface ShardReadingOptions {
  readonly stream: string;
  readonly held: HeldLease;
  readonly lane: Lane<Position>;
  readonly read: ReadShard;
  /** The turns in which the lane sends, where it does. */
  readonly turns: Pick<Turns, 'has' | 'hurry' | 'over'>;
  readonly clock: Clock;
  readonly maxInflatedBytes: number;
  /** A checkpoint is written each time that so many records were taken, if it is given. */
  readonly checkpointRecords: number | undefined;
  /** How often we look whether parents are read to their end, in milliseconds. */
  readonly lookMillis: number;
  /** The lease of a shard, if it has one. */
  readonly leaseOf: (shard: string) => Promise<Lease | undefined>;
  readonly shards: (signal: AbortSignal) => Promise<readonly Shard[]>;
  /** Makes the leases that are missing. @returns the stream's shards. */
  readonly sync: (signal: AbortSignal) => Promise<readonly Shard[]>;
  /** A place was written down outside of turns, or could not be. */
  readonly onWritten: () => void;
  readonly onNotWritten: () => void;
  readonly onTrouble: (trouble: KinesisTrouble) => void;
  readonly onThrottled: () => void;
  readonly onExpiredIterator: () => void;
  readonly onFatal: (error: TranquilityError) => void;
}
