import type { Clock } from './clock.js';

/** Lets several wait until something may have changed, and look again. */
export class Changes {
  readonly #clock: Clock;
  readonly #waiters = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Says that something has. */
  tell(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when something has changed, after so many milliseconds, or when the signal aborts. */
  wait(millis: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const waking = new AbortController();
      const wake = (): void => {
        this.#waiters.delete(wake);
        signal.removeEventListener('abort', wake);
        waking.abort();
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      if (signal.aborted) wake();
      else if (Number.isFinite(millis)) {
        void this.#clock.sleep(Math.max(0, millis), waking.signal).then(wake, () => undefined);
      }
    });
  }
}
