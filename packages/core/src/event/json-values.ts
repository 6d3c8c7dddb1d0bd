import { Buffer } from 'node:buffer';
import type { BatchBuilder } from './json-batch.js';
import { BROKEN, UNFINISHED, ValueScanner, isJsonSpace } from './json-scanner.js';
import type { ByteWindow } from './json-window.js';

const LINE_END = 10;
const COMMA = 44;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;

type State = 'between' | 'value' | 'lost';

/**
 * Reads JSON objects one after another, or the elements of arrays of them, over as many lines as they like.
 *
 * Behind an object that is broken such that its end cannot be told, reading goes on with the next line that begins with `{` (or, in
 * an array, with `]`) and is indented no deeper than the broken one: a deeper one would be a part of it. White space and commas
 * may stand before. In an array a comma too many or too few is let pass, as nothing is lost by it.
 */
export class ValueReader {
  readonly #out: BatchBuilder;
  readonly #maxEventBytes: number;
  readonly #scanner = new ValueScanner();
  #state: State = 'between';
  /** Where reading stands; in a value, where it began. */
  readonly #position: Position;
  /** Of the value at the beginning of the window, what is scanned already. */
  #scanned = 0;
  /** Where the window begins in the input. */
  #windowAt = 0;
  /** How far the line is indented in which the value began. */
  #valueIndent = 0;
  #lost: LostInput | undefined;
  #lostInLine = false;
  /** Where the array began that reading is in. */
  #arrayLine: number | undefined;
  #arrayAt = 0;
  #junkIsRefused = false;

  constructor(out: BatchBuilder, maxEventBytes: number, firstLine: number) {
    this.#out = out;
    this.#maxEventBytes = maxEventBytes;
    this.#position = new Position(firstLine);
  }

  /** Reads all complete values; at the end of the input, refuses what is incomplete. */
  read(window: ByteWindow, atEnd: boolean): void {
    const bytes = window.view();
    this.#windowAt = window.consumed;
    let at = 0;
    while (at < bytes.length) {
      if (this.#state === 'between') at = this.#skipToValue(bytes, this.#skipEvents(bytes, at));
      else if (this.#state === 'lost') at = this.#skipLost(bytes, at);
      else {
        const next = this.#readValue(bytes, at, atEnd);
        if (next === undefined) break;
        at = next;
      }
    }
    window.consume(at);
    if (atEnd) this.#refuseLost();
    if (atEnd && this.#arrayLine !== undefined && this.#state !== 'lost') {
      this.#out.at = this.#arrayAt;
      this.#out.refuse('The array that begins here is not closed at the end of the input.', this.#arrayLine, '[');
    }
  }

  /** Gives events to the sink, if there is one, as long as they stand one behind another. */
  #skipEvents(bytes: Buffer, from: number): number {
    const at = this.#passComma(bytes, from);
    if (bytes[at] !== OPEN_OBJECT) return at;
    const { count, end } = this.#out.giveRun(
      bytes,
      at,
      bytes.length,
      this.#arrayLine === undefined ? 'values' : 'array',
    );
    if (count === 0) return at;
    this.#junkIsRefused = false;
    this.#position.passValue(bytes.subarray(at, end));
    return this.#passComma(bytes, end);
  }

  #passComma(bytes: Buffer, at: number): number {
    if (this.#arrayLine === undefined || bytes[at] !== COMMA) return at;
    this.#position.pass(COMMA);
    return at + 1;
  }

  #skipToValue(bytes: Buffer, from: number): number {
    const inArray = this.#arrayLine !== undefined;
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at];
      if (isJsonSpace(byte) || (byte === COMMA && inArray)) {
        this.#position.pass(byte);
      } else if (byte === (inArray ? CLOSE_ARRAY : OPEN_ARRAY)) {
        this.#arrayLine = inArray ? undefined : this.#position.line;
        this.#arrayAt = this.#windowAt + at;
        this.#junkIsRefused = false;
        this.#position.pass(byte);
        return at + 1;
      } else {
        this.#state = 'value';
        this.#scanner.begin(byte);
        this.#scanned = 0;
        this.#valueIndent = this.#position.indent ?? this.#position.column;
        return at;
      }
    }
    return bytes.length;
  }

  /** The offset behind the value that begins at `start`, or undefined when more input is needed. */
  #readValue(bytes: Buffer, start: number, atEnd: boolean): number | undefined {
    const end = this.#scanner.scan(bytes, start + this.#scanned);
    if (end === BROKEN) return this.#lose(`The event is broken: ${this.#scanner.fault}.`, bytes, start);
    if (end !== UNFINISHED) return this.#finish(bytes, start, end);
    if (bytes.length - start > this.#maxEventBytes) {
      const most = this.#maxEventBytes;
      return this.#lose(`The event has more than ${most} bytes; maxEventBytes allows ${most}.`, bytes, start);
    }
    if (!atEnd) {
      this.#scanned = bytes.length - start;
      return undefined;
    }
    return this.#scanner.isWord
      ? this.#finish(bytes, start, bytes.length)
      : this.#lose('The event is broken: it does not end before the input does.', bytes, start);
  }

  #finish(bytes: Buffer, start: number, end: number): number {
    const value = bytes.subarray(start, end);
    const isJunk = this.#arrayLine === undefined && value[0] !== OPEN_OBJECT;
    this.#out.at = this.#windowAt + start;
    if (!isJunk || !this.#junkIsRefused) this.#out.addBytes(value, this.#position.line);
    this.#junkIsRefused = isJunk;
    this.#position.passValue(value);
    this.#state = 'between';
    return end;
  }

  #lose(reason: string, bytes: Buffer, start: number): number {
    this.#lost = new LostInput(reason, this.#position.line, this.#windowAt + start, this.#maxEventBytes);
    this.#state = 'lost';
    this.#lostInLine = true;
    const resume = Math.max(start, this.#scanner.tooDeepAt);
    const passed = bytes.subarray(start, resume);
    this.#lost.add(passed);
    this.#position.passValue(passed);
    return resume;
  }

  #skipLost(bytes: Buffer, from: number): number {
    const way = this.#findWay(bytes, from);
    this.#lost?.add(bytes.subarray(from, way));
    if (this.#state !== 'lost') this.#refuseLost();
    return way;
  }

  #refuseLost(): void {
    if (this.#lost === undefined) return;
    this.#out.at = this.#lost.at;
    this.#out.refuse(this.#lost.reason, this.#lost.line, this.#lost.input());
    this.#lost = undefined;
  }

  /** Looks for a line on which reading can go on after a broken value. */
  #findWay(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      const byte = bytes[at];
      if (this.#lostInLine) {
        const lineEnd = bytes.indexOf(LINE_END, at);
        if (lineEnd < 0) return bytes.length;
        at = lineEnd;
        this.#lostInLine = false;
      } else if (isJsonSpace(byte) || byte === COMMA) {
        this.#position.pass(byte);
        at++;
      } else if (this.#position.column <= this.#valueIndent && this.#isWay(byte)) {
        this.#state = 'between';
        return at;
      } else {
        this.#lostInLine = true;
      }
    }
    return at;
  }

  #isWay(byte: number | undefined): boolean {
    return byte === OPEN_OBJECT || (byte === CLOSE_ARRAY && this.#arrayLine !== undefined);
  }
}

/** A broken value and what is skipped behind it; kept up to the bytes that an event may have. */
class LostInput {
  readonly reason: string;
  readonly line: number;
  /** Where it began in the input, in bytes. */
  readonly at: number;
  readonly #pieces: Buffer[] = [];
  #room: number;

  constructor(reason: string, line: number, at: number, room: number) {
    this.reason = reason;
    this.line = line;
    this.at = at;
    this.#room = room;
  }

  add(bytes: Buffer): void {
    const piece = bytes.subarray(0, this.#room);
    this.#room -= piece.length;
    if (piece.length > 0) this.#pieces.push(Buffer.from(piece));
  }

  input(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

/** Counts lines and columns. */
class Position {
  line: number;
  /** Bytes since the line began. */
  column = 0;
  /** Bytes before the first value or the closing bracket in the line; undefined as long as neither was seen. */
  indent: number | undefined;

  constructor(line: number) {
    this.line = line;
  }

  pass(byte: number | undefined): void {
    if (byte === LINE_END) {
      this.line++;
      this.column = 0;
      this.indent = undefined;
    } else {
      if (byte === CLOSE_ARRAY) this.indent ??= this.column;
      this.column++;
    }
  }

  /** Passes a value that ends on the line on which it begins. */
  passOnLine(length: number): void {
    this.indent ??= this.column;
    this.column += length;
  }

  passValue(value: Buffer): void {
    let lineEnd = value.indexOf(LINE_END);
    if (lineEnd < 0) {
      this.passOnLine(value.length);
      return;
    }
    let lineStart = 0;
    for (; lineEnd >= 0; lineEnd = value.indexOf(LINE_END, lineStart)) {
      this.line++;
      lineStart = lineEnd + 1;
    }
    this.column = value.length - lineStart;
    let indent = lineStart;
    while (isJsonSpace(value[indent])) indent++;
    this.indent = indent - lineStart;
  }
}
