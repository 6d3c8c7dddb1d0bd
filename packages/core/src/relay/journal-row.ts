import { baseOffsetOf, batchSize } from '../journal/batch-header.js';
import { recordTimes } from '../journal/encode-batch.js';
import type { OffsetRange, PartitionLog } from '../journal/partition-log.js';
import { recordValues } from '../journal/read-records.js';

/** A row of a journal. */
export interface JournalRow {
  readonly offset: number;
  /** Its time, in epoch milliseconds. */
  readonly timestamp: number;
  /** Its JSON: a view on what was read. */
  readonly bytes: Buffer;
}

/** The rows of record batches that lie one behind the other. */
export function* rowsOf(bytes: Buffer): Generator<JournalRow> {
  for (let at = 0; at < bytes.length; at += batchSize(bytes, at)) {
    const times = recordTimes(bytes.subarray(at));
    let offset = baseOffsetOf(bytes, at);
    for (const value of recordValues(bytes, at)) {
      const { value: timestamp = NaN } = times.next() as IteratorResult<number, undefined>;
      yield { offset: offset++, timestamp, bytes: value };
    }
  }
}

/** Those rows of some stretches of a log, which are in order, that are still there. */
export async function readRows(
  log: PartitionLog,
  stretches: readonly OffsetRange[],
  readSize: number,
): Promise<readonly JournalRow[]> {
  const rows: JournalRow[] = [];
  let [at, offset] = [0, 0];
  for (let stretch = stretches[at]; stretch !== undefined; stretch = stretches[at]) {
    const { bytes, nextOffset } = await log.read(Math.max(offset, stretch.from), readSize);
    if (bytes.length === 0) break;
    for (const row of rowsOf(bytes)) {
      while ((stretches[at]?.to ?? Infinity) <= row.offset) at++;
      if ((stretches[at]?.from ?? Infinity) <= row.offset) rows.push(row);
    }
    while ((stretches[at]?.to ?? Infinity) <= nextOffset) at++;
    offset = nextOffset;
  }
  return rows;
}
