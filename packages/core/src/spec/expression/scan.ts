/** Reads a short text of some language from left to right. What is wrong is thrown as an `Error` that says where. */
export class Scan {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get atEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** The next character; the empty text at the end. */
  get next(): string {
    return this.text[this.at] ?? '';
  }

  /** Passes these characters, if they come next. */
  take(characters: string): boolean {
    if (!this.text.startsWith(characters, this.at)) return false;
    this.at += characters.length;
    return true;
  }

  /** Passes what the pattern, which must be sticky, matches here. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  skipSpace(): void {
    this.match(/\s*/y);
  }

  /** @throws Error, if these characters do not come next. */
  expect(characters: string): void {
    if (!this.take(characters)) this.fail(`expected ${JSON.stringify(characters)}`);
  }

  /** The text of a string whose opening quote was passed; a backslash takes the next character as it is. */
  quoted(quote: string): string {
    const body = this.match(quote === "'" ? /(?:[^'\\]|\\[^])*/y : /(?:[^"\\]|\\[^])*/y) ?? '';
    this.expect(quote);
    return body.replace(/\\(?:u([\dA-Fa-f]{4})|([^]))/g, (_, code: string | undefined, character: string) =>
      code === undefined ? (escapes[character] ?? character) : String.fromCharCode(parseInt(code, 16)),
    );
  }

  fail(reason: string): never {
    const found = this.atEnd ? 'the end' : JSON.stringify(this.text.slice(this.at, this.at + 12));
    throw new Error(`At character ${this.at + 1}: ${reason}, found ${found}.`);
  }
}

const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };
