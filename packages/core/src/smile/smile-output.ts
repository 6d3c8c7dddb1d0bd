import { Buffer } from 'node:buffer';

const firstSize = 65_536;

/** Bytes of Smile in a buffer that grows. */
export class SmileOutput {
  #bytes = Buffer.allocUnsafeSlow(firstSize);
  #at = 0;
  readonly #double = new DataView(new ArrayBuffer(8));

  byte(value: number): void {
    this.#need(1);
    this.#bytes[this.#at++] = value;
  }

  /** Leaves bytes open for `put`. Gives their place. */
  skip(count: number): number {
    this.#need(count);
    this.#at += count;
    return this.#at - count;
  }

  put(place: number, value: number): void {
    this.#bytes[place] = value;
  }

  /** Gives the number of bytes. A lone surrogate, which UTF-8 does not have, becomes U+FFFD. */
  utf8(text: string): number {
    this.#need(text.length * 3);
    const bytes = this.#bytes;
    const start = this.#at;
    if (text.length <= 32) {
      let at = start;
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 127) break;
        bytes[at++] = unit;
      }
      if (at - start === text.length) {
        this.#at = at;
        return text.length;
      }
    }
    const size = bytes.write(text, start);
    this.#at += size;
    return size;
  }

  /** A safe integer: signs in the last bit; 6 bits in the last byte, which is marked, and 7 in those before. */
  vint(value: number): void {
    // Beyond 2^52 the doubled number is not exact, so the halves are kept apart.
    const magnitude = value < 0 ? -(value + 1) : value;
    const last = (magnitude % 32) * 2 + (value < 0 ? 1 : 0);
    let rest = Math.floor(magnitude / 32);
    let size = 1;
    for (let left = rest; left > 0; left = Math.floor(left / 128)) size++;
    const start = this.skip(size);
    this.#bytes[start + size - 1] = 0x80 | last;
    for (let at = start + size - 2; at >= start; at--) {
      this.#bytes[at] = rest % 128;
      rest = Math.floor(rest / 128);
    }
  }

  /** 64 bits in ten bytes of seven. */
  double(value: number): void {
    this.#double.setFloat64(0, value);
    let high = this.#double.getUint32(0);
    let low = this.#double.getUint32(4);
    const start = this.skip(10);
    for (let at = start + 9; at >= start; at--) {
      this.#bytes[at] = low & 0x7f;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
  }

  /** All bytes so far. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  #need(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#at + count));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}
