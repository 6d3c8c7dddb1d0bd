import { Buffer, isUtf8 } from 'node:buffer';
import type { BatchBuilder } from './json-batch.js';
import { UNFINISHED, ValueScanner, isJsonSpace } from './json-scanner.js';
import type { ByteWindow } from './json-window.js';

const LINE_END = 10;
const OPEN_OBJECT = 123;

/** Reads NDJSON: each line by itself. A line with several objects side by side gives them all. */
export class LineReader {
  readonly #out: BatchBuilder;
  readonly #maxEventBytes: number;
  #line: number;
  /** How much of the window is known to have no line end. */
  #searched = 0;
  /** Of a line that is too long, what was dropped already. */
  #overlong: { size: number; head: Buffer; at: number } | undefined;

  constructor(out: BatchBuilder, maxEventBytes: number, firstLine: number) {
    this.#out = out;
    this.#maxEventBytes = maxEventBytes;
    this.#line = firstLine;
  }

  /** Reads all complete lines; at the end of the input, the rest as well. */
  read(window: ByteWindow, atEnd: boolean): void {
    if (this.#overlong !== undefined) this.#skipOverlong(window, atEnd);
    const bytes = window.view();
    const lineEnd = bytes.subarray(this.#searched).lastIndexOf(LINE_END);
    const end = atEnd ? bytes.length : lineEnd < 0 ? 0 : this.#searched + lineEnd + 1;
    if (end > 0) {
      this.#readAll(bytes.subarray(0, end), window.consumed);
      window.consume(end);
    }
    this.#searched = window.length;
    if (window.length > this.#maxEventBytes) {
      this.#overlong = {
        size: 0,
        head: Buffer.from(window.view().subarray(0, this.#maxEventBytes)),
        at: window.consumed,
      };
      this.#skipOverlong(window, atEnd);
    }
  }

  /** @param consumed where the lines begin in the input. */
  #readAll(lines: Buffer, consumed: number): void {
    if (!this.#out.hasSink) {
      this.#readLines(lines, consumed);
      return;
    }
    let at = 0;
    while (at < lines.length) {
      const odd = this.#passEvents(lines, at);
      const lineEnd = lines.indexOf(LINE_END, odd);
      at = lineEnd < 0 ? lines.length : lineEnd + 1;
      this.#readLines(lines.subarray(odd, at), consumed + odd);
    }
  }

  /** Gives lines to the sink up to the first that is more or less than an event. @returns where that begins. */
  #passEvents(lines: Buffer, at: number): number {
    if (lines[at] !== OPEN_OBJECT) return at;
    const { count, end } = this.#out.giveRun(lines, at, lines.length, 'lines');
    this.#line += count;
    return end;
  }

  #skipOverlong(window: ByteWindow, atEnd: boolean): void {
    if (this.#overlong === undefined) return;
    const bytes = window.view();
    const lineEnd = bytes.indexOf(LINE_END);
    this.#overlong.size += lineEnd < 0 ? bytes.length : lineEnd;
    window.consume(lineEnd < 0 ? bytes.length : lineEnd + 1);
    this.#searched = 0;
    if (lineEnd < 0 && !atEnd) return;
    this.#out.at = this.#overlong.at;
    this.#out.refuseSize(this.#overlong.size, this.#line++, this.#overlong.head);
    this.#overlong = undefined;
  }

  /** @param at where the bytes begin in the input. */
  #readLines(bytes: Buffer, at: number): void {
    if (this.#out.isRaw || !isUtf8(bytes)) {
      this.#readLinesOneByOne(bytes, at);
      return;
    }
    const text = bytes.toString('utf8');
    this.#out.at = at;
    let start = 0;
    while (start < text.length) {
      const found = text.indexOf('\n', start);
      const end = found < 0 ? text.length : found;
      const line = text.slice(start, end);
      this.#readLine(line);
      this.#out.at += Buffer.byteLength(line) + 1;
      this.#line++;
      start = end + 1;
    }
  }

  #readLinesOneByOne(bytes: Buffer, at: number): void {
    let start = 0;
    while (start < bytes.length) {
      const found = bytes.indexOf(LINE_END, start);
      const end = found < 0 ? bytes.length : found;
      const line = bytes.subarray(start, end);
      this.#out.at = at + start;
      if (this.#out.tryBytes(line, this.#line)) {
        // As it came.
      } else if (isUtf8(line)) this.#readLine(line.toString('utf8'));
      else this.#out.refuseEncoding(this.#line, line);
      this.#line++;
      start = end + 1;
    }
  }

  #readLine(text: string): void {
    if (text.length === 0 || this.#out.tryText(text, this.#line) || isBlank(text)) return;
    const objects = sideBySide(text);
    if (objects === undefined) this.#out.addText(text, this.#line);
    else for (const object of objects) this.#out.addText(object, this.#line);
  }
}

/** Whether a text has none but JSON's white space. */
export function isBlank(text: string): boolean {
  return /^[ \t\r\n]*$/.test(text);
}

/** The texts of the JSON objects that a text consists of, or undefined when it has anything else in it. */
function sideBySide(text: string): string[] | undefined {
  const bytes = Buffer.from(text);
  const scanner = new ValueScanner();
  const objects: string[] = [];
  let at = 0;
  for (;;) {
    while (isJsonSpace(bytes[at])) at++;
    if (at >= bytes.length) return objects;
    scanner.begin(bytes[at]);
    const end = scanner.scan(bytes, at);
    if (end <= UNFINISHED) return undefined;
    const object = bytes.toString('utf8', at, end);
    if (!isObject(object)) return undefined;
    objects.push(object);
    at = end;
  }
}

/** Whether a text is a JSON object, whole and by itself. */
export function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
