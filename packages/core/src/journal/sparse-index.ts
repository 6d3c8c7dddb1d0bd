import type { BatchHeader } from './batch-header.js';

/** How many bytes lie between two entries, at least: so many are read in vain at the most, before what was asked for. */
const gap = 131_072;
const [offsetAt, positionAt, timeAt, width] = [0, 1, 2, 3];

/** Where a batch begins. */
export interface Place {
  readonly offset: number;
  readonly position: number;
}

/** Where in a segment some of its batches begin. */
export class SparseIndex {
  /** For each entry: the offset, the position, and the latest time of all records before it. */
  readonly #entries: number[];
  #latest = -Infinity;

  /** @param entries as `entries` gave them. */
  constructor(entries: readonly number[] = []) {
    this.#entries = [...entries];
  }

  /** All of it, as numbers that JSON takes. */
  get entries(): readonly number[] {
    return this.#entries;
  }

  /** The latest time of all batches that were added, in epoch milliseconds. */
  get latest(): number {
    return this.#latest;
  }

  /** Takes note of the batch that was written behind all others. */
  add({ baseOffset, maxTimestamp }: BatchHeader, position: number): void {
    const entries = this.#entries;
    // The first entry is not needed: what stands before all others is found anyway.
    const last = entries.length === 0 ? 0 : (entries[entries.length - width + positionAt] ?? 0);
    if (position - last >= gap) entries.push(baseOffset, position, this.#latest);
    this.#latest = Math.max(this.#latest, maxTimestamp);
  }

  /** The last place that is known at or before the batch with this offset. */
  placeOf(offset: number, base: number): Place {
    return this.#last(base, offsetAt, (entry) => entry <= offset);
  }

  /** The last place that is known at or before the first batch with a record of at least this time. */
  placeOfTime(timestamp: number, base: number): Place {
    return this.#last(base, timeAt, (latestBefore) => latestBefore < timestamp);
  }

  /** The last entry that a test holds for, as it does for all before it; else the beginning of the segment. */
  #last(base: number, field: number, test: (value: number) => boolean): Place {
    const entries = this.#entries;
    let [from, to] = [0, entries.length / width];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (test(entries[middle * width + field] ?? 0)) from = middle + 1;
      else to = middle;
    }
    if (from === 0) return { offset: base, position: 0 };
    const at = (from - 1) * width;
    return { offset: entries[at + offsetAt] ?? base, position: entries[at + positionAt] ?? 0 };
  }
}
