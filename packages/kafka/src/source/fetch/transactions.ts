/** A transaction that was given up. */
export interface Aborted {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Knows, batch by batch, what belongs to transactions that were given up. */
export class Transactions {
  /** Those that begin further on, the first one last. */
  readonly #ahead: Aborted[];
  /** The producers of those that are open. */
  readonly #open = new Set<number>();

  constructor(aborted: readonly Aborted[]) {
    this.#ahead = [...aborted].sort((one, other) => other.firstOffset - one.firstOffset);
  }

  /**
   * Passes the next batch.
   * @param isControl whether it ends its producer's transaction.
   * @returns whether it belongs to one that was given up.
   */
  pass(producerId: number, lastOffset: number, isControl: boolean): boolean {
    for (
      let next = this.#ahead.at(-1);
      next !== undefined && next.firstOffset <= lastOffset;
      next = this.#ahead.at(-1)
    ) {
      this.#open.add(next.producerId);
      this.#ahead.pop();
    }
    if (isControl) this.#open.delete(producerId);
    return this.#open.has(producerId);
  }
}
