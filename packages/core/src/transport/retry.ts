import type { Clock } from '../time/clock.js';

export interface RetryOptions {
  readonly clock: Clock;
  /** When to stop, in epoch milliseconds. The first attempt is always made. It is read after each failure, so it may move. */
  readonly deadline: number;
  /** The longest first wait, in milliseconds; it doubles with each attempt. Default 200. */
  readonly firstWait?: number;
  /** The longest wait of all, in milliseconds. Default 30 s. */
  readonly longestWait?: number;
  readonly signal?: AbortSignal;
  /** Told about each failure that is going to be retried, with the wait in milliseconds. */
  readonly onRetry?: (error: unknown, wait: number) => void;
}

/** Thrown by an attempt to end the retries at once with `cause`. */
export class GiveUp extends Error {
  constructor(cause: unknown) {
    super('gave up', { cause });
  }
}

const shareOfWait = 0.5;

/**
 * Calls `attempt` until it succeeds, gives up, or the next wait would pass the deadline; then throws the last error. Waits
 * double, and a random half of each is left out so that many processes do not come back in step.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { clock, signal, onRetry, firstWait = 200, longestWait = 30_000 } = options;
  let ceiling = firstWait;
  for (;;) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof GiveUp) throw error.cause;
      if (signal?.aborted === true) throw signal.reason;
      const left = options.deadline - clock.now();
      if (left <= 0) throw error;
      const wait = Math.min(left, Math.ceil(ceiling * (1 - shareOfWait * Math.random())));
      onRetry?.(error, wait);
      await clock.sleep(wait, signal);
      ceiling = Math.min(longestWait, ceiling * 2);
    }
  }
}
