import type { StreamRecord } from '@tranquility-js/connect';
import type { Position } from './position.js';

/** Records that arrived about the same time: when the first did, and where the last lies. */
interface Stretch {
  readonly arrival: number;
  last: Position;
}

/** What a stretch may span, in milliseconds: few of them are kept, however many records wait. */
const stretchMillis = 1000;

/** When the records arrived that have no outcome, to the second. */
export class Arrivals {
  readonly #stretches: Stretch[] = [];

  /** Takes records behind all that were taken before. */
  add(records: readonly StreamRecord<Position>[]): void {
    for (const { position, timestamp } of records) {
      const stretch = this.#stretches.at(-1);
      if (stretch !== undefined && Math.abs(timestamp - stretch.arrival) < stretchMillis) stretch.last = position;
      else this.#stretches.push({ arrival: timestamp, last: position });
    }
  }

  /**
   * Forgets the records up to where all have their outcome.
   * @returns when the oldest of the others arrived, in epoch milliseconds; nothing if there is none.
   */
  oldestBehind(settled: Position | undefined): number | undefined {
    if (settled !== undefined) {
      const first = this.#stretches.findIndex(({ last }) => last.isAfter(settled));
      this.#stretches.splice(0, first < 0 ? this.#stretches.length : first);
    }
    return this.#stretches[0]?.arrival;
  }
}
