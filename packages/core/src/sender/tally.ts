import type { Row } from '../beam/beam.js';
import type { TranquilityError } from '../errors/tranquility-error.js';
import type { Outcome } from '../event/outcome.js';
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
  readonly #onSettled: (row: Row, outcome: Outcome) => void;
  readonly #dropped: Record<string, number> = {};
  #sent = 0;
  #failed = 0;
  #settled = 0;
  #error: TranquilityError | undefined;
  #finish: (() => void) | undefined;
  received = 0;

  constructor(onSettled: (row: Row, outcome: Outcome) => void) {
    this.#onSettled = onSettled;
  }

  settle(row: Row, outcome: Outcome): void {
    this.#onSettled(row, outcome);
    this.add(outcome);
  }

  add(outcome: Outcome): void {
    this.#settled++;
    if (outcome.status === 'sent') this.#sent++;
    else if (outcome.status === 'dropped') this.#dropped[outcome.reason] = (this.#dropped[outcome.reason] ?? 0) + 1;
    else {
      this.#failed++;
      this.#error ??= outcome.error;
    }
    if (this.#settled === this.received) this.#finish?.();
  }

  /** Resolves when every event that was received has its outcome. Receive no more after calling it. */
  async result(): Promise<Tally> {
    if (this.#settled < this.received) {
      await new Promise<void>((resolve) => {
        this.#finish = resolve;
      });
    }
    return {
      received: this.received,
      sent: this.#sent,
      dropped: this.#dropped,
      failed: this.#failed,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }
}
