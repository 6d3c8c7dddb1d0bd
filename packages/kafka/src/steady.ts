/** What is done again and again. */
export interface SteadyWork {
  /** How often it is looked whether there is something to do, in milliseconds. */
  readonly every: number;
  /** Whether it is to be done now. @param since milliseconds since it was begun last. */
  readonly isDue: (since: number) => boolean;
  /** Never throws. @returns whether all went well. */
  readonly work: () => Promise<boolean>;
}

/**
 * Does something again and again, and never twice at once. After it did not go well it rests for as long as it took, so that whoever it
 * holds up meanwhile gets on.
 */
export class Steady {
  readonly #timer: NodeJS.Timeout;
  readonly #options: SteadyWork;
  #begun = performance.now();
  #restsUntil = 0;
  #isBusy = false;

  constructor(options: SteadyWork) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#tick(), options.every);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #tick(): Promise<void> {
    const now = performance.now();
    if (this.#isBusy || now < this.#restsUntil || !this.#options.isDue(now - this.#begun)) return;
    this.#begun = now;
    this.#isBusy = true;
    const isWell = await this.#options.work();
    this.#isBusy = false;
    const end = performance.now();
    if (!isWell) this.#restsUntil = end + (end - now);
  }
}
