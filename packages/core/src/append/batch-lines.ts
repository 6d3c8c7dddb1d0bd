import type { OffsetRange, PartitionLog } from '../journal/partition-log.js';
import { extend } from './offset-ranges.js';
import { linesOf } from './row-range.js';

/** The rows of a batch as Druid's tasks read them, and which of them were still there when one did. */
export class BatchLines {
  readonly #log: PartitionLog;
  readonly #range: OffsetRange;
  #read: readonly OffsetRange[] | undefined;

  constructor(log: PartitionLog, range: OffsetRange) {
    this.#log = log;
    this.#range = range;
  }

  /** What was there when they were last read to the end, which is for the attempt that is under way; `undefined` when they never were. */
  get read(): readonly OffsetRange[] | undefined {
    return this.#read;
  }

  /** Each row with its end of line, in chunks. */
  async *open(): AsyncGenerator<Buffer> {
    const stretches: OffsetRange[] = [];
    yield* linesOf(this.#log, this.#range, (rows) => {
      extend(stretches, rows);
    });
    this.#read = stretches;
  }
}
