import type { Destination } from '../beam/beam.js';
import type { TranquilityError } from '../errors/tranquility-error.js';
import type { Undelivered } from '../event/outcome.js';

/** Told what became of rows. */
export interface RowReceipt {
  sent(count: number): void;
  /** @param offset of the row; of one that goes nowhere it is not needed. */
  undelivered(event: unknown, outcome: Undelivered, offset?: number): void;
}

/** What became of rows of which each has its outcome. */
export interface DeliveryResult {
  /** The offsets of those that failed, in any order. */
  readonly failed: readonly number[];
  /** Why the first of them did, if not for the sender’s end. */
  readonly error: TranquilityError | undefined;
  /** How many were dropped for good, and why the first of them. */
  readonly dropped: number;
  readonly reason: string | undefined;
}

/** Rows that were read together and go to one destination, until each has its outcome. */
export class Delivery implements RowReceipt {
  /** `undefined` for those that go nowhere. */
  readonly destination: Destination | undefined;
  /** Resolves when each of the rows has its outcome, and no more are added. */
  readonly settled: Promise<void>;
  readonly #offsets: number[] = [];
  readonly #failed: number[] = [];
  #open = 0;
  #isWhole = false;
  #finish: () => void = () => undefined;
  #dropped = 0;
  #reason: string | undefined;
  #error: TranquilityError | undefined;

  constructor(destination: Destination | undefined) {
    this.destination = destination;
    this.settled = new Promise((resolve) => (this.#finish = resolve));
  }

  /** Of all rows. */
  get offsets(): readonly number[] {
    return this.#offsets;
  }

  get isSettled(): boolean {
    return this.#isWhole && this.#open === 0;
  }

  get result(): DeliveryResult {
    return { failed: this.#failed, error: this.#error, dropped: this.#dropped, reason: this.#reason };
  }

  /** Says that a row is handed on now. */
  add(offset: number): void {
    this.#offsets.push(offset);
    this.#open++;
  }

  /** Says that all are. */
  end(): void {
    this.#isWhole = true;
    this.#settle(0);
  }

  sent(count: number): void {
    this.#settle(count);
  }

  undelivered(_: unknown, outcome: Undelivered, offset?: number): void {
    if (outcome.status === 'dropped') {
      this.#dropped++;
      this.#reason ??= outcome.message;
    } else {
      if (offset === undefined) throw new TypeError('It is not said which row failed.');
      this.#failed.push(offset);
      if (outcome.error.code !== 'TRQ_ABORTED') this.#error ??= outcome.error;
    }
    this.#settle(1);
  }

  #settle(count: number): void {
    this.#open -= count;
    if (this.isSettled) this.#finish();
  }
}
