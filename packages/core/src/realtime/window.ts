import type { Granularity } from '../time/granularity.js';
import { addPeriod, type Period } from '../time/period.js';

/**
 * Which buckets take events now. The rule is Tranquility's (`ClusteredBeam`): whole buckets, from the one that holds
 * now - window to the one that holds now + window.
 */
export class Window {
  readonly #granularity: Granularity;
  readonly #period: Period;
  #now = NaN;
  /** The start of the earliest bucket that takes events. */
  start = 0;
  /** The end of the latest bucket that takes events. */
  end = 0;

  constructor(granularity: Granularity, period: Period) {
    this.#granularity = granularity;
    this.#period = period;
  }

  /** Moves the window to `now`, in epoch milliseconds. */
  moveTo(now: number): void {
    if (now === this.#now) return;
    this.#now = now;
    const granularity = this.#granularity;
    this.start = granularity.bucketStart(addPeriod(now, this.#period, -1));
    this.end = granularity.bucketEnd(granularity.bucketStart(addPeriod(now, this.#period)));
  }

  /** When a bucket that ends at `end` stops to take events. */
  closes(end: number): number {
    return addPeriod(end, this.#period);
  }
}
