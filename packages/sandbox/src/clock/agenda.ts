import type { SandboxClock } from './sandbox-clock.js';

/** The longest that a timer of Node holds. */
const longestTimer = 2 ** 31 - 1;

interface Entry {
  readonly due: number;
  readonly order: number;
  readonly act: () => void;
}

/**
 * What is to happen at a time of the sandbox's clock, in order. By the machine's clock a timer of Node wakes it, which keeps no
 * process alive; by a clock that is driven it runs when that moves.
 */
export class Agenda {
  readonly #clock: SandboxClock;
  readonly #stopListening: () => void;
  #entries: Entry[] = [];
  #order = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: SandboxClock) {
    this.#clock = clock;
    this.#stopListening =
      clock.onMove?.(() => {
        this.run();
      }) ?? (() => undefined);
  }

  now(): number {
    return this.#clock.now();
  }

  /**
   * Does it at that time, epoch milliseconds; at once, before this returns, if the time has come.
   * @returns how to take it back.
   */
  at(due: number, act: () => void): () => void {
    if (due <= this.now()) {
      act();
      return () => undefined;
    }
    const entry = { due, order: this.#order++, act };
    this.#entries.push(entry);
    this.#entries.sort((a, b) => a.due - b.due || a.order - b.order);
    this.#wake();
    return () => {
      this.#entries = this.#entries.filter((other) => other !== entry);
    };
  }

  /** Does all that is due. */
  run(): void {
    for (;;) {
      const [first] = this.#entries;
      if (first === undefined || first.due > this.now()) break;
      this.#entries.shift();
      first.act();
    }
    this.#wake();
  }

  /** Nothing happens any more. */
  close(): void {
    this.#stopListening();
    this.#entries = [];
    clearTimeout(this.#timer);
  }

  #wake(): void {
    clearTimeout(this.#timer);
    const [first] = this.#entries;
    if (first === undefined || this.#clock.onMove !== undefined) return;
    const wait = Math.min(Math.max(0, first.due - this.now()), longestTimer);
    this.#timer = setTimeout(() => {
      this.run();
    }, wait);
    this.#timer.unref();
  }
}
