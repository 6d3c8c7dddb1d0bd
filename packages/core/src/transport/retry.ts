import { TranquilityError } from '../errors/tranquility-error.js';
import type { Clock } from '../time/clock.js';

export interface RetryOptions {
  readonly clock: Clock;
  /** When to stop, in epoch milliseconds. The first attempt is always made. It is read after each failure, so it may move. */
  readonly deadline: number;
  /** The ceiling of the first wait, in milliseconds; it doubles with each attempt. Default 200. */
  readonly firstWait?: number;
  /** The highest ceiling, in milliseconds. Default 30 s. */
  readonly longestWait?: number;
  readonly signal?: AbortSignal;
  /** Told about each failure that is going to be retried, with the wait in milliseconds. */
  readonly onRetry?: (error: unknown, wait: number) => void;
}

/** So that a server in trouble gets some peace, however the dice fall. */
const shortestWait = 10;

/** Whether trying the same thing again cannot help. */
export const isFinal = (error: unknown): boolean => error instanceof TranquilityError && !error.retryable;

/**
 * Calls `attempt` until it succeeds, fails for good (an error that is not `retryable`), or the deadline has come; then throws
 * the last error. Each wait is a random part of a ceiling that doubles, so that many processes do not come back in step.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, onRetry, firstWait = 200, longestWait = 30_000 } = options;
  let ceiling = firstWait;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      const left = options.deadline - clock.now();
      if (left <= 0 || isFinal(error)) throw error;
      const wait = Math.min(left, Math.max(shortestWait, Math.round(ceiling * Math.random())));
      onRetry?.(error, wait);
      await clock.sleep(wait, signal);
      ceiling = Math.min(longestWait, ceiling * 2);
    }
  }
}
