const firstSize = 512;

/**
 * Writes the fields of an answer in order, in the compact form where the version is flexible. Records go out as the buffers
 * they came in: they are not copied.
 */
export class WireWriter {
  readonly #flexible: boolean;
  readonly #done: Buffer[] = [];
  #part = Buffer.allocUnsafe(firstSize);
  #at = 0;
  #size = 0;

  constructor(flexible: boolean) {
    this.#flexible = flexible;
  }

  int8(value: number): this {
    this.#part.writeInt8(value, this.#room(1));
    return this;
  }

  int16(value: number): this {
    this.#part.writeInt16BE(value, this.#room(2));
    return this;
  }

  int32(value: number): this {
    this.#part.writeInt32BE(value, this.#room(4));
    return this;
  }

  int64(value: number): this {
    this.#part.writeBigInt64BE(BigInt(value), this.#room(8));
    return this;
  }

  string(text: string | undefined): this {
    const bytes = Buffer.from(text ?? '');
    const length = text === undefined ? -1 : bytes.length;
    if (this.#flexible) this.#varint(length + 1);
    else this.int16(length);
    bytes.copy(this.#part, this.#room(bytes.length));
    return this;
  }

  bytes(bytes: Buffer): this {
    if (this.#flexible) this.#varint(bytes.length + 1);
    else this.int32(bytes.length);
    if (bytes.length === 0) return this;
    this.#endPart();
    this.#done.push(bytes);
    this.#size += bytes.length;
    return this;
  }

  array<T>(values: readonly T[], writeOne: (value: T) => void): this {
    if (this.#flexible) this.#varint(values.length + 1);
    else this.int32(values.length);
    values.forEach(writeOne);
    return this;
  }

  /** Ends a structure: a flexible version has tagged fields there, of which we have none. */
  tags(): this {
    return this.#flexible ? this.#varint(0) : this;
  }

  /** All that was written, behind the frame's length and the header of an answer. */
  answer(correlationId: number, headerHasTags: boolean): readonly Buffer[] {
    this.#endPart();
    const head = Buffer.alloc(headerHasTags ? 9 : 8);
    head.writeInt32BE(head.length - 4 + this.#size);
    head.writeInt32BE(correlationId, 4);
    return [head, ...this.#done];
  }

  #varint(value: number): this {
    let left = value;
    while (left > 0x7f) {
      this.#part.writeUInt8((left & 0x7f) | 0x80, this.#room(1));
      left >>>= 7;
    }
    this.#part.writeUInt8(left, this.#room(1));
    return this;
  }

  /** Where the next so many bytes go. */
  #room(length: number): number {
    if (this.#at + length > this.#part.length) {
      this.#endPart();
      if (length > this.#part.length) this.#part = Buffer.allocUnsafe(Math.max(length, 2 * firstSize));
    }
    const start = this.#at;
    this.#at += length;
    this.#size += length;
    return start;
  }

  #endPart(): void {
    if (this.#at > 0) this.#done.push(this.#part.subarray(0, this.#at));
    this.#part = this.#part.subarray(this.#at);
    if (this.#part.length < firstSize / 4) this.#part = Buffer.allocUnsafe(firstSize);
    this.#at = 0;
  }
}
