import { batchSize, nextOffsetOf, readHeader } from '../journal/batch-header.js';
import { recordTimes } from '../journal/encode-batch.js';
import type { OffsetRange, PartitionLog } from '../journal/partition-log.js';
import { recordValues } from '../journal/read-records.js';
import { countBefore } from './offset-ranges.js';

/** What a stretch of a log holds. */
export interface MeasuredRange extends OffsetRange {
  readonly rows: number;
  /** Of the rows as they lie in the log. */
  readonly bytes: number;
  /** The time of the earliest row and of the latest, epoch milliseconds. */
  readonly earliest: number;
  readonly latest: number;
}

/** How large a stretch may get. */
export interface RangeLimits {
  readonly rows: number;
  readonly bytes: number;
}

const readSize = 4_194_304;
const [newline, carriageReturn, space] = [10, 13, 32];

/**
 * Cuts off as much of a log as the limits allow: whole record batches, and at least one.
 * @returns `undefined` when there is nothing from this offset on.
 */
export async function measureRange(
  log: PartitionLog,
  from: number,
  limits: RangeLimits,
): Promise<MeasuredRange | undefined> {
  let [to, rows, bytes] = [from, 0, 0];
  let [earliest, latest] = [Infinity, -Infinity];
  for await (const batch of batchesOf(log, { from, to: log.endOffset })) {
    const { count, size, nextOffset } = readHeader(batch);
    if (rows > 0 && (rows + count > limits.rows || bytes + size > limits.bytes)) break;
    for (const time of recordTimes(batch)) {
      if (time < earliest) earliest = time;
      if (time > latest) latest = time;
    }
    rows += count;
    bytes += size;
    to = nextOffset;
  }
  return rows === 0 ? undefined : { from, to, rows, bytes, earliest, latest };
}

/**
 * The rows of a stretch as lines of JSON, each with its end of line, in chunks.
 * @param told told where each chunk lies: what is damaged is left out.
 */
export async function* linesOf(
  log: PartitionLog,
  range: OffsetRange,
  told: (rows: OffsetRange) => void = () => undefined,
): AsyncGenerator<Buffer> {
  for await (const batch of batchesOf(log, range)) {
    const { baseOffset: from, nextOffset: to } = readHeader(batch);
    told({ from, to });
    // A row of a batch has more around it there than the end of its line.
    const chunk = Buffer.allocUnsafe(batch.length);
    let at = 0;
    for (const value of recordValues(batch)) {
      const start = at;
      at += value.copy(chunk, at);
      keepOnOneLine(chunk, start, at);
      chunk[at++] = newline;
    }
    yield chunk.subarray(0, at);
  }
}

/** A row, and where it lies in its log. */
export interface FoundRow {
  readonly offset: number;
  readonly row: Buffer;
}

/**
 * Those rows of a stretch that are at these places among its lines, from 1, by place.
 * @param read what was there when the lines were counted. Default: what is there now.
 */
export async function rowsAt(
  log: PartitionLog,
  range: OffsetRange,
  places: ReadonlySet<number>,
  read?: readonly OffsetRange[],
): Promise<ReadonlyMap<number, FoundRow>> {
  const found = new Map<number, FoundRow>();
  let place = 0;
  for await (const batch of batchesOf(log, range)) {
    let offset = readHeader(batch).baseOffset;
    if (read !== undefined) place = countBefore(read, offset);
    for (const row of recordValues(batch)) {
      place++;
      if (places.has(place)) found.set(place, { offset, row: Buffer.from(row) });
      offset++;
    }
    if (found.size === places.size) break;
  }
  return found;
}

/** An event lies there as it came, perhaps over several lines. No JSON has an end of line within a string, so a space does as well. */
function keepOnOneLine(bytes: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at++) if (bytes[at] === newline || bytes[at] === carriageReturn) bytes[at] = space;
}

/** The record batches of a stretch that begins and ends with whole ones. */
async function* batchesOf(log: PartitionLog, { from, to }: OffsetRange): AsyncGenerator<Buffer> {
  for (let offset = from; offset < to;) {
    if (log.endOffset < to)
      throw new Error('Some of its rows are not shown yet: the source that they come from has the word.');
    const { bytes, nextOffset } = await log.read(offset, readSize);
    for (let at = 0; at < bytes.length; at += batchSize(bytes, at)) {
      if (nextOffsetOf(bytes, at) > to) return;
      yield bytes.subarray(at, at + batchSize(bytes, at));
    }
    if (bytes.length === 0) return;
    offset = nextOffset;
  }
}
