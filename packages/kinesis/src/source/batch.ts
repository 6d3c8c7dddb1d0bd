import type { ErrorKind } from '../aws/error-kind.js';
import type { KinesisRecord } from '../records/kinesis-record.js';
import type { Place } from './stream-api.js';

/** Records of a shard, in their order. */
export interface Batch {
  readonly records: readonly KinesisRecord[];
  /** How far behind the newest record of the shard it is, in milliseconds. */
  readonly millisBehind: number;
}

/** Reads a shard from a place on: until its end, which ends the batches, or until the signal aborts. */
export type ReadShard = (options: ReadOptions) => AsyncIterable<Batch>;

export interface ReadOptions {
  readonly stream: string;
  readonly shard: string;
  readonly from: Place;
  readonly signal: AbortSignal;
  /** Told of what went wrong and is tried again. */
  readonly onTrouble: (kind: ErrorKind, error: unknown) => void;
}
