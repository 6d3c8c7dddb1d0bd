/** Jute, ZooKeeper's serialisation: big-endian numbers, and texts, byte strings and lists with their length before them. */

const absent = -1;

/** Writes one record after another into a frame. */
export class JuteWriter {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.allocUnsafe(4);
    part.writeInt32BE(value);
    return this.#add(part);
  }

  long(value: bigint): this {
    const part = Buffer.allocUnsafe(8);
    part.writeBigInt64BE(value);
    return this.#add(part);
  }

  bool(value: boolean): this {
    return this.#add(Buffer.from([value ? 1 : 0]));
  }

  bytes(value: Buffer): this {
    return this.int(value.length).#add(value);
  }

  text(value: string): this {
    return this.bytes(Buffer.from(value));
  }

  /** All that was written, with its length before it: what goes over the wire. */
  frame(): Buffer {
    const body = Buffer.concat(this.#parts);
    const frame = Buffer.allocUnsafe(4 + body.length);
    frame.writeInt32BE(body.length);
    body.copy(frame, 4);
    return frame;
  }

  #add(part: Buffer): this {
    this.#parts.push(part);
    return this;
  }
}

/** Reads the records of a frame. Throws RangeError when the frame ends too early. */
export class JuteReader {
  readonly #frame: Buffer;
  #at = 0;

  constructor(frame: Buffer) {
    this.#frame = frame;
  }

  int(): number {
    return this.#frame.readInt32BE(this.#advance(4));
  }

  long(): bigint {
    return this.#frame.readBigInt64BE(this.#advance(8));
  }

  bool(): boolean {
    return this.#frame.readUInt8(this.#advance(1)) !== 0;
  }

  bytes(): Buffer {
    const length = this.int();
    if (length === absent) return Buffer.alloc(0);
    const start = this.#advance(length);
    return this.#frame.subarray(start, start + length);
  }

  text(): string {
    return this.bytes().toString();
  }

  list<T>(readOne: () => T): T[] {
    const length = this.int();
    return Array.from({ length: Math.max(0, length) }, readOne);
  }

  #advance(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.#frame.length) {
      throw new RangeError(`the answer ends after ${this.#frame.length} bytes, within a field`);
    }
    this.#at = start + length;
    return start;
  }
}
