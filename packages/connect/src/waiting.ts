import type { StreamRecord } from './record.js';
import { RecordRange, type Records } from './records.js';

/** The records of a lane that wait to be sent, as they came. */
export class Waiting<P> {
  #parts: Records<P>[] = [];

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  add(records: Records<P>): void {
    if (records.length > 0) this.#parts.push(records);
  }

  /** Puts some back before all others: those from an index on. */
  putBack(records: Records<P>, from: number): void {
    if (from < records.length) this.#parts.unshift(new RecordRange(records, from));
  }

  /** Takes the next ones: as many, or all. */
  take(most: number): Records<P> {
    const first = this.#parts.shift();
    if (first === undefined) return [];
    if (first.length >= most) {
      this.putBack(first, most);
      return new RecordRange(first, 0, most);
    }
    if (this.isEmpty) return first;
    const taken: StreamRecord<P>[] = [];
    this.putBack(first, 0);
    while (taken.length < most) {
      const part = this.#parts.shift();
      if (part === undefined) break;
      const count = Math.min(part.length, most - taken.length);
      for (let at = 0; at < count; at++) {
        const record = part.at(at);
        if (record !== undefined) taken.push(record);
      }
      this.putBack(part, count);
    }
    return taken;
  }

  clear(): void {
    this.#parts = [];
  }
}
