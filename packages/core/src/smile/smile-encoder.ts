import { isJsonObject } from '../spec/json.js';
import { SharedNames } from './shared-names.js';
import { SmileOutput } from './smile-output.js';

/** Tokens of values and keys, by the names of the Smile 1.0 specification. */
const token = {
  emptyText: 0x20,
  null: 0x21,
  false: 0x22,
  true: 0x23,
  int32: 0x24,
  int64: 0x25,
  double: 0x29,
  smallInt: 0xc0,
  tinyAscii: 0x40,
  tinyUnicode: 0x80,
  longAscii: 0xe0,
  longUnicode: 0xe4,
  startArray: 0xf8,
  endArray: 0xf9,
  startObject: 0xfa,
  endObject: 0xfb,
  sharedName: 0x40,
  longSharedName: 0x30,
  longName: 0x34,
  asciiName: 0x80,
  unicodeName: 0xc0,
  endOfText: 0xfc,
} as const;

const header = [0x3a, 0x29, 0x0a];
const sharesNames = 0x01;
const longestShortText = 64;
const longestShortName = 56;

/**
 * Writes values as Smile, Jackson's binary form of JSON, as its `SmileGenerator` does with its defaults: names shared, texts not. What is not
 * JSON is left out or becomes null, as in `JSON.stringify`; there is no `toJSON`.
 */
export function encodeSmile(value: unknown): Buffer {
  // Whether a long name counts among the shared ones is told differently by different readers: then none is shared.
  return new Encoder(true).encode(value) ?? new Encoder(false).encode(value) ?? Buffer.alloc(0);
}

class Encoder {
  readonly #out = new SmileOutput();
  readonly #names: SharedNames | undefined;
  #foundLongName = false;

  constructor(sharing: boolean) {
    this.#names = sharing ? new SharedNames() : undefined;
  }

  /** @returns undefined when names cannot be shared. */
  encode(value: unknown): Buffer | undefined {
    for (const byte of header) this.#out.byte(byte);
    this.#out.byte(this.#names === undefined ? 0 : sharesNames);
    this.#value(value);
    return this.#foundLongName && this.#names !== undefined ? undefined : this.#out.take();
  }

  #value(value: unknown): void {
    const out = this.#out;
    if (typeof value === 'string') this.#text(value);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'boolean') out.byte(value ? token.true : token.false);
    else if (Array.isArray(value)) this.#array(value);
    else if (isJsonObject(value)) this.#object(value);
    else out.byte(token.null);
  }

  #array(elements: readonly unknown[]): void {
    this.#out.byte(token.startArray);
    for (const element of elements) this.#value(element);
    this.#out.byte(token.endArray);
  }

  #object(object: Readonly<Record<string, unknown>>): void {
    this.#out.byte(token.startObject);
    for (const name of Object.keys(object)) {
      const value = object[name];
      if (value === undefined || typeof value === 'function' || typeof value === 'symbol') continue;
      this.#name(name);
      this.#value(value);
    }
    this.#out.byte(token.endObject);
  }

  #name(name: string): void {
    const out = this.#out;
    const index = this.#names?.indexOf(name);
    if (name === '') {
      out.byte(token.emptyText);
    } else if (index === undefined) {
      this.#newName(name);
    } else if (index < 64) {
      out.byte(token.sharedName + index);
    } else {
      out.byte(token.longSharedName + (index >> 8));
      out.byte(index & 0xff);
    }
  }

  #newName(name: string): void {
    const out = this.#out;
    const place = out.skip(1);
    const size = out.utf8(name);
    if (size > longestShortName) {
      this.#foundLongName = true;
      out.put(place, token.longName);
      out.byte(token.endOfText);
      return;
    }
    out.put(place, size === name.length ? token.asciiName + size - 1 : token.unicodeName + size - 2);
    this.#names?.add(name);
  }

  #text(text: string): void {
    const out = this.#out;
    if (text === '') {
      out.byte(token.emptyText);
      return;
    }
    const place = out.skip(1);
    const size = out.utf8(text);
    const isAscii = size === text.length;
    if (size <= longestShortText) {
      out.put(place, isAscii ? token.tinyAscii + size - 1 : token.tinyUnicode + size - 2);
    } else {
      out.put(place, isAscii ? token.longAscii : token.longUnicode);
      out.byte(token.endOfText);
    }
  }

  #number(value: number): void {
    const out = this.#out;
    if (!Number.isFinite(value)) {
      out.byte(token.null);
    } else if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      out.byte(token.double);
      out.double(value);
    } else if (value >= -16 && value <= 15) {
      out.byte(token.smallInt + zigzag(value));
    } else {
      out.byte(value >= -(2 ** 31) && value < 2 ** 31 ? token.int32 : token.int64);
      out.vint(value);
    }
  }
}

/** For small numbers only: signs go to the last bit. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
