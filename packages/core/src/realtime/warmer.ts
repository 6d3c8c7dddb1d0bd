import type { Clock } from '../time/clock.js';
import type { Granularity } from '../time/granularity.js';
import { longestTimer, timerMillis } from '../time/timer-millis.js';

/**
 * Says, by the clock, when it is time to create the tasks of the next bucket, so that they run when its first event comes.
 * Only while events come: after a whole bucket without any it rests until the next event.
 */
export class Warmer {
  readonly #clock: Clock;
  readonly #granularity: Granularity;
  readonly #lead: number;
  readonly #warm: (bucketStart: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #lastEvent = -Infinity;
  #lastWarmed = -Infinity;

  /**
   * @param lead how long before its bucket begins, in milliseconds.
   * @param warm told the start of the bucket. It must not throw.
   */
  constructor(clock: Clock, granularity: Granularity, lead: number, warm: (bucketStart: number) => void) {
    this.#clock = clock;
    this.#granularity = granularity;
    this.#lead = lead;
    this.#warm = warm;
  }

  /** An event has come. */
  noteEvent(now: number): void {
    this.#lastEvent = now;
    if (this.#timer === undefined && this.#lead > 0) this.#schedule(now);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(now: number): void {
    const granularity = this.#granularity;
    const next = granularity.bucketEnd(granularity.bucketStart(Math.max(now, this.#lastWarmed)));
    const wait = Math.max(0, next - this.#lead - now);
    const turn = (): void => {
      this.#timer = undefined;
      if (wait > longestTimer) this.#schedule(this.#clock.now());
      else this.#turn(next, this.#clock.now());
    };
    this.#timer = setTimeout(turn, timerMillis(wait)).unref();
  }

  #turn(next: number, now: number): void {
    const current = this.#granularity.bucketStart(now);
    if (this.#lastEvent < this.#granularity.bucketStart(current - 1)) return;
    this.#lastWarmed = next;
    this.#warm(next);
    this.#schedule(now);
  }
}
