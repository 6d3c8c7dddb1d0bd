import type { Clock } from '@tranquility-js/core';
import type { SandboxClock } from './sandbox-clock.js';

/**
 * A clock that stands still until it is moved, for the sandbox and for the engine in the same test. A sleep passes at once and
 * moves it, so that what the engine waits for takes no time.
 */
export class ManualClock implements SandboxClock, Clock {
  #now: number;
  readonly #listeners = new Set<() => void>();

  /** @param start an instant as `Date` reads it, or epoch milliseconds. */
  constructor(start: string | number) {
    this.#now = typeof start === 'number' ? start : Date.parse(start);
    if (!Number.isFinite(this.#now))
      throw new RangeError(`"${start}" is not an instant, such as 2026-03-05T10:20:00Z.`);
  }

  now(): number {
    return this.#now;
  }

  advance(millis: number): void {
    if (!(millis >= 0)) throw new RangeError(`The clock cannot be moved by ${millis} ms.`);
    this.#now += millis;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Moves it to an instant that is not yet past. */
  advanceTo(instant: string | number): void {
    this.advance((typeof instant === 'number' ? instant : Date.parse(instant)) - this.#now);
  }

  async sleep(millis: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.advance(Math.max(0, millis));
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
  }

  readonly onMove = (moved: () => void): (() => void) => {
    this.#listeners.add(moved);
    return () => {
      this.#listeners.delete(moved);
    };
  };
}
