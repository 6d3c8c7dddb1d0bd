/** Says where a text stops being JSON (RFC 8259), in words that do not depend on the version of Node. */
export function describeJsonFault(text: string): string {
  const fault = findJsonFault(text);
  if (fault === undefined) return 'Not valid JSON.';
  return `Not valid JSON at character ${fault.at + 1}: expected ${fault.expected}, found ${fault.found}.`;
}

/** Where a text stops being JSON, and why; `undefined` when it is JSON. */
export interface JsonFault {
  /** The offset of the first character that cannot stand there. */
  readonly at: number;
  /** What could stand there: `"," or "}"`. */
  readonly expected: string;
  /** That character in quotes, or `the end`. */
  readonly found: string;
}

/** Finds where a text stops being JSON (RFC 8259), if it does. */
export function findJsonFault(text: string): JsonFault | undefined {
  const fault = new FaultFinder(text).find();
  if (fault === undefined) return undefined;
  const character = text.codePointAt(fault.at);
  return { ...fault, found: character === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(character)) };
}

type Fault = Omit<JsonFault, 'found'>;

type Expecting = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'more' | 'nothing';

const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y;

class FaultFinder {
  readonly #text: string;
  #at = 0;
  #expecting: Expecting = 'value';
  readonly #open: ('{' | '[')[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  find(): Fault | undefined {
    for (;;) {
      this.#at += matchLength(SPACE, this.#text, this.#at);
      if (this.#at >= this.#text.length && this.#expecting === 'nothing') return undefined;
      const fault = this.#step(this.#text[this.#at] ?? '');
      if (fault !== undefined) return fault;
    }
  }

  #step(char: string): Fault | undefined {
    switch (this.#expecting) {
      case 'value':
        return this.#value(char, 'a value');
      case 'value or ]':
        return char === ']' ? this.#close() : this.#value(char, 'a value or "]"');
      case 'key':
        return char === '"' ? this.#string('colon') : this.#fault('a key in double quotes');
      case 'key or }':
        if (char === '}') return this.#close();
        return char === '"' ? this.#string('colon') : this.#fault('a key in double quotes or "}"');
      case 'colon':
        return char === ':' ? this.#go(1, 'value') : this.#fault('":"');
      case 'more': {
        const inObject = this.#open.at(-1) === '{';
        if (char === ',') return this.#go(1, inObject ? 'key' : 'value');
        if (char === (inObject ? '}' : ']')) return this.#close();
        return this.#fault(inObject ? '"," or "}"' : '"," or "]"');
      }
      case 'nothing':
        return this.#fault('the end');
    }
  }

  #value(char: string, expected: string): Fault | undefined {
    if (char === '"') return this.#string(this.#afterValue());
    if (char === '{' || char === '[') {
      this.#open.push(char);
      return this.#go(1, char === '{' ? 'key or }' : 'value or ]');
    }
    const length = matchLength(SCALAR, this.#text, this.#at);
    return length === 0 ? this.#fault(expected) : this.#go(length, this.#afterValue());
  }

  #close(): undefined {
    this.#open.pop();
    return this.#go(1, this.#afterValue());
  }

  #string(next: Expecting): Fault | undefined {
    this.#at++;
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 34) return this.#go(1, next);
      if (Number.isNaN(code)) return this.#fault('"\\"" at the end of the string');
      if (code < 32) return this.#fault('control characters in strings to be escaped');
      const length = code === 92 ? matchLength(ESCAPE, this.#text, this.#at) : 1;
      if (length === 0) return this.#fault('an escape such as \\n, \\" or \\u00e9');
      this.#at += length;
    }
  }

  #afterValue(): Expecting {
    return this.#open.length === 0 ? 'nothing' : 'more';
  }

  #go(length: number, expecting: Expecting): undefined {
    this.#at += length;
    this.#expecting = expecting;
  }

  #fault(expected: string): Fault {
    return { at: this.#at, expected };
  }
}

function matchLength(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0].length ?? 0;
}
