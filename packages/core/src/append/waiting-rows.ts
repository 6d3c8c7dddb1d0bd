import type { JournalLog } from '../journal/journal-log.js';
import type { Clock } from '../time/clock.js';
import type { BatchPlan } from './batch-plan.js';

/** When rows came. */
interface Arrival {
  /** Below this offset. */
  to: number;
  readonly at: number;
}

/** Rows that come so shortly one after the other count as old as the first of them, in milliseconds. */
const together = 20;
/** Of so many arrivals times are kept; of those before, the earliest. */
const mostArrivals = 1_000;

/** The rows of a log that wait to be cut off: how many bytes they have, and for how long they wait. */
export class WaitingRows {
  readonly #log: JournalLog;
  readonly #plan: BatchPlan;
  readonly #clock: Clock;
  #arrivals: Arrival[] = [];
  /** The bytes of the log that were cut off, with those that were removed from it. */
  #cut: number;
  #removed = 0;

  constructor(log: JournalLog, plan: BatchPlan, clock: Clock) {
    this.#log = log;
    this.#plan = plan;
    this.#clock = clock;
    const { count } = this;
    // Bytes are not counted by offset. This is near enough: it is set right as soon as none wait.
    this.#cut = count === 0 ? log.size : log.size * (1 - count / log.countFrom(log.startOffset));
    if (count > 0) this.came();
  }

  get count(): number {
    return this.#log.countFrom(this.#plan.next);
  }

  /** With those that are not shown yet. */
  get bytes(): number {
    return this.#log.size + this.#removed - this.#cut;
  }

  /** How long the first of them has waited, in milliseconds. */
  get age(): number {
    const { next } = this.#plan;
    const first = this.#arrivals.find(({ to }) => to > next);
    return first === undefined ? 0 : this.#clock.now() - first.at;
  }

  /** Rows were added to the log. */
  came(): void {
    const [to, at] = [this.#log.tail, this.#clock.now()];
    const last = this.#arrivals.at(-1);
    if (last !== undefined && at - last.at < together) {
      last.to = to;
      return;
    }
    this.#arrivals.push({ to, at });
    if (this.#arrivals.length <= mostArrivals) return;
    const [first, second] = this.#arrivals.splice(0, 2);
    if (first !== undefined && second !== undefined) this.#arrivals.unshift({ to: second.to, at: first.at });
  }

  /** So many bytes were cut off, or none as what was there is damaged. */
  wereCut(bytes: number): void {
    const { next } = this.#plan;
    this.#cut += Math.min(bytes, this.bytes);
    this.#arrivals = this.#arrivals.filter(({ to }) => to > next);
    if (this.count > 0 || this.#log.endOffset < this.#log.tail) return;
    this.#cut = this.#log.size + this.#removed;
    this.#arrivals = [];
  }

  /** So many bytes were removed from the log that were cut off before. */
  wereRemoved(bytes: number): void {
    this.#removed += bytes;
  }
}
