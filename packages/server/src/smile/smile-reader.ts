import type { ChunkDecoder, Decoded } from '@tranquility-js/core';
import { SmileBroken, SmileParser, SmileUnfinished } from '@tranquility-js/core/internal';

const objectStart = 0xfa;
const arrayStart = 0xf8;
const arrayEnd = 0xf9;
const endOfContent = 0xff;
const header = 0x3a;

/** How many characters of names and texts a byte may stand for on average: a text that is told in one has 64 at most. */
const mostGrowth = 64;

/**
 * Reads events from Smile, Jackson's binary form of JSON, in bounded memory: an array of objects, or objects one after another. Behind what is
 * broken nothing can be read: Smile has no lines.
 */
export class SmileReader implements ChunkDecoder {
  readonly #maxEventBytes: number;
  readonly #parser: SmileParser;
  #bytes: Buffer = Buffer.alloc(0);
  #consumed = 0;
  #count = 0;
  /** The characters of all names and texts so far. */
  #spelled = 0;
  #isInArray = false;
  #isOver = false;
  /** The bytes that the next value needs at least, as far as it was found to be cut. */
  #needed = 0;
  #batch: Decoded = { events: [], lines: [], refused: [] };

  /** @param maxEventBytes the most bytes of an event, and the most characters of its names and texts when they are written out. */
  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
    this.#parser = new SmileParser(maxEventBytes);
  }

  push(chunk: Uint8Array): void {
    if (this.#isOver) return;
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length >= this.#needed) this.#read(false);
  }

  end(): void {
    if (!this.#isOver) this.#read(true);
  }

  take(): Decoded | undefined {
    const batch = this.#batch;
    if (batch.events.length === 0 && batch.refused.length === 0) return undefined;
    this.#batch = { events: [], lines: [], refused: [] };
    return batch;
  }

  #read(atEnd: boolean): void {
    let at = 0;
    while (!this.#isOver && at < this.#bytes.length) {
      const next = this.#readOne(at, atEnd);
      if (next === undefined) break;
      at = next;
    }
    this.#bytes = Buffer.from(this.#bytes.subarray(at));
    this.#consumed += at;
    if (atEnd && !this.#isOver && this.#isInArray) this.#refuse(0, 'The array is not closed at the end of the input.');
  }

  /** @returns where to go on; undefined when more input is needed. */
  #readOne(at: number, atEnd: boolean): number | undefined {
    const token = this.#bytes[at];
    if (this.#consumed === 0 && at === 0 && token !== header)
      return this.#refuse(at, 'It does not begin with the header of Smile.');
    if (token === endOfContent) return at + 1;
    if (this.#isInArray && token === arrayEnd) {
      this.#isInArray = false;
      return at + 1;
    }
    if (!this.#isInArray && token === arrayStart) {
      this.#isInArray = true;
      return at + 1;
    }
    try {
      if (token === header && !this.#isInArray) return this.#parser.readHeader(this.#bytes, at);
      const { value, end } = this.#parser.readValue(this.#bytes, at);
      this.#needed = 0;
      this.#spelled += this.#parser.spelled;
      if (this.#spelled > this.#maxEventBytes + mostGrowth * (this.#consumed + end)) {
        return this.#refuse(
          at,
          `Names and texts that are told by number make it more than ${mostGrowth} times as long.`,
        );
      }
      this.#add(token, value, at, end);
      return end;
    } catch (error) {
      if (error instanceof SmileBroken) return this.#refuse(at, error.message);
      if (!(error instanceof SmileUnfinished)) throw error;
      if (atEnd) return this.#refuse(at, 'The input ends within a value.');
      const there = this.#bytes.length - at;
      if (there > this.#maxEventBytes) return this.#refuse(at, this.#tooLong());
      // A value is read again from its beginning: not before there is half as much again.
      this.#needed = Math.ceil(there * 1.5);
      return undefined;
    }
  }

  #add(token: number | undefined, value: unknown, at: number, end: number): void {
    if (token !== objectStart) this.#refuseOne(at, 'Expected an object, found another value.');
    else if (end - at > this.#maxEventBytes) this.#refuseOne(at, this.#tooLong());
    else {
      const event = value as Record<string, unknown>;
      this.#batch.events.push(this.#parser.hasBigIntegers ? Buffer.from(exactJson(event)) : event);
      this.#batch.lines.push(1);
      this.#count++;
    }
  }

  #tooLong(): string {
    return `The event has more bytes than the ${this.#maxEventBytes} that are allowed (http.maxEventBytes).`;
  }

  #refuse(at: number, reason: string): undefined {
    this.#refuseOne(at, reason);
    this.#isOver = true;
    return undefined;
  }

  #refuseOne(at: number, reason: string): void {
    this.#batch.refused.push({ reason, line: 1, index: this.#count++, byte: this.#consumed + at, input: '' });
  }
}

/** JSON with integers of any size, which `JSON.stringify` does not write. */
function exactJson(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(exactJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${exactJson(member)}`);
  return `{${members.join(',')}}`;
}
