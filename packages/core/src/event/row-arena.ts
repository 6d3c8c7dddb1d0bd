import { Buffer } from 'node:buffer';

/** A row as JSON: some of these bytes. */
export interface RowJson {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  /** Counts the rows of an arena: neighbours have neighbouring numbers. */
  readonly ordinal: number;
}

/** Blocks begin small and grow with the traffic. */
const [firstBlock, largestBlock] = [16_384, 1_048_576];
const mostFree = 8;

/** Between two rows: one may become the end of an array, the other the beginning of the next. */
const gap = 2;
const [blank, comma, openArray, closeArray] = [32, 44, 91, 93];
const [opening, separator, closing] = ['[', ',', ']'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];

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
  /** Where the row is that was written last. */
  lastStart = 1;
  lastEnd = 1;
  /** The number of the row that was written last. */
  ordinal = 0;
  /** How many rows that were not released are in each block. A block whose rows never are goes with them. */
  readonly #live = new WeakMap<Buffer, number>();
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
  finish(length: number): void {
    const { block, start } = this;
    const end = start + length;
    block[end] = comma;
    block[end + 1] = blank;
    this.lastStart = start;
    this.lastEnd = end;
    this.start = end + gap;
    this.#rows++;
    this.ordinal = (this.ordinal + 1) & 0x3fffffff;
  }

  /** The row that was written last. */
  get last(): RowJson {
    return { bytes: this.block, start: this.lastStart, end: this.lastEnd, ordinal: this.ordinal };
  }

  /** Says that nobody looks at these rows any more, which are in the order of their writing. Their places are written over. */
  release(rows: readonly RowJson[]): void {
    for (let from = 0; from < rows.length;) {
      const bytes = rows[from]?.bytes;
      const end = runEnd(rows, from, (row) => row.bytes === bytes);
      if (bytes !== undefined) this.#releaseSome(bytes, end - from);
      from = end;
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
 * A JSON array of rows, which are in the order of their writing. Where they lie side by side it is made in place: then no other array of one of
 * them may be made or in use as long as this one is.
 */
export function arrayInPlace(rows: readonly RowJson[]): Buffer {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || neighbours(rows, 0) < rows.length) return arrayOf(rows);
  first.bytes[first.start - 1] = openArray;
  last.bytes[last.end] = closeArray;
  return first.bytes.subarray(first.start - 1, last.end + 1);
}

/** Undoes what `arrayInPlace` did around these rows, so that they may be part of another array. */
export function separate(rows: readonly RowJson[]): void {
  const [first, last] = [rows[0], rows.at(-1)];
  if (first !== undefined && first.start > 0) first.bytes[first.start - 1] = blank;
  if (last !== undefined && last.end < last.bytes.length) last.bytes[last.end] = comma;
}

/** A JSON array of rows, which are in the order of their writing, made of copies. */
export function arrayOf(rows: readonly RowJson[]): Buffer {
  const parts: Buffer[] = [];
  for (let from = 0; from < rows.length;) {
    const end = neighbours(rows, from);
    const [first, last] = [rows[from], rows[end - 1]];
    // What stands between two rows is copied with them.
    if (first !== undefined && last !== undefined) parts.push(separator, first.bytes.subarray(first.start, last.end));
    from = end;
  }
  return Buffer.concat([opening, ...parts.slice(1), closing]);
}

/** Where the rows end that lie side by side from this one on. */
function neighbours(rows: readonly RowJson[], from: number): number {
  const first = rows[from];
  return runEnd(rows, from, (row, distance) => row.bytes === first?.bytes && row.ordinal === first.ordinal + distance);
}

/**
 * Where the rows end that are like the first. Looks at few of them: what is true of a row is true of all before it. A look at each would cost as
 * much as to write them, as they have left the processor's cache.
 */
function runEnd(rows: readonly RowJson[], from: number, isLike: (row: RowJson, distance: number) => boolean): number {
  const is = (at: number): boolean => {
    const row = rows[at];
    return row !== undefined && isLike(row, at - from);
  };
  if (is(rows.length - 1)) return rows.length;
  let [known, beyond] = [from, rows.length - 1];
  while (known + 1 < beyond) {
    const middle = (known + beyond) >> 1;
    if (is(middle)) known = middle;
    else beyond = middle;
  }
  return known + 1;
}
