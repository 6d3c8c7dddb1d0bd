/** How long something took lately, in milliseconds. */
export interface TimesReport {
  /** How often it happened within the last ten seconds. */
  readonly count: number;
  /** The time that half of them, and 99 of 100, kept within; null when there was none. */
  readonly p50: number | null;
  readonly p99: number | null;
}

/** What counts as lately, in milliseconds. */
const recentMillis = 10_000;

/** How many times are kept: with more than that within ten seconds, it is the latest that are told of. */
const mostKept = 4096;

/** Remembers how long something took within the last ten seconds, in bounded memory. */
export class RecentTimes {
  readonly #ends = new Float64Array(mostKept).fill(-Infinity);
  readonly #millis = new Float64Array(mostKept);
  #next = 0;

  /** @param now as `performance.now()`. */
  add(millis: number, now: number): void {
    this.#ends[this.#next] = now;
    this.#millis[this.#next] = millis;
    this.#next = (this.#next + 1) % mostKept;
  }

  report(now: number): TimesReport {
    const recent = this.#millis.filter((_, at) => now - (this.#ends[at] ?? 0) <= recentMillis).sort();
    const within = (share: number): number | null => recent[Math.ceil(share * recent.length) - 1] ?? null;
    return { count: recent.length, p50: within(0.5), p99: within(0.99) };
  }
}
