import type { Way } from './way.js';
import { firstOf, joinRows, type OpenRows } from './open-rows.js';

/** Rows that are read together, until each is delivered or dropped. */
export class RelayGroup {
  /** Those that are not. */
  open: OpenRows;
  /** How many these are. */
  rows: number;
  /** What was read to find them. */
  bytes: number;
  /** Those that have not taken them. */
  readonly waitsFor = new Set<Way>();

  constructor(open: OpenRows, rows: number, bytes: number) {
    this.open = open;
    this.rows = rows;
    this.bytes = bytes;
  }

  /** Where it begins. */
  get from(): number {
    return firstOf(this.open);
  }

  /** Has it wait until one of these takes rows again. */
  park(ways: Iterable<Way>): void {
    for (const way of ways) {
      way.parked.add(this);
      this.waitsFor.add(way);
    }
  }

  /** Ends that. */
  unpark(): void {
    for (const way of this.waitsFor) way.parked.delete(this);
    this.waitsFor.clear();
  }

  /** Takes in another one that waits too, and is no more. */
  join(other: RelayGroup): void {
    this.open = joinRows(this.open, other.open);
    this.rows += other.rows;
    this.bytes += other.bytes;
    this.park(other.waitsFor);
    other.unpark();
  }
}
