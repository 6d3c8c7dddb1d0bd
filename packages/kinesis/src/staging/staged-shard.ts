import type { Lane } from '@tranquility-js/connect';
import type { HeldLease } from '../leases/held-lease.js';
import type { Position } from '../position.js';

/** A shard whose events may be staged: shown to Druid only when its place is written down in its lease. */
export interface StagedShard {
  readonly stream: string;
  /** When the stream was made, in epoch milliseconds. */
  readonly created: number;
  /** The name of the stream's ledger. */
  readonly table: string;
  readonly held: HeldLease;
  readonly lane: Lane<Position>;
  /** Called each time that a place was written down. */
  readonly onWritten: () => void;
}
