const longestVarint = 5;

/**
 * Reads the fields of a request in order: big-endian numbers; strings and arrays with their length before them, in the compact
 * form where the version is flexible. What it reads comes from anybody: each method throws RangeError where the bytes make no sense.
 */
export class WireReader {
  readonly #bytes: Buffer;
  readonly #flexible: boolean;
  #at: number;

  constructor(bytes: Buffer, flexible: boolean, at = 0) {
    this.#bytes = bytes;
    this.#flexible = flexible;
    this.#at = at;
  }

  /** How far it has read. */
  get position(): number {
    return this.#at;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#advance(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#advance(4));
  }

  /** The nearest number where it is beyond the safe integers: no offset of ours is. */
  int64(): number {
    return Number(this.#bytes.readBigInt64BE(this.#advance(8)));
  }

  string(): string {
    return this.nullableString() ?? this.#fail('has no text where one must be');
  }

  nullableString(): string | undefined {
    const length = this.#flexible ? this.#compactLength() : this.int16();
    return length < 0 ? undefined : this.#slice(length).toString();
  }

  bytes(): Buffer {
    return this.nullableBytes() ?? this.#fail('has no bytes where some must be');
  }

  nullableBytes(): Buffer | undefined {
    const length = this.#flexible ? this.#compactLength() : this.int32();
    return length < 0 ? undefined : this.#slice(length);
  }

  array<T>(readOne: () => T): T[] {
    return this.nullableArray(readOne) ?? this.#fail('has no list where one must be');
  }

  nullableArray<T>(readOne: () => T): T[] | undefined {
    const count = this.#flexible ? this.#compactLength() : this.int32();
    if (count < 0) return undefined;
    // An element takes a byte or more. So a count alone never makes us hold more than the frame does.
    if (count > this.#bytes.length - this.#at) this.#fail(`announces a list of ${count}`);
    return Array.from({ length: count }, readOne);
  }

  /** Skips the tagged fields that end a structure of a flexible version. */
  tags(): void {
    if (!this.#flexible) return;
    for (let left = this.#varint(); left > 0; left--) {
      this.#varint();
      this.#slice(this.#varint());
    }
  }

  #compactLength(): number {
    return this.#varint() - 1;
  }

  #varint(): number {
    let value = 0;
    for (let index = 0; index < longestVarint; index++) {
      const byte = this.#bytes.readUInt8(this.#advance(1));
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    return this.#fail('has a length of too many bytes');
  }

  #slice(length: number): Buffer {
    const start = this.#advance(length);
    return this.#bytes.subarray(start, start + length);
  }

  #advance(length: number): number {
    const start = this.#at;
    if (length < 0 || start + length > this.#bytes.length) this.#fail('ends within a field');
    this.#at = start + length;
    return start;
  }

  #fail(what: string): never {
    throw new RangeError(`it ${what} (byte ${this.#at} of ${this.#bytes.length})`);
  }
}
