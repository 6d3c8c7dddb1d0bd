import { Buffer } from 'node:buffer';
import { WrittenEvent, WrittenRun } from './found-event.js';
import type { ObjectRuns } from './object-runs.js';

/** Blocks begin small and grow with the traffic. */
const [firstBlock, largestKept] = [16_384, 2_097_152];
const mostKept = 8;

/** Between two rows: one may become the end of an array, the other the beginning of the next. */
const gap = 2;
const [blank, comma, openArray, closeArray] = [32, 44, 91, 93];

/** Blocks that batches have done with. Ever new ones would keep the garbage collector busier than all the rest. */
export class BlockPool {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(firstBlock);
  }

  give(block: Buffer): void {
    if (this.#free.length < mostKept && block.length <= largestKept) this.#free.push(block);
  }
}

/**
 * Rows on their way to one destination. They are kept in columns, as one object for each row would cost more than to write it; and
 * their JSON stands in one block as in an array, so that any stretch of them can be sent as it lies.
 */
export class RowBatch {
  /** The events as their callers gave them; of those that were found among others, what is left of them. */
  readonly events: unknown[] = [];
  /** Their times, in epoch milliseconds. */
  readonly timestamps: number[] = [];
  /** Where the rows are written. */
  block: Buffer;
  /** Where the next row begins. */
  start = 1;
  readonly #ends: number[] = [];
  readonly #pool: BlockPool;

  constructor(pool: BlockPool) {
    this.#pool = pool;
    this.block = pool.take();
  }

  /** How many rows there are. */
  get count(): number {
    return this.#ends.length;
  }

  /** The length of the JSON array of all of them. */
  get size(): number {
    return this.start - 1;
  }

  /** Makes room for a row of so many bytes. */
  begin(size: number): void {
    if (this.start + size + gap > this.block.length) this.#enlarge(size, 0);
  }

  /**
   * Makes room within a row of which `written` bytes are there. The block may be another one then.
   * @param size how many more bytes it needs
   */
  grow(written: number, size: number): void {
    this.#enlarge(written + size, written);
  }

  /** Ends the row that begins at `start`. */
  finish(length: number, event: unknown, timestamp: number): void {
    const end = this.start + length;
    this.block[end] = comma;
    this.block[end + 1] = blank;
    this.start = end + gap;
    this.#ends.push(end);
    this.events.push(event);
    this.timestamps.push(timestamp);
  }

  /** Adds the next events of a run as rows, as they are. */
  takeRun(run: ObjectRuns, count: number): void {
    const rows = run.rows(count);
    this.begin(rows.length - gap);
    this.block.set(rows, this.start);
    const shift = this.start - rows.byteOffset;
    const written = new WrittenRun(run.place + run.at - this.count);
    for (let end = run.at + count; run.at < end; run.at++) {
      this.#ends.push(run.rowEnd(run.at) + shift);
      this.events.push(written);
      this.timestamps.push(run.times[run.at] ?? NaN);
    }
    this.start += rows.length;
  }

  /** Takes the last row away and adds it to another batch. */
  moveLast(to: RowBatch): void {
    const [end, timestamp] = [this.#ends.pop(), this.timestamps.pop()];
    const event = this.events.pop();
    if (end === undefined || timestamp === undefined) throw new RangeError('There is no row to move.');
    const start = (this.#ends.at(-1) ?? 1 - gap) + gap;
    to.begin(end - start);
    this.block.copy(to.block, to.start, start, end);
    to.finish(end - start, event, timestamp);
    this.start = start;
  }

  /** All rows, or those from one index up to another. */
  slice(from = 0, to = this.count): RowSlice {
    return new RowSlice(this, from, to);
  }

  /** Where the row of this index begins in the block. */
  startOf(index: number): number {
    return index === 0 ? 1 : (this.#ends[index - 1] ?? 0) + gap;
  }

  /** Where the row of this index ends in the block. */
  endOf(index: number): number {
    return this.#ends[index] ?? 0;
  }

  /** The event of a row, as its caller gave it. */
  eventAt(index: number): unknown {
    const event = this.events[index];
    const isEvent = event instanceof WrittenRun || (event instanceof WrittenEvent && event.bytes === undefined);
    if (isEvent) return Buffer.from(this.block.subarray(this.startOf(index), this.endOf(index)));
    return event instanceof WrittenEvent ? event.bytes : event;
  }

  /** Says that nobody looks at the block any more: it is going to be written over. */
  release(): void {
    this.#pool.give(this.block);
    this.block = Buffer.alloc(0);
  }

  #enlarge(size: number, written: number): void {
    const used = this.start + written;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.block.length * 2, this.start + size + 2 * gap));
    this.block.copy(larger, 0, 0, used);
    this.block = larger;
  }
}

/** Some rows of a batch that stand side by side. */
export class RowSlice {
  readonly #rows: RowBatch;
  readonly #from: number;
  readonly #to: number;

  constructor(rows: RowBatch, from: number, to: number) {
    this.#rows = rows;
    this.#from = from;
    this.#to = to;
  }

  /** How many rows there are. */
  get count(): number {
    return this.#to - this.#from;
  }

  /** So many rows at a time. */
  chunks(size: number): RowSlice[] {
    const slices: RowSlice[] = [];
    for (let from = this.#from; from < this.#to; from += size) {
      slices.push(this.#rows.slice(from, Math.min(from + size, this.#to)));
    }
    return slices;
  }

  /** The rows in slices that fit, each as large as halving makes it; a row that does not fit alone has one of its own. */
  upTo(fits: (slice: RowSlice) => boolean): RowSlice[] {
    if (this.count <= 1 || fits(this)) return [this];
    return this.chunks(Math.ceil(this.count / 2)).flatMap((half) => half.upTo(fits));
  }

  /** Where they stand, among others. */
  get block(): Buffer {
    return this.#rows.block;
  }

  /** Where a row of them begins in the block. */
  startOf(index: number): number {
    return this.#rows.startOf(this.#from + index);
  }

  /** Where it ends. */
  endOf(index: number): number {
    return this.#rows.endOf(this.#from + index);
  }

  /** The bytes of all of them, with a little between them. */
  get size(): number {
    return this.count === 0 ? 0 : this.endOf(this.count - 1) - this.startOf(0);
  }

  /** The time of each row, in epoch milliseconds. */
  get timestamps(): readonly number[] {
    return this.#rows.timestamps.slice(this.#from, this.#to);
  }

  /** The JSON of each row. */
  get rows(): Buffer[] {
    const { block } = this.#rows;
    return Array.from({ length: this.count }, (_, index) =>
      block.subarray(this.#rows.startOf(this.#from + index), this.#rows.endOf(this.#from + index)),
    );
  }

  /** The rows as a JSON array, where they lie: as long as it is in use, no other array of one of them may be. */
  arrayInPlace(): Buffer {
    const [start, end] = this.#bounds();
    return asArray(this.#rows.block.subarray(start - 1, end + 1));
  }

  /** The rows as a JSON array of its own. */
  array(): Buffer {
    const [start, end] = this.#bounds();
    return asArray(Buffer.from(this.#rows.block.subarray(start - 1, end + 1)));
  }

  /** Undoes what `arrayInPlace` did around the rows, so that they may be part of another array. */
  separate(): void {
    const [start, end] = this.#bounds();
    this.#rows.block[start - 1] = blank;
    this.#rows.block[end] = comma;
  }

  #bounds(): [number, number] {
    return [this.#rows.startOf(this.#from), this.#rows.endOf(this.#to - 1)];
  }
}

function asArray(bytes: Buffer): Buffer {
  bytes[0] = openArray;
  bytes[bytes.length - 1] = closeArray;
  return bytes;
}
