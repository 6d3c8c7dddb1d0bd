import type { Stretch } from './prefix.js';

/** How many events of a record were dropped for which a dead letter is kept. */
export interface DropCount {
  count: number;
}

/** Knows which records have a dead letter: one each, however many of their events are dropped, and whenever that is. */
export class LetterDrops<P> {
  /** Of a stretch that is done, nothing more comes: its records are forgotten with it. */
  readonly #counts = new WeakMap<Stretch<P>, Map<P, DropCount>>();

  /** Notes that an event was dropped. @returns the count of its record, where it is the first of that. */
  first(position: P, stretch: Stretch<P>): DropCount | undefined {
    const counts = this.#counts.get(stretch) ?? new Map<P, DropCount>();
    this.#counts.set(stretch, counts);
    const drops = counts.get(position);
    if (drops !== undefined) {
      drops.count++;
      return undefined;
    }
    const first = { count: 1 };
    counts.set(position, first);
    return first;
  }
}
