import type { Buffer } from 'node:buffer';

/**
 * Reads the primitives of Avro's binary encoding. Whoever writes a message decides over counts and lengths in it, so each value costs
 * a part of what the message may cost: no message makes many more values than it has bytes.
 */
export class AvroInput {
  readonly bytes: Buffer;
  at = 0;
  /** Whether a number was read that a number of JavaScript cannot hold. */
  hasLongNumber = false;
  #valuesLeft: number;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.#valuesLeft = bytes.length + 10_000;
  }

  /** Counts values that may take no byte. */
  spend(): void {
    if (--this.#valuesLeft < 0) throw new Error('It claims to have more values than it has bytes.');
  }

  /** A zigzag varint as a number, if it is a safe one. */
  long(): number | bigint {
    let value = 0;
    let factor = 1;
    for (let read = 0; read < 7; read++) {
      const byte = this.#byte();
      value += (byte & 127) * factor;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    return this.#bigLong(BigInt(value));
  }

  /** A length or a count. */
  size(): number {
    const size = this.long();
    if (typeof size === 'bigint' || size < 0) throw new Error('A length in it is negative or too large.');
    return size;
  }

  take(length: number): Buffer {
    if (length > this.bytes.length - this.at) throw new Error('It ends in the middle of a value.');
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  text(length: number): string {
    const start = this.at;
    if (length > this.bytes.length - start) throw new Error('It ends in the middle of a value.');
    this.at = start + length;
    return this.bytes.toString('utf8', start, this.at);
  }

  boolean(): boolean {
    const byte = this.#byte();
    if (byte > 1) throw new Error(`A boolean in it is ${byte}.`);
    return byte === 1;
  }

  #bigLong(low: bigint): number | bigint {
    let value = low;
    for (let shift = 49n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) {
        const signed = BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
        return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
      }
    }
    throw new Error('A number in it has more than ten bytes.');
  }

  #byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('It ends in the middle of a value.');
    return byte;
  }
}
