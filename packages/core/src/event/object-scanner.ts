import { Buffer, isUtf8 } from 'node:buffer';
import { sameBytes } from './key-name.js';
import { Members } from './members.js';

/** Deeper nesting is refused, as Jackson's StreamReadConstraints does. */
const maxDepth = 1000;

const [quote, plus, comma, minus, point, zero, nine, colon] = [34, 43, 44, 45, 46, 48, 57, 58];
const [openArray, backslash, closeArray, openObject, closeObject] = [91, 92, 93, 123, 125];

/** 1 for the ASCII that stands for itself in a string. */
const plain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 32 && byte < 128 && byte !== quote && byte !== backslash ? 1 : 0,
);
/** 1 for what may follow a backslash, but for `u`. */
const escapable = tableOf('"\\/bfnrt');
const hexadecimal = tableOf('0123456789abcdefABCDEF');
const words = ['true', 'false', 'null'].map((word) => Buffer.from(word));

function tableOf(characters: string): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => (characters.includes(String.fromCharCode(byte)) ? 1 : 0));
}

/**
 * Checks that bytes are one JSON object, all of it and nothing else, as strictly as `JSON.parse` does, and finds its members, without
 * making values of them. So the bytes can be put beside others, and no one can break its neighbours.
 */
export class ObjectScanner {
  #bytes: Uint8Array = new Uint8Array(0);
  #end = 0;
  /** How many escapes the key read last has. */
  #escapes = 0;
  /** How many bytes are not ASCII. */
  #wide = 0;
  /** What was found. It is valid until the next call. */
  readonly members = new Members();

  /** Whether the bytes are an object. White space around it is let pass. */
  scan(bytes: Uint8Array): boolean {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#wide = 0;
    this.members.begin(bytes);
    const start = this.#skipSpace(0);
    if (start >= bytes.length || bytes[start] !== openObject) return false;
    const end = this.#object(start + 1, 1);
    return end >= 0 && this.#skipSpace(end) === bytes.length && (this.#wide === 0 || isUtf8(bytes));
  }

  /**
   * Looks for an object among other bytes.
   * @param start where its bracket opens.
   * @param limit where it has to end, at the latest.
   * @returns the offset behind it; -1 when it is no object, or ends later.
   */
  scanAt(bytes: Uint8Array, start: number, limit: number): number {
    this.#bytes = bytes;
    this.#end = limit;
    this.#wide = 0;
    this.members.begin(bytes);
    const end = this.#object(start + 1, 1);
    return end < 0 || end > limit || (this.#wide > 0 && !isUtf8(bytes.subarray(start, end))) ? -1 : end;
  }

  /** Each of these gives the offset behind what it reads, or -1. */
  #value(at: number, depth: number): number {
    const byte = this.#bytes[at] ?? 0;
    if (byte === quote) return this.#string(at + 1);
    if (byte === minus || (byte >= zero && byte <= nine)) return this.#number(at);
    if (depth >= maxDepth) return -1;
    if (byte === openObject) return this.#object(at + 1, depth + 1);
    if (byte === openArray) return this.#array(at + 1, depth + 1);
    for (const word of words) if (sameBytes(this.#bytes, at, at + word.length, word)) return at + word.length;
    return -1;
  }

  #object(from: number, depth: number): number {
    const bytes = this.#bytes;
    let at = this.#skipSpace(from);
    if (bytes[at] === closeObject) return at + 1;
    for (;;) {
      if (bytes[at] !== quote) return -1;
      const key = at + 1;
      this.#escapes = 0;
      at = this.#string(key);
      if (at < 0) return -1;
      const keyEnd = this.#escapes > 0 ? ~(at - 1) : at - 1;
      // Mostly there is no white space, and a look is quicker than a call.
      if (bytes[at] !== colon) at = this.#skipSpace(at);
      if (bytes[at] !== colon) return -1;
      const value = isSpace(bytes[at + 1]) ? this.#skipSpace(at + 1) : at + 1;
      at = this.#value(value, depth);
      if (at < 0) return -1;
      if (depth === 1) this.members.add(key, keyEnd, value, at);
      if (isSpace(bytes[at])) at = this.#skipSpace(at);
      if (bytes[at] === closeObject) return at + 1;
      if (bytes[at] !== comma) return -1;
      at = isSpace(bytes[at + 1]) ? this.#skipSpace(at + 1) : at + 1;
    }
  }

  #array(from: number, depth: number): number {
    const bytes = this.#bytes;
    let at = this.#skipSpace(from);
    if (bytes[at] === closeArray) return at + 1;
    for (;;) {
      at = this.#value(at, depth);
      if (at < 0) return -1;
      at = this.#skipSpace(at);
      if (bytes[at] === closeArray) return at + 1;
      if (bytes[at] !== comma) return -1;
      at = this.#skipSpace(at + 1);
    }
  }

  #string(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from;
    while (at < end) {
      // The greatest part of most input passes here.
      while (at < end && plain[bytes[at] ?? 0] === 1) at++;
      const byte = bytes[at++] ?? 0;
      if (byte === quote) return at;
      if (byte >= 128) {
        this.#wide++;
      } else if (byte === backslash) {
        this.#escapes++;
        at = this.#escape(at);
        if (at < 0) return -1;
      } else {
        return -1;
      }
    }
    return -1;
  }

  #escape(at: number): number {
    const bytes = this.#bytes;
    const byte = bytes[at] ?? 0;
    if (escapable[byte] === 1) return at + 1;
    if (byte !== 117) return -1;
    for (let i = 1; i <= 4; i++) if (hexadecimal[bytes[at + i] ?? 0] !== 1) return -1;
    return at + 5;
  }

  #number(from: number): number {
    const bytes = this.#bytes;
    let at = bytes[from] === minus ? from + 1 : from;
    at = bytes[at] === zero ? at + 1 : this.#digits(at);
    if (at >= 0 && bytes[at] === point) at = this.#digits(at + 1);
    if (at >= 0 && ((bytes[at] ?? 0) | 32) === 101) {
      const sign = bytes[at + 1];
      at = this.#digits(sign === plus || sign === minus ? at + 2 : at + 1);
    }
    return at;
  }

  #digits(from: number): number {
    const bytes = this.#bytes;
    let at = from;
    for (let byte = bytes[at] ?? 0; byte >= zero && byte <= nine; byte = bytes[at] ?? 0) at++;
    return at === from ? -1 : at;
  }

  #skipSpace(from: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = from;
    // Never looks behind the end: a single look there makes every one slower.
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (byte > 32 || (byte !== 32 && byte !== 10 && byte !== 13 && byte !== 9)) break;
      at++;
    }
    return at;
  }
}

/** Whether a byte is white space, or a control character, which is then found to be wrong. */
function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && byte <= 32;
}
