import type { Clock } from './clock.js';

const mostReads = 256;

/** Tells the time of a clock, read once a turn of the event loop and every 256 calls: to read it takes as long as to route an event. */
export class TurnClock {
  readonly #clock: Clock;
  #now = 0;
  #left = 0;
  #isForgetting = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    if (this.#left > 0) {
      this.#left--;
      return this.#now;
    }
    this.#left = mostReads - 1;
    if (!this.#isForgetting) {
      this.#isForgetting = true;
      setImmediate(() => {
        this.#isForgetting = false;
        this.#left = 0;
      });
    }
    return (this.#now = this.#clock.now());
  }
}
