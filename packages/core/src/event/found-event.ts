import { Buffer } from 'node:buffer';
import { isJsonSpace } from './json-scanner.js';
import { Members } from './members.js';
import { ObjectScanner } from './object-scanner.js';

const openObject = 123;

/**
 * A JSON object that was found among other bytes, and its members: an event where it lies. It is one object for all events of a reader, and
 * holds good until the next event is looked for.
 */
export class FoundEvent {
  #scanner: ObjectScanner | undefined;
  members = new Members();
  /** Has it from `start` up to `end`. */
  bytes: Uint8Array = Buffer.alloc(0);
  start = 0;
  end = 0;
  /** Its place among all of its input, from 0, refusals counted. */
  place = 0;

  /**
   * Looks whether the bytes from `from` up to `limit` are an object, but for white space around it; if so, it is that one.
   * @param place its place among its like.
   */
  take(bytes: Uint8Array, from: number, limit: number, place: number): boolean {
    let [start, last] = [from, limit - 1];
    while (start < last && isJsonSpace(bytes[start])) start++;
    while (start < last && isJsonSpace(bytes[last])) last--;
    this.#scanner ??= new ObjectScanner();
    if (bytes[start] !== openObject || this.#scanner.scanAt(bytes, start, last + 1) !== last + 1) return false;
    this.members = this.#scanner.members;
    this.bytes = bytes;
    this.start = start;
    this.end = last + 1;
    this.place = place;
    return true;
  }

  copy(): Buffer {
    return Buffer.from(this.bytes.subarray(this.start, this.end));
  }
}

/** What is known of a {@link FoundEvent} once it is a row. */
export class WrittenEvent {
  readonly place: number;
  /** The event; absent where the row is the event, byte for byte. */
  readonly bytes: Buffer | undefined;

  constructor(place: number, bytes?: Buffer) {
    this.place = place;
    this.bytes = bytes;
  }
}

/** {@link WrittenEvent} for many rows side by side that are their events, byte for byte. */
export class WrittenRun {
  readonly #first: number;

  /** @param first the place of what would be the first row of the batch, if the run went back as far. */
  constructor(first: number) {
    this.#first = first;
  }

  placeOf(row: number): number {
    return this.#first + row;
  }
}
