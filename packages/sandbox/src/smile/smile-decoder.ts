/** Bytes that are not Smile, or not whole. */
class SmileFault extends Error {
  override name = 'SmileFault';
}

/** The most names, and the most texts, that can be referred back to. */
const mostShared = 1024;
const longestShared = 64;
const longestSharedName = 56;

/**
 * Reads Smile, Jackson's binary form of JSON: one value of what JSON has, with names and texts shared or not. Integers beyond 64
 * bits and bytes are not read, as no event has them.
 * @throws SmileFault
 */
export function decodeSmile(bytes: Buffer): unknown {
  if (bytes.length < 4 || bytes[0] !== 0x3a || bytes[1] !== 0x29 || bytes[2] !== 0x0a) {
    throw new SmileFault('Input does not start with Smile format header (first 3 bytes: 0x3a, 0x29, 0x0a).');
  }
  return new Decoder(bytes).value();
}

class Decoder {
  readonly #bytes: Buffer;
  #at = 4;
  readonly #sharesNames: boolean;
  readonly #sharesTexts: boolean;
  #names: string[] = [];
  #texts: string[] = [];
  readonly #view = new DataView(new ArrayBuffer(8));

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    const flags = bytes[3] ?? 0;
    this.#sharesNames = (flags & 1) !== 0;
    this.#sharesTexts = (flags & 2) !== 0;
  }

  value(token = this.#byte()): unknown {
    const low = token & 0x1f;
    switch (token >> 5) {
      case 0:
        return this.#sharedText(low - 1);
      case 1:
        return this.#simple(token);
      case 2:
        return this.#newText(low + 1);
      case 3:
        return this.#newText(low + 33);
      case 4:
        return this.#newText(low + 2);
      case 5:
        return this.#newText(low + 34);
      case 6:
        return zigzag(low);
      default:
        return this.#long(token);
    }
  }

  #simple(token: number): unknown {
    switch (token) {
      case 0x20:
        return '';
      case 0x21:
        return null;
      case 0x22:
        return false;
      case 0x23:
        return true;
      case 0x24:
      case 0x25:
        return this.#integer();
      case 0x28:
        return this.#float(5, (view) => view.getFloat32(4));
      case 0x29:
        return this.#float(10, (view) => view.getFloat64(0));
      default:
        throw this.#invalid(token);
    }
  }

  #long(token: number): unknown {
    switch (token) {
      case 0xe0:
      case 0xe4:
        return this.#longText();
      case 0xec:
      case 0xed:
      case 0xee:
      case 0xef:
        return this.#sharedText(((token & 3) << 8) | this.#byte());
      case 0xf8:
        return this.#array();
      case 0xfa:
        return this.#object();
      default:
        throw this.#invalid(token);
    }
  }

  #array(): unknown[] {
    const array: unknown[] = [];
    for (let token = this.#byte(); token !== 0xf9; token = this.#byte()) array.push(this.value(token));
    return array;
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (let token = this.#byte(); token !== 0xfb; token = this.#byte()) {
      const name = this.#name(token);
      if (name === '__proto__') {
        Object.defineProperty(object, name, {
          value: this.value(),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      } else {
        object[name] = this.value();
      }
    }
    return object;
  }

  #name(token: number): string {
    if (token === 0x20) return '';
    if (token === 0x34) return this.#longName();
    if (token >= 0x30 && token < 0x34) return this.#nameAt(((token & 3) << 8) | this.#byte());
    if (token >= 0x40 && token < 0x80) return this.#nameAt(token & 0x3f);
    if (token >= 0x80 && token < 0xc0) return this.#newName((token & 0x3f) + 1);
    if (token >= 0xc0 && token < 0xf8) return this.#newName((token & 0x3f) + 2);
    throw this.#invalid(token);
  }

  #newName(size: number): string {
    const name = this.#utf8(size);
    if (this.#sharesNames) this.#names = share(this.#names, name);
    return name;
  }

  /** Jackson shares a long name if it is long in bytes only. */
  #longName(): string {
    const name = this.#longText();
    if (this.#sharesNames && name.length <= longestSharedName) this.#names = share(this.#names, name);
    return name;
  }

  #newText(size: number): string {
    const text = this.#utf8(size);
    if (this.#sharesTexts && size <= longestShared) this.#texts = share(this.#texts, text);
    return text;
  }

  #nameAt(index: number): string {
    const name = this.#names[index];
    if (name === undefined) throw new SmileFault(`Invalid reference to the shared name ${index}.`);
    return name;
  }

  #sharedText(index: number): string {
    const text = this.#texts[index];
    if (text === undefined) throw new SmileFault(`Invalid reference to the shared text ${index}.`);
    return text;
  }

  #utf8(size: number): string {
    const end = this.#at + size;
    if (end > this.#bytes.length) {
      throw new SmileFault(
        `Needed to read ${size} bytes, only got ${this.#bytes.length - this.#at} before end-of-input`,
      );
    }
    const text = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end;
    return text;
  }

  #longText(): string {
    const end = this.#bytes.indexOf(0xfc, this.#at);
    if (end < 0) throw new SmileFault('Unexpected end-of-input in a text.');
    const text = this.#utf8(end - this.#at);
    this.#at++;
    return text;
  }

  /** Of up to 64 bits; beyond 2^53 as near as a number comes. */
  #integer(): number {
    let value = 0n;
    for (;;) {
      const byte = this.#byte();
      if ((byte & 0x80) !== 0) {
        value = (value << 6n) | BigInt(byte & 0x3f);
        return Number((value >> 1n) ^ -(value & 1n));
      }
      value = (value << 7n) | BigInt(byte);
    }
  }

  #float(size: number, read: (view: DataView) => number): number {
    let bits = 0n;
    for (let i = 0; i < size; i++) bits = (bits << 7n) | BigInt(this.#byte() & 0x7f);
    this.#view.setBigUint64(0, BigInt.asUintN(64, bits));
    return read(this.#view);
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new SmileFault('Unexpected end-of-input.');
    return byte;
  }

  #invalid(token: number): SmileFault {
    return new SmileFault(`Invalid type marker byte 0x${token.toString(16)}.`);
  }
}

/** The table is begun anew when it is full. */
function share(table: string[], text: string): string[] {
  if (table.length >= mostShared) return [text];
  table.push(text);
  return table;
}

/** Signs stand in the last bit. */
function zigzag(value: number): number {
  return (value & 1) === 0 ? value / 2 : -(value + 1) / 2;
}
