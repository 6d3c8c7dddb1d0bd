/** Above it, a number's bits no longer fit into the operators for bits. */
const mostBits = 0x7fffffff;
/** From here on, a byte says that another one follows. */
const continued = 128;

/** What a varint has of a number beside its sign, in zigzag: exact up to 2^53, where the doubled form of both together would not be. */
const magnitude = (value: number): number => (value < 0 ? -value - 1 : value);

/** How many bytes a number takes as a signed varint. */
export function varintSize(value: number): number {
  let left = magnitude(value);
  let size = 1;
  // The first byte has the sign too.
  for (let room = 63; left > room; size++) {
    left = Math.floor(left / (room + 1));
    room = 127;
  }
  return size;
}

/**
 * Writes a signed varint, as records have them: seven bits a byte, the lowest first.
 * @returns the place behind it.
 */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  const whole = magnitude(value);
  let left = whole > mostBits ? Math.floor(whole / 64) : whole >>> 6;
  bytes[at++] = (whole % 64) * 2 + (value < 0 ? 1 : 0) + (left > 0 ? continued : 0);
  while (left > 0) {
    const rest = left > mostBits ? Math.floor(left / 128) : left >>> 7;
    bytes[at++] = (left % 128) + (rest > 0 ? continued : 0);
    left = rest;
  }
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
    const first = this.#bytes[this.at] ?? continued;
    if (first < continued) {
      this.at++;
      return (first >>> 1) ^ -(first & 1);
    }
    const isNegative = (first & 1) === 1;
    let [value, unit] = [(first & 127) >>> 1, 64];
    for (this.at++; ; unit *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new RangeError('The bytes end within a varint.');
      value += (byte & 127) * unit;
      if (byte < 128) return isNegative ? -value - 1 : value;
    }
  }
}
