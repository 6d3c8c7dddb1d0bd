import type { Granularity } from './granularity.js';

/** A half-open stretch of time, in epoch milliseconds. */
export interface Bucket {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

const MAX_CACHED = 64;

/** Finds the bucket of an instant. In the bucket of the call before, that takes two comparisons and no allocation. */
export class Bucketer {
  readonly granularity: Granularity;
  #current: Bucket = { start: Infinity, end: -Infinity };
  readonly #cached = new Map<number, Bucket>();

  constructor(granularity: Granularity) {
    this.granularity = granularity;
  }

  /**
   * The bucket that holds `ms` (epoch milliseconds). The same object is given for the same bucket as long as it is cached: the 64
   * buckets made last are. So compare `start`, not the object, where buckets are kept for long.
   *
   * @throws RangeError when `ms` is not a finite number.
   */
  bucketOf(ms: number): Bucket {
    const current = this.#current;
    return ms >= current.start && ms < current.end ? current : (this.#current = this.#lookUp(ms));
  }

  #lookUp(ms: number): Bucket {
    if (!Number.isFinite(ms)) throw new RangeError(`${ms} is not an instant: expected finite epoch milliseconds.`);
    const start = this.granularity.bucketStart(ms);
    const known = this.#cached.get(start);
    if (known !== undefined) return known;
    if (this.#cached.size >= MAX_CACHED) {
      const [oldest] = this.#cached.keys();
      if (oldest !== undefined) this.#cached.delete(oldest);
    }
    const bucket = { start, end: this.granularity.bucketEnd(start) };
    this.#cached.set(start, bucket);
    return bucket;
  }
}
