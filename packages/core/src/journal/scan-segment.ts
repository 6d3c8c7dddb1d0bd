import { batchSize, isIntact, layout, looksLikeBatch, magic, readHeader, type BatchHeader } from './batch-header.js';
import type { File } from './file-system.js';
import { FileWindow } from './file-window.js';
import { SparseIndex } from './sparse-index.js';

/** Intact batches side by side, their offsets without gaps. */
export interface Run {
  /** Where its first batch begins in the file. */
  readonly from: number;
  /** Where its last batch ends. */
  to: number;
  readonly base: number;
  end: number;
  /** Positions in it count from its beginning. */
  readonly index: SparseIndex;
}

/** Bytes of a file that are not what was written. */
interface Damage {
  readonly position: number;
  readonly bytes: number;
  /** The offset of the first record that was in them. */
  readonly offset: number;
  /** How many records were in them: known when intact ones follow, or when the header can still be read. */
  readonly records: number | undefined;
}

/** What a file holds, in order. */
export interface Scan {
  readonly runs: readonly Run[];
  readonly damages: readonly Damage[];
}

/**
 * Checks every batch of a segment, and finds those behind a damage too.
 * @param base the offset of its first record.
 * @param onBatch told of each intact batch, in order.
 */
export async function scanSegment(
  file: File,
  size: number,
  base: number,
  onBatch: (header: BatchHeader) => void,
): Promise<Scan> {
  const window = new FileWindow(file, size);
  const runs: Run[] = [];
  const damages: Damage[] = [];
  let run: Run | undefined;
  let expected = base;
  for (let position = 0; position < size;) {
    const header = await intactAt(window, position);
    if (header?.baseOffset !== expected) {
      run = undefined;
      const next = await nextIntact(window, position + 1, expected);
      const records =
        next === undefined ? await recordsOf(window, position, expected) : next.header.baseOffset - expected;
      const end = next?.position ?? size;
      damages.push({ position, bytes: end - position, offset: expected, records });
      position = end;
      expected = next?.header.baseOffset ?? expected;
      continue;
    }
    if (run === undefined) {
      run = { from: position, to: position, base: expected, end: expected, index: new SparseIndex() };
      runs.push(run);
    }
    run.index.add(header, position - run.from);
    onBatch(header);
    position += header.size;
    expected = header.nextOffset;
    run.to = position;
    run.end = expected;
  }
  return { runs, damages };
}

async function intactAt(window: FileWindow, position: number): Promise<BatchHeader | undefined> {
  const start = await window.take(position, layout.records);
  if (start === undefined || !looksLikeBatch(start)) return undefined;
  const batch = await window.take(position, batchSize(start));
  if (batch === undefined || !isIntact(batch)) return undefined;
  const header = readHeader(batch);
  return header.count > 0 && header.nextOffset - header.baseOffset === header.count ? header : undefined;
}

interface Found {
  readonly position: number;
  readonly header: BatchHeader;
}

/** The next intact batch whose offset makes sense. Rows are JSON, so none can hold what looks like one. */
async function nextIntact(window: FileWindow, from: number, expected: number): Promise<Found | undefined> {
  for (let at = from; at + layout.records <= window.end;) {
    const bytes = await window.from(at, layout.records);
    const last = bytes.length - layout.records;
    for (let place = nextMagic(bytes, 0); place >= 0 && place <= last; place = nextMagic(bytes, place + 1)) {
      const position = at + place;
      // No record is shorter than a byte, so the offset cannot have grown by more than the bytes.
      const most = expected + position - from + 1;
      if (!looksLikeBatch(bytes, place)) continue;
      const { baseOffset } = readHeader(bytes, place);
      if (baseOffset < expected || baseOffset > most) continue;
      const header = await intactAt(window, position);
      if (header !== undefined) return { position, header };
    }
    at += last + 1;
  }
  return undefined;
}

/** Where the next batch could begin, by its magic byte. Negative when there is none. */
function nextMagic(bytes: Buffer, from: number): number {
  return bytes.indexOf(magic, from + layout.magic) - layout.magic;
}

/** How many records a broken batch had, if its header tells. */
async function recordsOf(window: FileWindow, position: number, expected: number): Promise<number | undefined> {
  const start = await window.take(position, layout.records);
  if (start === undefined) return undefined;
  const { baseOffset, nextOffset, count, size } = readHeader(start);
  const isWhole = position + size === window.end;
  return isWhole && baseOffset === expected && nextOffset - baseOffset === count ? count : undefined;
}
