import { Buffer } from 'node:buffer';

/** A row as JSON: some of these bytes. Behind its end there is room for a comma. */
export interface RowJson {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

const blockSize = 65_536;
const comma = 44;

/**
 * Where the rows of one destination are written, one behind the other with a comma between, so that neighbours can be copied in one go. Rows
 * of different destinations never share a block: a row that waits for long keeps no more alive than its neighbours.
 */
export class RowArena {
  /** The block that is written to. */
  block: Buffer<ArrayBuffer> = Buffer.alloc(0);
  /** Where the row begins that is being written. */
  start = 0;

  /** Begins a row. */
  begin(size: number): void {
    if (this.start + size + 1 > this.block.length) this.#renew(size, 0);
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
    this.start = end + 1;
    return { bytes, start, end };
  }

  #renew(size: number, written: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(blockSize, size + 1));
    if (written > 0) this.block.copy(larger, 0, this.start, this.start + written);
    this.block = larger;
    this.start = 0;
  }
}

/** A JSON array of rows. */
export function jsonArray(rows: readonly RowJson[]): Buffer {
  let size = 1;
  for (const { start, end } of rows) size += end - start + 1;
  const body = Buffer.allocUnsafe(Math.max(2, size));
  let at = 1;
  for (let first = 0; first < rows.length;) {
    const run = rows[first];
    if (run === undefined) break;
    let { end } = run;
    let next = first + 1;
    for (; rows[next]?.bytes === run.bytes && rows[next]?.start === end + 1; next++) end = rows[next]?.end ?? end;
    body.set(run.bytes.subarray(run.start, end), at);
    at += end - run.start;
    body[at++] = comma;
    first = next;
  }
  body[0] = 91;
  body[body.length - 1] = 93;
  return body;
}
