import { Buffer } from 'node:buffer';
import type { FoundEvent } from './found-event.js';
import { KeyName } from './key-name.js';
import { textOf } from './members.js';
import { ObjectScanner } from './object-scanner.js';
import type { RowBatch } from './row-batch.js';

const [zero, openObject] = [48, 123];

/** An event that came as JSON bytes. They are looked at where needed and copied, never parsed as a whole. */
export class JsonEvent {
  readonly #scanner = new ObjectScanner();
  readonly #column: KeyName;
  #members = this.#scanner.members;
  /** Has it from `#start` up to `#end`. */
  #bytes: Uint8Array = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  #time = -1;
  /** Whether the time stands there as a whole number in digits, or as a text. */
  isPlainTime = false;

  constructor(timestampColumn: string) {
    this.#column = new KeyName(timestampColumn);
  }

  /** Begins to look at an event. False when it is not one JSON object, or none that could stand beside others. */
  accept(bytes: Uint8Array): boolean {
    if (!this.#scanner.scan(bytes)) return false;
    this.#members = this.#scanner.members;
    this.#begin(bytes, 0, bytes.length);
    return true;
  }

  /** Begins to look at an event that another has scanned. */
  adopt({ members, bytes, start, end }: FoundEvent): void {
    this.#members = members;
    this.#begin(bytes, start, end);
  }

  #begin(bytes: Uint8Array, start: number, end: number): void {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#time = this.#members.find(this.#column);
  }

  /** The value of the timestamp's column; `undefined` where there is none. */
  time(): unknown {
    this.isPlainTime = false;
    if (this.#time < 0) return undefined;
    const start = this.#members.valueStart(this.#time);
    const end = this.#members.valueEnd(this.#time);
    const number = wholeNumber(this.#bytes, start, end);
    if (number >= 0) {
      this.isPlainTime = true;
      return number;
    }
    const value = JSON.parse(textOf(this.#bytes, start, end)) as unknown;
    this.isPlainTime = typeof value === 'string';
    return value;
  }

  /** The top-level fields as values: those that are named, or all. */
  fields(names: readonly KeyName[] | undefined, valueOf: (json: string) => unknown): Record<string, unknown> {
    const members = this.#members;
    const fields: Record<string, unknown> = {};
    const take = (member: number, name: string): void => {
      fields[name] = valueOf(textOf(this.#bytes, members.valueStart(member), members.valueEnd(member)));
    };
    if (names === undefined) {
      for (let member = 0; member < members.count; member++) take(member, members.nameOf(member));
    } else {
      for (const name of names) {
        const member = members.find(name);
        if (member >= 0) take(member, name.text);
      }
    }
    return fields;
  }

  /** Copies the event as it is to where the next row begins. Gives its length. */
  copy(rows: RowBatch): number {
    const bytes = this.#bytes;
    const length = this.#end - this.#start;
    rows.begin(length);
    rows.block.set(length === bytes.length ? bytes : bytes.subarray(this.#start, this.#end), rows.start);
    return length;
  }

  /** Copies the event with the time as epoch milliseconds. Gives its length. */
  copyWithMillis(rows: RowBatch, millis: number): number {
    const bytes = this.#bytes;
    if (this.#time >= 0) {
      const [start, end] = [this.#members.valueStart(this.#time), this.#members.valueEnd(this.#time)];
      return copyParts(rows, bytes.subarray(this.#start, start), String(millis), bytes.subarray(end, this.#end));
    }
    const from = bytes.indexOf(openObject, this.#start) + 1;
    const member = `${JSON.stringify(this.#column.text)}:${millis}${this.#members.count === 0 ? '' : ','}`;
    return copyParts(rows, bytes.subarray(this.#start, from), member, bytes.subarray(from, this.#end));
  }
}

function copyParts(rows: RowBatch, before: Uint8Array, between: string, after: Uint8Array): number {
  const middle = Buffer.from(between);
  const length = before.length + middle.length + after.length;
  rows.begin(length);
  rows.block.set(before, rows.start);
  rows.block.set(middle, rows.start + before.length);
  rows.block.set(after, rows.start + before.length + middle.length);
  return length;
}

/** The number that up to 15 digits are, or -1 for anything else. */
function wholeNumber(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 15) return -1;
  let number = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}
