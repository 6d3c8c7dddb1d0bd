import { baseOffsetOf, batchSize, isIntact, layout, looksLikeBatch, nextOffsetOf, readHeader } from './batch-header.js';
import { recordTimes } from './encode-batch.js';
import { readFully, type File } from './file-system.js';
import { FileWindow } from './file-window.js';
import type { LogRead } from './partition-log.js';
import type { Place, SparseIndex } from './sparse-index.js';

/** Bytes that were written well, and are not what they were. */
export class DamagedBatch extends Error {}

/** What is read of an open segment. */
export interface SegmentBytes {
  readonly file: File;
  readonly index: SparseIndex;
  /** The offset of its first record. */
  readonly base: number;
  /** How many bytes are durable. */
  readonly size: number;
}

/** Read beyond what is asked for, as the first batches may lie before it. */
const slack = 131_072;

/**
 * Reads whole batches from the one with this offset on: at least one, and no more than fit into `maxBytes` otherwise.
 * @param offset below the end of the segment.
 * @param end where to end: the offset behind the last record that may be read, above the first one.
 * @throws DamagedBatch
 */
export async function readBatches(
  { file, index, base, size }: SegmentBytes,
  offset: number,
  maxBytes: number,
  end = Infinity,
): Promise<LogRead> {
  let place = index.placeOf(offset, base);
  let least = 0;
  while (place.position < size) {
    const length = Math.min(Math.max(least, maxBytes + slack), size - place.position);
    const bytes = await readFully(file, place.position, length);
    const start = skip(bytes, place, offset);
    const at = start.position - place.position;
    if (isWhole(bytes, at)) return whole(bytes.subarray(at), start.offset, maxBytes, end);
    if (bytes.length < length) throw new DamagedBatch();
    // The batch goes on behind what was read, which may end within its header.
    least = at + layout.records <= bytes.length ? batchSize(bytes, at) : layout.records;
    if (start.position + least > size) throw new DamagedBatch();
    place = start;
  }
  throw new DamagedBatch();
}

const isWhole = (bytes: Buffer, at: number): boolean =>
  at + layout.records <= bytes.length && at + batchSize(bytes, at) <= bytes.length;

/** Where the batch with this offset begins; or the first one of which not all is there. */
function skip(bytes: Buffer, from: Place, offset: number): Place {
  let { offset: expected, position } = from;
  for (let at = 0; at + layout.records <= bytes.length; at = position - from.position) {
    requireBatch(bytes, at, expected);
    const next = nextOffsetOf(bytes, at);
    if (next > offset || !isWhole(bytes, at)) break;
    expected = next;
    position += batchSize(bytes, at);
  }
  return { offset: expected, position };
}

/** As many whole batches as fit, the first one in any case. */
function whole(bytes: Buffer, base: number, maxBytes: number, limit: number): LogRead {
  let [at, nextOffset] = [0, base];
  while (at + layout.records <= bytes.length) {
    requireBatch(bytes, at, nextOffset);
    const end = at + batchSize(bytes, at);
    if (end > bytes.length || (at > 0 && (end > maxBytes || nextOffset >= limit))) break;
    if (!isIntact(bytes, at)) throw new DamagedBatch();
    nextOffset = nextOffsetOf(bytes, at);
    at = end;
  }
  return { bytes: compact(bytes.subarray(0, at)), nextOffset };
}

/** Lets go of what was read beside it, where that is the larger part: it would stay in memory as long as this. */
function compact(bytes: Buffer): Buffer {
  if (2 * bytes.length >= bytes.buffer.byteLength) return bytes;
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/**
 * Where in a segment the batch with this offset begins.
 * @throws DamagedBatch
 */
export async function positionOf({ file, index, base, size }: SegmentBytes, offset: number): Promise<number> {
  const window = new FileWindow(file, size);
  let { offset: expected, position } = index.placeOf(offset, base);
  while (position < size && expected < offset) {
    const start = await window.take(position, layout.records);
    if (start === undefined) throw new DamagedBatch();
    requireBatch(start, 0, expected);
    expected = nextOffsetOf(start);
    position += batchSize(start);
  }
  return position;
}

/** The offset is not under the checksum, so it must be the one that follows. */
function requireBatch(bytes: Buffer, at: number, expected: number): void {
  if (!looksLikeBatch(bytes, at) || baseOffsetOf(bytes, at) !== expected) throw new DamagedBatch();
}

/**
 * Finds the first record of at least this time.
 * @returns `undefined` when the segment has none.
 * @throws DamagedBatch
 */
export async function findTime(
  { file, index, base, size }: SegmentBytes,
  timestamp: number,
): Promise<{ offset: number; timestamp: number } | undefined> {
  const window = new FileWindow(file, size);
  for (let { offset: expected, position } = index.placeOfTime(timestamp, base); position < size;) {
    const start = await window.take(position, layout.records);
    if (start === undefined) throw new DamagedBatch();
    requireBatch(start, 0, expected);
    const { baseOffset, nextOffset, maxTimestamp, size: length } = readHeader(start);
    if (maxTimestamp >= timestamp) {
      const batch = await window.take(position, length);
      if (batch === undefined || !isIntact(batch)) throw new DamagedBatch();
      let offset = baseOffset;
      for (const time of recordTimes(batch)) {
        if (time >= timestamp) return { offset, timestamp: time };
        offset++;
      }
    }
    position += length;
    expected = nextOffset;
  }
  return undefined;
}
