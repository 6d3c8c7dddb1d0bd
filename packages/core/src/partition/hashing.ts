import { javaHashCode } from './java-values.js';

/**
 * Murmur3 (x86, 32 bits, seed 0) over whole 32-bit words, as Guava's `Hashing.murmur3_32()` does with `putInt` and `putLong`.
 */
export class Murmur3 {
  #hash = 0;
  #length = 0;

  putInt(value: number): this {
    const mixed = Math.imul(rotateLeft(Math.imul(value, 0xcc9e2d51), 15), 0x1b873593);
    this.#hash = (Math.imul(rotateLeft(this.#hash ^ mixed, 13), 5) + 0xe6546b64) | 0;
    this.#length += 4;
    return this;
  }

  /** The low half first, as Guava orders bytes. */
  putLong(value: number | bigint): this {
    if (typeof value === 'bigint') return this.putInt(Number(BigInt.asIntN(32, value))).putInt(Number(value >> 32n));
    // `|` takes a number modulo 2^32.
    return this.putInt(value | 0).putInt(Math.floor(value / 2 ** 32) | 0);
  }

  /** The `hashCode` of a Java String. */
  putText(text: string): this {
    return this.putInt(javaHashCode(text));
  }

  /** A signed 32-bit number. */
  digest(): number {
    let hash = this.#hash ^ this.#length;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) | 0;
  }
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

const multiplier = 2862933555777941757n;

/**
 * Guava's `Hashing.consistentHash(int, int)`: a bucket from 0 to `buckets` - 1, such that most hashes keep theirs when `buckets` grows.
 */
export function consistentHash(hash: number, buckets: number): number {
  let state = BigInt.asUintN(64, BigInt(hash));
  let candidate = 0;
  for (;;) {
    state = BigInt.asUintN(64, multiplier * state + 1n);
    const fraction = (Number(BigInt.asIntN(32, state >> 33n)) + 1) / 2 ** 31;
    const next = Math.trunc((candidate + 1) / fraction);
    if (!(next >= 0 && next < buckets)) return candidate;
    candidate = next;
  }
}
