import { sent, type Outcome, type Undelivered } from '../event/outcome.js';
import { warnOfCallback, type Receipt } from './delivery-queue.js';

/** Events that were written one after another, and the outcomes that came of them, in any order. One receipt for all of them. */
class Run<E> implements Receipt {
  readonly #events: E[] = [];
  readonly #settled: () => void;
  /** Of each event; those that have none yet are left out. */
  readonly #outcomes: (Outcome | undefined)[] = [];
  /** The outcome of all events, where it came at once, as it mostly does. */
  #ofAll: Outcome | undefined;
  #told = 0;
  /** Whether an outcome has come. No event is added afterwards, so the events that one call settles are always found. */
  isClosed = false;

  constructor(settled: () => void) {
    this.#settled = settled;
  }

  get size(): number {
    return this.#events.length;
  }

  /** Whether every event was told. */
  get isDone(): boolean {
    return this.isClosed && this.#told === this.#events.length;
  }

  add(event: E): void {
    this.#events.push(event);
  }

  sent(count: number, events: readonly unknown[], from: number): void {
    if (!this.isClosed && count === this.#events.length) this.#ofAll = sent;
    else this.#place(events, from, from + count, sent);
    this.isClosed = true;
    this.#settled();
  }

  undelivered(event: unknown, outcome: Undelivered): void {
    this.#place([event], 0, 1, outcome);
    this.isClosed = true;
    this.#settled();
  }

  /** Tells the events whose outcome, and that of all before them, is there. */
  tell(tell: (event: E, outcome: Outcome) => void): void {
    while (this.#told < this.#events.length) {
      const outcome = this.#ofAll ?? this.#outcomes[this.#told];
      if (outcome === undefined) break;
      tell(this.#events[this.#told++] as E, outcome);
    }
  }

  /**
   * Notes the outcome of these events, which are some of the run's in their order. An object that was written twice stands for its first
   * place that has no outcome: nobody can tell the two apart.
   */
  #place(events: readonly unknown[], from: number, to: number, outcome: Outcome): void {
    let at = this.#told;
    for (let i = from; i < to; i++) {
      while (at < this.#events.length && (this.#outcomes[at] !== undefined || !Object.is(this.#events[at], events[i])))
        at++;
      this.#outcomes[at++] = outcome;
    }
  }
}

/** The most events in a run: the outcome of each is looked up among them. */
const longestRun = 1024;

/** Tells what became of each event in the order in which they came, whatever their destinations. */
export class InOrder<E> {
  readonly #tell: (event: E, outcome: Outcome) => void;
  #runs: Run<E>[] = [];
  #waiting = 0;
  #isTelling = false;

  /** @param tell told each event and its outcome. What it throws becomes a warning of the process. */
  constructor(tell: (event: E, outcome: Outcome) => void) {
    this.#tell = (event, outcome) => {
      this.#waiting--;
      try {
        tell(event, outcome);
      } catch (error) {
        warnOfCallback(error);
      }
    };
  }

  /** How many events have not been told. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The receipt for the event that comes next; write it before you ask for another. */
  receipt(event: E): Receipt {
    let run = this.#runs.at(-1);
    if (run === undefined || run.isClosed || run.size >= longestRun) {
      run = new Run<E>(this.#advance);
      this.#runs.push(run);
    }
    run.add(event);
    this.#waiting++;
    return run;
  }

  readonly #advance = (): void => {
    // Who is told may write more events, some of which are settled at once.
    if (this.#isTelling) return;
    this.#isTelling = true;
    let done = 0;
    for (let run = this.#runs[0]; run !== undefined; run = this.#runs[done]) {
      run.tell(this.#tell);
      if (!run.isDone) break;
      done++;
    }
    this.#runs.splice(0, done);
    this.#isTelling = false;
  };
}
