import { isUtf8, type Buffer } from 'node:buffer';
import { messageOf } from '../errors/tranquility-error.js';
import type { RefusedInput } from '../event/json-batch.js';
import { ByteWindow } from '../event/json-window.js';
import type { ChunkDecoder, Decoded } from './decoder.js';

const lineEnd = 10;

/** Reads rows of one payload, which may begin with a header. */
export interface RowReader {
  /**
   * @returns the event that a line is; nothing for one that is none, such as a header.
   * @throws Error that says what is wrong with the line.
   */
  read(line: string): Record<string, unknown> | undefined;
}

/** Cuts text into lines, as `\n` or `\r\n` end them, and reads an event from each. Empty lines are skipped. */
export class TextLines implements ChunkDecoder {
  readonly #rows: RowReader;
  readonly #most: number;
  readonly #window = new ByteWindow();
  #events: Record<string, unknown>[] = [];
  #lines: number[] = [];
  #refused: RefusedInput[] = [];
  #line = 1;
  /** How much of the window is known to have no line end. */
  #searched = 0;
  /** Of a line that is too long, how many bytes were passed; its beginning stays in the window. */
  #passed = 0;

  /** @param maxEventBytes the longest line, and the most memory that is held beside the chunk. */
  constructor(rows: RowReader, maxEventBytes: number) {
    this.#rows = rows;
    this.#most = maxEventBytes;
  }

  push(chunk: Uint8Array): void {
    this.#window.append(chunk);
    const bytes = this.#window.view();
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(lineEnd, Math.max(start, this.#searched));
      if (end < 0) break;
      this.#take(bytes.subarray(start, end));
      start = end + 1;
      this.#searched = 0;
    }
    this.#window.consume(start);
    this.#cutOverlong();
    this.#searched = this.#window.length;
  }

  end(): void {
    if (this.#window.length > 0) this.#take(this.#window.view());
    this.#window.consume(this.#window.length);
  }

  take(): Decoded | undefined {
    if (this.#events.length === 0 && this.#refused.length === 0) return undefined;
    const batch = { events: this.#events, lines: this.#lines, refused: this.#refused };
    this.#events = [];
    this.#lines = [];
    this.#refused = [];
    return batch;
  }

  /** Of a line that is too long, keeps so much that it is known to be. */
  #cutOverlong(): void {
    const kept = this.#most + 1;
    const surplus = this.#window.length - kept;
    if (surplus <= 0) return;
    const head = Uint8Array.from(this.#window.view().subarray(0, kept));
    this.#window.consume(this.#window.length);
    this.#window.append(head);
    this.#passed += surplus;
  }

  #take(bytes: Buffer): void {
    const line = this.#line++;
    const size = bytes.length + this.#passed;
    this.#passed = 0;
    if (bytes.length > this.#most) {
      const input = bytes.toString('utf8', 0, this.#most);
      this.#refuse(`The line has ${size} bytes; maxEventBytes allows ${this.#most}.`, line, input);
    } else if (isUtf8(bytes)) this.#read(bytes.toString('utf8'), line);
    else this.#refuse('The line is not valid UTF-8.', line, bytes.toString('utf8'));
  }

  #read(text: string, line: number): void {
    const unmarked = line === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
    const row = unmarked.endsWith('\r') ? unmarked.slice(0, -1) : unmarked;
    if (row === '') return;
    try {
      const event = this.#rows.read(row);
      if (event === undefined) return;
      this.#events.push(event);
      this.#lines.push(line);
    } catch (error) {
      this.#refuse(messageOf(error), line, row);
    }
  }

  #refuse(reason: string, line: number, input: string): void {
    this.#refused.push({ reason, line, input });
  }
}
