import { Buffer } from 'node:buffer';

/** A row as JSON: some of these bytes. */
export interface RowJson {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** Blocks begin small and grow with the traffic. */
const [firstBlock, largestBlock] = [16_384, 1_048_576];
const mostFree = 8;

/** Between two rows: one may become the end of an array, the other the beginning of the next. */
const gap = 2;
const [blank, comma, openArray, closeArray] = [32, 44, 91, 93];

/**
 * Where the rows of one destination are written, one behind the other as in an array, so that neighbours can be sent as they lie. Rows of
 * different destinations never share a block: a row that waits for long keeps no more alive than its neighbours. Blocks are used again, as
 * ever new ones would keep the garbage collector busier than all the rest.
 */
export class RowArena {
  /** The block that is written to. */
  block: Buffer = Buffer.alloc(0);
  /** Where the row begins that is being written. */
  start = 1;
  /** How many rows that were not released are in each block. */
  readonly #live = new Map<Buffer, number>();
  readonly #free: Buffer[] = [];
  #rows = 0;

  /** Begins a row. */
  begin(size: number): void {
    if (this.start + size + gap > this.block.length) this.#renew(size, 0);
  }

  /**
   * Makes room within a row of which `written` bytes are there. The block and the beginning of the row may move.
   * @param size how many more bytes it needs
   */
  grow(written: number, size: number): void {
    this.#renew(written * 2 + size, written);
  }

  /** Ends the row of `length` bytes. */
  finish(length: number): RowJson {
    const { block: bytes, start } = this;
    const end = start + length;
    bytes[end] = comma;
    bytes[end + 1] = blank;
    this.start = end + gap;
    this.#rows++;
    return { bytes, start, end };
  }

  /** Says that nobody looks at these rows any more. Their places are written over. */
  release(rows: readonly RowJson[]): void {
    for (let first = 0; first < rows.length;) {
      const bytes = rows[first]?.bytes;
      let next = first + 1;
      while (next < rows.length && rows[next]?.bytes === bytes) next++;
      if (bytes !== undefined) this.#releaseSome(bytes, next - first);
      first = next;
    }
  }

  #releaseSome(bytes: Buffer, count: number): void {
    if (bytes === this.block) {
      this.#rows -= count;
      if (this.#rows === 0) this.start = 1;
      return;
    }
    const left = (this.#live.get(bytes) ?? NaN) - count;
    if (left > 0) this.#live.set(bytes, left);
    else if (this.#live.delete(bytes) && this.#free.length < mostFree && bytes.length === this.block.length) {
      this.#free.push(bytes);
    }
  }

  #renew(size: number, written: number): void {
    const { block, start } = this;
    const length = Math.max(Math.min(Math.max(firstBlock, block.length * 2), largestBlock), size + 2 * gap);
    const next = length <= largestBlock ? this.#free.pop() : undefined;
    const larger = next !== undefined && next.length >= length ? next : Buffer.allocUnsafeSlow(length);
    if (written > 0) block.copy(larger, 1, start, start + written);
    if (this.#rows > 0) this.#live.set(block, this.#rows);
    this.block = larger;
    this.start = 1;
    this.#rows = 0;
  }
}

/**
 * A JSON array of rows. Where they lie side by side in an arena it is made in place: then no other array of one of them may be made or in use as
 * long as this one is.
 */
export function arrayInPlace(rows: readonly RowJson[]): Buffer {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || !areNeighbours(rows)) return arrayOf(rows);
  first.bytes[first.start - 1] = openArray;
  last.bytes[last.end] = closeArray;
  return first.bytes.subarray(first.start - 1, last.end + 1);
}

function areNeighbours(rows: readonly RowJson[]): boolean {
  let end = (rows[0]?.start ?? 0) - gap;
  const bytes = rows[0]?.bytes;
  for (const row of rows) {
    if (row.bytes !== bytes || row.start !== end + gap) return false;
    end = row.end;
  }
  return true;
}

/** A JSON array of rows, made of copies. */
export function arrayOf(rows: readonly RowJson[]): Buffer {
  let size = 1;
  for (const { start, end } of rows) size += end - start + 1;
  const body = Buffer.allocUnsafeSlow(Math.max(2, size));
  let at = 1;
  for (const { bytes, start, end } of rows) {
    body.set(bytes.subarray(start, end), at);
    at += end - start;
    body[at++] = comma;
  }
  body[0] = openArray;
  body[body.length - 1] = closeArray;
  return body;
}
