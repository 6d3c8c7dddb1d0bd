import { VarintReader } from '@tranquility-js/core/internal';
import { refusalIn } from '../../codecs/refused-records.js';
import type { KafkaRecord } from '../source.js';

/** What the records of a batch share. */
export interface BatchFacts {
  /** Has its records, as they were before they were compressed, from `start` up to `end`. */
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  /** The time from which those of its records count, in epoch milliseconds. */
  readonly baseTimestamp: number;
  /** The term of the leader that took it. */
  readonly epoch: number;
  /** When the broker took it, where that is the time of its records. */
  readonly appended: number | undefined;
}

/** What stands before the time of a record: a byte of attributes, which has no use. */
const attributes = 1;

/** A record where it lies in its batch. What is seldom asked for is read when it is. */
export class BatchRecord implements KafkaRecord {
  readonly position: number;
  readonly next: number;
  readonly start: number;
  readonly end: number;
  readonly #batch: BatchFacts;
  readonly #at: number;
  #value: Buffer | undefined;

  /**
   * @param at where the record begins, behind its length.
   * @param start where its value begins.
   * @param end where that ends; -1 for a tombstone.
   */
  constructor(batch: BatchFacts, at: number, start: number, end: number, position: number, next: number) {
    this.#batch = batch;
    this.#at = at;
    this.start = start;
    this.end = end;
    this.position = position;
    this.next = next;
  }

  /** The term of the leader that took it. */
  get epoch(): number {
    return this.#batch.epoch;
  }

  get bytes(): Buffer {
    return this.#batch.bytes;
  }

  get spot(): this | undefined {
    return this.end < 0 ? undefined : this;
  }

  get size(): number {
    return Math.max(this.start, this.end) - this.#at;
  }

  get value(): Buffer | null {
    if (this.end < 0 || this.refused !== undefined) return null;
    return (this.#value ??= this.#batch.bytes.subarray(this.start, this.end));
  }

  get refused(): string | undefined {
    return this.end < 0 ? undefined : refusalIn(this.#batch.bytes, this.start, this.end);
  }

  get key(): Buffer | null {
    const varints = new VarintReader(this.#batch.bytes, this.#at + attributes);
    varints.next();
    varints.next();
    return sized(varints, this.#batch.bytes);
  }

  get headers(): KafkaRecord['headers'] {
    const { bytes } = this.#batch;
    const varints = new VarintReader(bytes, this.end < 0 ? this.start : this.end);
    const headers = new Map<string, Buffer | Buffer[] | undefined>();
    for (let left = varints.next(); left > 0; left--) {
      const name = String(sized(varints, bytes) ?? '');
      const value = sized(varints, bytes) ?? undefined;
      const before = headers.get(name);
      headers.set(name, before === undefined ? value : [before, value ?? []].flat());
    }
    return Object.fromEntries(headers);
  }

  get timestamp(): number {
    const { bytes, baseTimestamp, appended } = this.#batch;
    return appended ?? baseTimestamp + new VarintReader(bytes, this.#at + attributes).next();
  }
}

/** Bytes with their length before them; less than none of them stands for nothing. */
function sized(varints: VarintReader, bytes: Buffer): Buffer | null {
  const length = varints.next();
  const start = varints.at;
  varints.at += Math.max(0, length);
  return length < 0 ? null : bytes.subarray(start, start + length);
}
