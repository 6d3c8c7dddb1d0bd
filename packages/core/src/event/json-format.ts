import { BatchBuilder } from './json-batch.js';
import { isBlank, isObject } from './json-lines.js';
import { isJsonSpace } from './json-scanner.js';
import { ValueReader } from './json-values.js';
import { ByteWindow } from './json-window.js';

/** How events follow one another: one on each line, or as JSON values with no regard to lines. */
export type JsonFormat = 'ndjson' | 'json';

/** How much of the input is looked at before the format is settled. */
const LOOK_AHEAD = 65_536;

const LINE_END = 10;
const OPEN_ARRAY = 91;

/**
 * Finds out the format of an input from its beginning. Lines at the very beginning that are objects by themselves are the same in
 * either format, so they are passed on without waiting for more.
 */
export class FormatGuess {
  /** The line where the rest of the window begins, from 1. */
  line = 1;
  readonly #out: BatchBuilder;
  readonly #maxEventBytes: number;
  #started = false;
  #consumed = 0;
  /** Where the next line to be looked at begins in the window; the lines before it are held back. */
  #next = 0;
  #objects = 0;
  #others = 0;

  constructor(out: BatchBuilder, maxEventBytes: number) {
    this.#out = out;
    this.#maxEventBytes = maxEventBytes;
  }

  /** Takes what it can from the window. Gives the format, or undefined as long as it is open. */
  read(window: ByteWindow, atEnd: boolean): JsonFormat | undefined {
    if (!this.#started) this.#skipSpace(window);
    if (window.length === 0) return undefined;
    if (!this.#started && window.view()[0] === OPEN_ARRAY) return 'json';
    this.#started = true;
    this.#lookAtLines(window, atEnd);
    if (!atEnd && this.#consumed + window.length < LOOK_AHEAD) return undefined;
    if (this.#others === 0) return 'ndjson';
    return this.#readsAsValues(window, atEnd) || this.#others >= this.#objects ? 'json' : 'ndjson';
  }

  /**
   * Whether what is there reads as values without a fault. A line that is cut short would make one value of all that follows it,
   * so a value that has not ended may hold no line that is an object by itself.
   */
  #readsAsValues(window: ByteWindow, atEnd: boolean): boolean {
    const trial = new BatchBuilder(this.#maxEventBytes);
    const copy = new ByteWindow();
    copy.append(Buffer.from(window.view()));
    new ValueReader(trial, this.#maxEventBytes, this.line).read(copy, atEnd);
    if (trial.take()?.refused.length !== 0) return false;
    const [, ...unfinished] = copy.view().toString('utf8').split('\n');
    return !unfinished.some(isObject);
  }

  #skipSpace(window: ByteWindow): void {
    const bytes = window.view();
    let at = 0;
    for (; isJsonSpace(bytes[at]); at++) if (bytes[at] === LINE_END) this.line++;
    this.#consume(window, at);
  }

  #lookAtLines(window: ByteWindow, atEnd: boolean): void {
    while (this.#next < window.length) {
      const bytes = window.view();
      const lineEnd = bytes.indexOf(LINE_END, this.#next);
      const end = lineEnd < 0 ? bytes.length : lineEnd;
      if ((lineEnd < 0 && !atEnd) || this.#consumed + end > LOOK_AHEAD) return;
      const text = bytes.toString('utf8', this.#next, end);
      const isEvent = isObject(text);
      if (isEvent) this.#objects++;
      else if (!isBlank(text)) this.#others++;
      if (this.#others > 0) {
        this.#next = end + 1;
      } else {
        this.#out.at = window.consumed;
        if (isEvent) this.#out.addBytes(bytes.subarray(0, end), this.line);
        this.line++;
        this.#consume(window, Math.min(end + 1, bytes.length));
      }
    }
  }

  #consume(window: ByteWindow, count: number): void {
    window.consume(count);
    this.#consumed += count;
  }
}
