import type { Clock } from '../../src/time/clock.js';

/** A clock that stands still until it is moved. A sleep passes at once and moves it, so that retries take no time. */
export class ManualClock implements Clock {
  #now: number;
  readonly slept: number[] = [];

  constructor(start: string | number = '2026-03-05T10:20:00Z') {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#now;
  }

  advance(millis: number): void {
    this.#now += millis;
  }

  async sleep(millis: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.slept.push(millis);
    this.#now += millis;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
