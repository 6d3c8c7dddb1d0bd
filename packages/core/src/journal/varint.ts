/** Above it, a number's bits no longer fit into the operators for bits. */
const mostBits = 0x7fffffff;

/** The doubled form in which small numbers of either sign are short. Exact up to 2^52, far beyond any time or length. */
const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);

/** How many bytes a number takes as a signed varint. */
export function varintSize(value: number): number {
  let left = zigzag(value);
  let size = 1;
  for (; left > 127; size++) left = Math.floor(left / 128);
  return size;
}

/**
 * Writes a signed varint, as records have them: seven bits a byte, the lowest first.
 * @returns the place behind it.
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let left = zigzag(value);
  while (left > 127) {
    bytes[at++] = (left % 128) | 128;
    left = left > mostBits ? Math.floor(left / 128) : left >>> 7;
  }
  bytes[at++] = left;
  return at;
}

/** Reads signed varints one behind the other. */
export class VarintReader {
  readonly #bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** @throws RangeError when the bytes end within it. */
  next(): number {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new RangeError('The bytes end within a varint.');
      value += (byte & 127) * unit;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      unit *= 128;
    }
  }
}
