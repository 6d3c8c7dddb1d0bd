import type { Clock } from '../time/clock.js';

/** When what was written is made durable: with each group, or at most once in so many milliseconds. Until then nobody is told. */
export type SyncPolicy = 'always' | { readonly intervalMillis: number };

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly size: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** The most bytes that are made durable together; what comes meanwhile waits for the next time. */
const mostBytes = 8_388_608;

/** Lets what is handed in meanwhile share one commit. */
export class GroupCommit<Item, Result> {
  readonly #commit: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #onFailure: () => void;
  readonly #clock: Clock;
  readonly #pause: number;
  #waiting: Waiting<Item, Result>[] = [];
  #running: Promise<void> | undefined;
  #last = -Infinity;

  /**
   * @param commit makes items durable, and gives a result for each.
   * @param onFailure called when a commit has failed, before anybody is told: all that waits fails with it.
   */
  constructor(
    commit: (items: readonly Item[]) => Promise<readonly Result[]>,
    onFailure: () => void,
    policy: SyncPolicy,
    clock: Clock,
  ) {
    this.#commit = commit;
    this.#onFailure = onFailure;
    this.#clock = clock;
    this.#pause = policy === 'always' ? 0 : policy.intervalMillis;
  }

  /** Resolves when the item is durable. */
  add(item: Item, size: number): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, size, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // What is handed in during this turn of the event loop belongs to the first group.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const wait = this.#last + this.#pause - this.#clock.now();
      if (wait > 0) await this.#clock.sleep(Math.min(wait, this.#pause));
      const group = this.#next();
      try {
        const results = await this.#commit(group.map(({ item }) => item));
        for (const [index, { resolve }] of group.entries()) resolve(results[index] as Result);
      } catch (error) {
        const failed = [...group, ...this.#waiting];
        this.#waiting = [];
        this.#onFailure();
        for (const { reject } of failed) reject(error);
      }
      this.#last = this.#clock.now();
    }
    // In the turn in which nothing waits: what is handed in from now on is for the next run.
    this.#running = undefined;
  }

  #next(): Waiting<Item, Result>[] {
    let [count, bytes] = [0, 0];
    for (; count < this.#waiting.length; count++) {
      bytes += this.#waiting[count]?.size ?? 0;
      if (count > 0 && bytes > mostBytes) break;
    }
    return this.#waiting.splice(0, count);
  }
}
