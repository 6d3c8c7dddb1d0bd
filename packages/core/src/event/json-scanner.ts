/** Finds where a JSON value ends, byte by byte and across chunks, without reading what is in it. */

/** {@link ValueScanner.scan}: the value goes on after the bytes that were given. */
export const UNFINISHED = -1;
/** {@link ValueScanner.scan}: the value cannot be JSON, and where it ends cannot be told. See {@link ValueScanner.fault}. */
export const BROKEN = -2;

/** Deeper nesting is refused, as Jackson's StreamReadConstraints does. It also bounds the work that broken input can cause. */
const MAX_DEPTH = 1000;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Whether a byte is white space in JSON. */
export function isJsonSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

/**
 * An object, array or string ends with its own last byte, anything else before white space or one of `,"[]{}`. Tells early where
 * brackets do not match, where one opens although no value may stand there, and where a string has a line end in it.
 */
export class ValueScanner {
  /** Why the last scan was {@link BROKEN}. */
  fault = '';
  /** Where the bracket is that opens too deep, when that was the fault, else 0: nothing that began before it can end well. */
  tooDeepAt = 0;
  /** Whether the value is no object, array or string: the end of the input ends it too. */
  isWord = false;
  #inString = false;
  #escaped = false;
  /** The last byte outside of strings that is not white space; 0 before the first. */
  #previous = 0;
  #depth = 0;
  /** 1 where an object is open at that depth, 0 where an array is. */
  readonly #objects = new Uint8Array(MAX_DEPTH + 1);

  /** Begins a value whose first byte is not white space. That byte is then scanned as the others are. */
  begin(firstByte: number | undefined): void {
    this.isWord = firstByte !== OPEN_OBJECT && firstByte !== OPEN_ARRAY && firstByte !== QUOTE;
    this.#inString = false;
    this.#escaped = false;
    this.#previous = 0;
    this.#depth = 0;
    this.tooDeepAt = 0;
  }

  /**
   * Goes on with the value.
   *
   * @param from where to go on: the first byte of the value, later the first that was not there before
   * @returns the offset behind the value, {@link UNFINISHED} or {@link BROKEN}
   */
  scan(bytes: Uint8Array, from: number): number {
    if (this.isWord) return this.#scanWord(bytes, from);
    let at = from;
    while (at < bytes.length) {
      at = this.#inString ? this.#scanString(bytes, at) : this.#scanStructure(bytes, at);
      if (at < 0 || this.#isClosed()) return at;
    }
    return UNFINISHED;
  }

  #isClosed(): boolean {
    return this.#depth === 0 && !this.#inString;
  }

  #scanWord(bytes: Uint8Array, from: number): number {
    let at = from;
    if (this.#previous === 0 && at < bytes.length) this.#previous = bytes[at++] ?? 0;
    while (at < bytes.length) {
      if (endsWord(bytes[at])) return at;
      at++;
    }
    return UNFINISHED;
  }

  /** Up to the end of the string; with a string still open at the end of the bytes. */
  #scanString(bytes: Uint8Array, from: number): number {
    const length = bytes.length;
    let at = from;
    while (at < length) {
      const byte = bytes[at++] ?? 0;
      if (byte < 32) return this.#broken('a string is not closed on its line');
      if (this.#escaped) {
        this.#escaped = false;
      } else if (byte === QUOTE) {
        this.#inString = false;
        return at;
      } else if (byte === BACKSLASH) {
        this.#escaped = true;
      } else {
        // The greatest part of most input passes here.
        while (at < length && isPlain(bytes[at] ?? 0)) at++;
      }
    }
    return length;
  }

  /** Up to the beginning of a string, or the end of the value. */
  #scanStructure(bytes: Uint8Array, from: number): number {
    let previous = this.#previous;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte <= 32) continue;
      if (byte === QUOTE) {
        this.#inString = true;
        this.#previous = QUOTE;
        return at + 1;
      }
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
        if (!this.#mayOpen(previous)) return this.#broken(`a "${String.fromCharCode(byte)}" stands where none may`);
        if (this.#depth === MAX_DEPTH) {
          this.tooDeepAt = at;
          return this.#broken(`it is nested deeper than ${MAX_DEPTH}`);
        }
        this.#objects[++this.#depth] = byte === OPEN_OBJECT ? 1 : 0;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if ((this.#objects[this.#depth] === 1) !== (byte === CLOSE_OBJECT)) {
          return this.#broken(`a "${String.fromCharCode(byte)}" closes what is not open`);
        }
        if (--this.#depth === 0) return at + 1;
      }
      previous = byte;
    }
    this.#previous = previous;
    return bytes.length;
  }

  #mayOpen(previous: number): boolean {
    if (this.#depth === 0) return true;
    return this.#objects[this.#depth] === 1 ? previous === COLON : previous === COMMA || previous === OPEN_ARRAY;
  }

  #broken(fault: string): number {
    this.fault = fault;
    return BROKEN;
  }
}

/** Whether a byte in a string stands for itself. */
function isPlain(byte: number): boolean {
  return byte !== QUOTE && byte !== BACKSLASH && byte >= 32;
}

/** Whether a byte cannot be part of a number, `true`, `false` or `null`. */
function endsWord(byte: number | undefined): boolean {
  return isJsonSpace(byte) || byte === QUOTE || isBracket(byte) || byte === COMMA;
}

function isBracket(byte: number | undefined): boolean {
  return byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY;
}
