import type { Clock } from '@tranquility-js/core';
import { kindOf, type ErrorKind } from '../aws/error-kind.js';

const firstPause = 200;
const longestPause = 10_000;

/** Waits longer with each failure that follows another, and by chance: so that many do not try again at once. */
export class Patience {
  readonly #clock: Clock;
  readonly #tell: (kind: ErrorKind, error: unknown) => void;
  #pause = firstPause;

  /** @param tell called with each failure. */
  constructor(clock: Clock, tell: (kind: ErrorKind, error: unknown) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Notes that all is well. */
  reset(): void {
    this.#pause = firstPause;
  }

  /** Waits after a failure. Returns early when the signal aborts. */
  async after(error: unknown, signal: AbortSignal): Promise<void> {
    this.#tell(kindOf(error), error);
    await this.pause(signal);
  }

  /** Waits after a failure that was told already. Returns early when the signal aborts. */
  async pause(signal: AbortSignal): Promise<void> {
    const pause = this.#pause * (0.5 + Math.random() / 2);
    this.#pause = Math.min(2 * this.#pause, longestPause);
    await waited(this.#clock, pause, signal);
  }
}

/**
 * Asks until Kinesis has the time for an answer.
 * @throws any other error; once the signal aborts, that too.
 */
export async function whileThrottled<T>(ask: () => Promise<T>, patience: Patience, signal: AbortSignal): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (kindOf(error) !== 'throttled' || signal.aborted) throw error;
      await patience.after(error, signal);
    }
  }
}

/** Whether it has aborted, read anew: it changes while we wait. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Resolves after so many milliseconds, or when the signal aborts. */
export async function waited(clock: Clock, millis: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(millis, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
