/** A stretch of a log, as offsets: from one up to another. */
export interface OffsetRange {
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** A stretch of a log as it is served: whole record batches of the Kafka format v2, as they lie on disk. */
export interface LogRead {
  /** Begins with the batch that holds the offset asked for, or with the first one behind it where there is a gap. Empty at the end. */
  readonly bytes: Buffer;
  /** The offset behind the last record of `bytes`; the one asked for when there are none. */
  readonly nextOffset: number;
}

/** One partition of a journal, as a reader sees it: only what is durable. Offsets are safe integers. */
export interface PartitionLog {
  /** The oldest offset that is held. */
  readonly startOffset: number;
  /** The offset behind the last durable record that readers may see: Kafka's high watermark. */
  readonly endOffset: number;
  /** The offset behind the last durable record, whether they may see it or not. */
  readonly tail: number;
  /** Bytes that were appended since it was opened. */
  readonly written: number;
  /** What was cut out of it; with `isGone`, these rows were acknowledged, and are lost. */
  readonly cuts: readonly { readonly offset: number; readonly rows: number | undefined; readonly isGone?: true }[];
  /** How many records there are from an offset on: fewer than there are offsets, where some were left out. */
  countFrom(offset: number): number;
  /**
   * Reads from an offset on: whole batches, at least one if there is any, and no more than fit into `maxBytes` otherwise.
   * @throws RangeError when the offset is beyond the end.
   */
  read(offset: number, maxBytes: number): Promise<LogRead>;
  /** The first record of at least this time (epoch milliseconds); `undefined` when there is none. */
  offsetOfTime(timestamp: number): Promise<{ readonly offset: number; readonly timestamp: number } | undefined>;
  /** Calls back after each durable append. @returns how to stop that. */
  onAppend(listener: () => void): () => void;
}
