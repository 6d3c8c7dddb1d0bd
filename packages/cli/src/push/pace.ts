const slack = 20;

/** Keeps to a number of events a second, over the whole run. */
export class Pace {
  readonly #millisPerEvent: number;
  readonly #started = performance.now();
  #events = 0;

  /** @param rate events a second; without it, as fast as may be. */
  constructor(rate?: number) {
    this.#millisPerEvent = rate === undefined ? 0 : 1000 / rate;
  }

  /** Counts an event. @returns how long to wait before the next, in milliseconds; short waits are saved up. */
  next(): number {
    if (this.#millisPerEvent === 0) return 0;
    this.#events++;
    const wait = this.#started + this.#events * this.#millisPerEvent - performance.now();
    return wait < slack ? 0 : wait;
  }
}
