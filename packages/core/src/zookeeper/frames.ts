const prefix = 4;
/** Far above what ZooKeeper sends (`jute.maxbuffer` is 1 MiB), far below what another protocol's bytes would mean as a length. */
const longest = 64 * 1024 * 1024;

/** Cuts the bytes of one connection into frames. What is left of a frame when the connection ends, ends with this object. */
export class FrameSplitter {
  #waiting: Buffer[] = [];
  #size = 0;
  #needed = prefix;

  /**
   * Takes the next bytes and gives each frame that is complete, without its length.
   * @throws RangeError when a length makes no sense: the other side does not speak ZooKeeper.
   */
  *push(bytes: Buffer): Generator<Buffer> {
    this.#waiting.push(bytes);
    this.#size += bytes.length;
    while (this.#size >= this.#needed) {
      const all = this.#waiting.length === 1 ? (this.#waiting[0] ?? bytes) : Buffer.concat(this.#waiting);
      const length = all.readInt32BE();
      if (length < 0 || length > longest) throw new RangeError(`it announced an answer of ${length} bytes`);
      const end = prefix + length;
      this.#needed = all.length >= end ? prefix : end;
      const rest = all.length >= end ? all.subarray(end) : all;
      this.#waiting = rest.length === 0 ? [] : [rest];
      this.#size = rest.length;
      if (all.length >= end) yield all.subarray(prefix, end);
    }
  }
}
