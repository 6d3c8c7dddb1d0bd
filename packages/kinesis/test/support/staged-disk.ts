import type { Staging } from '@tranquility-js/core';

/** Does something, in a world in which it may go wrong, be it a request to a ledger or a write to a disk. */
export type Step = <T>(work: () => T | Promise<T>, isRequest?: boolean) => Promise<T>;

/** What a journal leaves on its disk, and what readers were shown of it. */
export class StagedDisk {
  readonly id: string;
  rows: string[] = [];
  /** By offset: a reader never asks for one again. */
  readonly seen = new Map<number, string>();
  #shown = 0;
  #stage: { readonly token: string; readonly end: number } | undefined;

  constructor(id: string) {
    this.id = id;
  }

  /** As a process finds it: rows that no stage has are gone, and that the last stage was shown is written down nowhere. */
  open(step: Step): Staging {
    let shown = this.#shown;
    let undecided = this.#stage?.token;
    this.#cut(Math.max(shown, this.#stage?.end ?? 0));
    return {
      id: this.id,
      get undecided() {
        return undecided;
      },
      stage: (token) =>
        step(() => {
          if (this.rows.length === shown) return false;
          this.#shown = shown;
          this.#stage = { token, end: this.rows.length };
          return true;
        }),
      show: () =>
        step(() => {
          const { end = shown } = this.#stage ?? {};
          for (let at = shown; at < end; at++) this.seen.set(at, this.rows[at] ?? '');
          [shown, undecided] = [end, undefined];
        }),
      drop: () =>
        step(() => {
          this.#cut(shown);
          [this.#shown, this.#stage, undecided] = [shown, undefined, undefined];
        }),
    };
  }

  #cut(end: number): void {
    this.rows.length = end;
  }
}
