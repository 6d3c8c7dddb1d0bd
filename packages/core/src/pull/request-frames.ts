const prefix = 4;
const firstSize = 1_024;

/**
 * Cuts what one peer sends into requests. A length is judged before anything is kept for it, and what is kept is one buffer that
 * grows with the bytes that have come: neither a length alone nor bytes that come one by one make it take more than twice a request.
 */
export class RequestFrames {
  readonly #longest: number;
  #buffer = Buffer.alloc(0);
  #filled = 0;

  /** @param longest the most bytes of a request. */
  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Whether a request has begun and not ended. */
  get isWithin(): boolean {
    return this.#filled > 0;
  }

  /**
   * Takes the next bytes and gives each request that is complete, without its length.
   * @throws RangeError for a length that no request of ours has.
   */
  *push(bytes: Buffer): Generator<Buffer> {
    let rest = bytes;
    while (rest.length > 0) {
      const needed = this.#needed(rest);
      if (this.#filled === 0 && needed !== undefined && rest.length >= needed) {
        yield rest.subarray(prefix, needed);
        rest = rest.subarray(needed);
        continue;
      }
      const taken = Math.min(rest.length, (needed ?? prefix) - this.#filled);
      this.#keep(rest.subarray(0, taken));
      rest = rest.subarray(taken);
      if (this.#filled === needed && needed > prefix) {
        const frame = this.#buffer.subarray(prefix, needed);
        this.#buffer = Buffer.alloc(0);
        this.#filled = 0;
        yield frame;
      }
    }
  }

  /** Bytes of the request, its length included; `undefined` until that is known. */
  #needed(rest: Buffer): number | undefined {
    const head = this.#filled > 0 ? this.#buffer.subarray(0, this.#filled) : rest;
    if (head.length < prefix) return undefined;
    const length = head.readInt32BE();
    if (length <= 0 || length > this.#longest) throw new RangeError(`it announces a request of ${length} bytes`);
    return prefix + length;
  }

  #keep(bytes: Buffer): void {
    const filled = this.#filled + bytes.length;
    if (filled > this.#buffer.length) {
      const grown = Buffer.allocUnsafe(
        Math.max(firstSize, filled, Math.min(2 * this.#buffer.length, prefix + this.#longest)),
      );
      this.#buffer.copy(grown, 0, 0, this.#filled);
      this.#buffer = grown;
    }
    bytes.copy(this.#buffer, this.#filled);
    this.#filled = filled;
  }
}
