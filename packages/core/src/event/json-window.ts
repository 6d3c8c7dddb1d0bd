import { Buffer } from 'node:buffer';

/** The bytes that were received and not yet used up, in one piece. Takes copies, so that a source may use its chunks again. */
export class ByteWindow {
  #bytes = Buffer.allocUnsafe(65_536);
  #start = 0;
  #end = 0;
  #consumed = 0;

  /** How many bytes were used up before those of the view. */
  get consumed(): number {
    return this.#consumed;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  /** All bytes; valid until the next `append`. */
  view(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  append(chunk: Uint8Array): void {
    const length = this.length;
    if (this.#end + chunk.length > this.#bytes.length) {
      const needed = length + chunk.length;
      const target =
        needed > this.#bytes.length ? Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2)) : this.#bytes;
      this.#bytes.copy(target, 0, this.#start, this.#end);
      this.#bytes = target;
      this.#start = 0;
      this.#end = length;
    }
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  /** Drops the first bytes. */
  consume(count: number): void {
    this.#start += count;
    this.#consumed += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }
}
