import { iso, type SegmentId } from './segment-id.js';

type Interval = Pick<SegmentId, 'start' | 'end'>;

interface Lock extends Interval {
  readonly dataSource: string;
  readonly group: string;
  readonly version: string;
  readonly holders: Set<string>;
}

/**
 * Who may write to which stretch of time, as the overlord's lock box has it: tasks of one group share a lock, and with it the version
 * of their segments; those of other groups wait until it is free.
 */
export class Locks {
  readonly #now: () => number;
  #locks: Lock[] = [];
  #lastVersion = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** @returns the version of the lock; `undefined` while tasks of another group hold a part of the interval. */
  take(dataSource: string, interval: Interval, group: string, taskId: string): string | undefined {
    const overlapping = this.#locks.filter(
      (lock) => lock.dataSource === dataSource && lock.start < interval.end && lock.end > interval.start,
    );
    if (overlapping.some((lock) => lock.group !== group)) return undefined;
    const same = overlapping.find((lock) => lock.start === interval.start && lock.end === interval.end);
    if (same !== undefined) {
      same.holders.add(taskId);
      return same.version;
    }
    // No two locks have the same version, however slowly the clock goes.
    this.#lastVersion = Math.max(this.#now(), this.#lastVersion + 1);
    const version = iso(this.#lastVersion);
    const { start, end } = interval;
    this.#locks.push({ dataSource, start, end, group, version, holders: new Set([taskId]) });
    return version;
  }

  /** Gives back all that the task holds. */
  release(taskId: string): void {
    for (const lock of this.#locks) lock.holders.delete(taskId);
    this.#locks = this.#locks.filter((lock) => lock.holders.size > 0);
  }
}
