import { sent, type Outcome, type Undelivered } from '../event/outcome.js';
import type { Receipt } from './delivery-queue.js';

/** One event whose outcome is told when those of all events before it have been. */
class Turn<E> implements Receipt {
  readonly event: E;
  outcome: Outcome | undefined;
  readonly #settled: () => void;

  constructor(event: E, settled: () => void) {
    this.event = event;
    this.#settled = settled;
  }

  sent(): void {
    this.outcome = sent;
    this.#settled();
  }

  undelivered(_event: unknown, outcome: Undelivered): void {
    this.outcome = outcome;
    this.#settled();
  }
}

/** Tells what became of each event in the order in which they came, whatever their destinations. */
export class InOrder<E> {
  readonly #tell: (event: E, outcome: Outcome) => void;
  #turns: Turn<E>[] = [];
  #head = 0;

  constructor(tell: (event: E, outcome: Outcome) => void) {
    this.#tell = tell;
  }

  /** How many events have not been told. */
  get waiting(): number {
    return this.#turns.length - this.#head;
  }

  /** The receipt for the event that comes next. */
  receipt(event: E): Receipt {
    const turn = new Turn(event, this.#advance);
    this.#turns.push(turn);
    return turn;
  }

  /** Takes back the last receipt: its event was refused. */
  takeBack(): void {
    this.#turns.pop();
  }

  readonly #advance = (): void => {
    for (let turn = this.#turns[this.#head]; turn?.outcome !== undefined; turn = this.#turns[this.#head]) {
      this.#head++;
      this.#tell(turn.event, turn.outcome);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#turns.length) {
      this.#turns = this.#turns.slice(this.#head);
      this.#head = 0;
    }
  };
}
