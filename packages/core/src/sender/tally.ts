import type { TranquilityError } from '../errors/tranquility-error.js';
import type { Undelivered } from '../event/outcome.js';
import type { Receipt } from './delivery-queue.js';

/** What became of the events of one call. */
export interface Tally {
  readonly received: number;
  readonly sent: number;
  /** By reason. */
  readonly dropped: Readonly<Record<string, number>>;
  readonly failed: number;
  /** The error of the first event that failed. */
  readonly error?: TranquilityError;
}

/** One receipt for many events: counts their outcomes, and tells when all have one. */
export class RunningTally implements Receipt {
  readonly #dropped: Record<string, number> = {};
  #sent = 0;
  #failed = 0;
  #settled = 0;
  #error: TranquilityError | undefined;
  #finish: (() => void) | undefined;
  received = 0;

  sent(count: number): void {
    this.#sent += count;
    this.#settle(count);
  }

  undelivered(_event: unknown, outcome: Undelivered): void {
    if (outcome.status === 'dropped') this.#dropped[outcome.reason] = (this.#dropped[outcome.reason] ?? 0) + 1;
    else {
      this.#failed++;
      this.#error ??= outcome.error;
    }
    this.#settle(1);
  }

  /** Resolves when every event that was received has its outcome. Receive no more after calling it. */
  async result(): Promise<Tally> {
    if (this.#settled < this.received) {
      await new Promise<void>((resolve) => {
        this.#finish = resolve;
      });
    }
    return this.snapshot();
  }

  snapshot(): Tally {
    return {
      received: this.received,
      sent: this.#sent,
      dropped: { ...this.#dropped },
      failed: this.#failed,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  #settle(count: number): void {
    this.#settled += count;
    if (this.#settled === this.received) this.#finish?.();
  }
}
