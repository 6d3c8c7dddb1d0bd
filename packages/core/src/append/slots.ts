/**
 * How many tasks may be under way at a time, for all dataSources of a process. Who waits longest comes first, and each dataSource waits
 * for one at a time: so none can keep out the others.
 */
export class Slots {
  #used = 0;
  #most: number;
  readonly #waiting: (() => void)[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether a slot is free. */
  get isFree(): boolean {
    return this.#used < this.#most && this.#waiting.length === 0;
  }

  /** Sets how many there are. Those that are taken stay taken. */
  resize(most: number): void {
    this.#most = most;
    this.#next();
  }

  /** Takes one though there may be none: for a task that runs already. */
  seize(): void {
    this.#used++;
  }

  /** Takes one as soon as there is one. @throws the signal's reason when it aborts before. */
  async take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.isFree) {
      this.#used++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(signal.reason as Error);
      };
      const turn = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      this.#waiting.push(turn);
      signal.addEventListener('abort', abort, { once: true });
    });
  }

  /** Gives one back. */
  give(): void {
    this.#used--;
    this.#next();
  }

  #next(): void {
    while (this.#used < this.#most) {
      const turn = this.#waiting.shift();
      if (turn === undefined) return;
      this.#used++;
      turn();
    }
  }
}
