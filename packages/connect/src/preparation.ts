import { TranquilityError } from '@tranquility-js/core';
import { persist } from './persist.js';
import type { StreamRecord } from './record.js';
import { within } from './within.js';

export interface PreparationOptions<P> {
  /** Begins to get what the record needs to be read. @returns nothing when it can be read at once. */
  readonly prepare: (record: StreamRecord<P>) => Promise<void> | undefined;
  /** Whether the record is still to be read. */
  readonly isWanted: () => boolean;
  /** Aborts when it never will be. */
  readonly closing: AbortSignal;
  /** Told of each time that it could not be got. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Gets what the record that comes next needs to be read, such as a schema that may be away for a while. It goes on when nobody waits
 * for it meanwhile.
 */
export class Preparation<P> {
  readonly #options: PreparationOptions<P>;
  #under: { readonly position: P; readonly done: Promise<boolean> } | undefined;

  constructor(options: PreparationOptions<P>) {
    this.#options = options;
  }

  /**
   * @param patience ends the wait.
   * @returns nothing when the record can be read at once; else whether it can be when the wait is over.
   * @throws (as a rejection) what stands in the way for good.
   */
  of(record: StreamRecord<P>, patience: AbortSignal): Promise<boolean> | undefined {
    const done = this.#begun(record);
    return done === undefined ? undefined : this.#within(done, patience);
  }

  #begun(record: StreamRecord<P>): Promise<boolean> | undefined {
    if (this.#under?.position === record.position) return this.#under.done;
    const { prepare, isWanted, closing, onTrouble } = this.#options;
    let first = prepare(record);
    if (first === undefined) return undefined;
    const attempt = (): Promise<void> | undefined => {
      const begun = first ?? prepare(record);
      first = undefined;
      return begun;
    };
    const mayPass = (error: unknown): boolean => error instanceof TranquilityError && error.retryable;
    const done = persist(attempt, { isWanted, signal: closing, mayPass, onTrouble });
    this.#under = { position: record.position, done };
    return done;
  }

  async #within(done: Promise<boolean>, patience: AbortSignal): Promise<boolean> {
    const ended = done.then(() => true);
    const isOver = (await within(ended, patience)) ?? false;
    if (isOver) this.#under = undefined;
    return isOver;
  }
}
