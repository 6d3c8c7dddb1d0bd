import type { Destination } from '../beam/beam.js';
import type { Clock } from '../time/clock.js';
import type { RelayGroup } from './relay-group.js';
import type { RowOutlet } from './row-outlet.js';
import { Way } from './way.js';

/** What was read of a log and is neither delivered nor dropped: what is under way, and what waits on disk until its destination takes rows. */
export class Backlog {
  /** All groups of it. */
  readonly open = new Set<RelayGroup>();
  /** Those that wait for nothing. */
  readonly due = new Set<RelayGroup>();
  readonly #clock: Clock;
  readonly #ways = new Map<Destination, Way>();
  #parked = 0;
  /** The last of those that wait. */
  #last: RelayGroup | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many rows there are. */
  get rows(): number {
    let sum = 0;
    for (const { rows } of this.open) sum += rows;
    return sum;
  }

  /** How many groups wait for a destination. */
  get parked(): number {
    return this.#parked;
  }

  /** Of each destination that has some, why rows wait for it. */
  get troubles(): readonly string[] {
    return [...this.#ways.values()].flatMap(({ trouble }) => trouble ?? []);
  }

  wayTo(destination: Destination): Way {
    const way = this.#ways.get(destination) ?? new Way(destination);
    this.#ways.set(destination, way);
    return way;
  }

  /** Whether rows are to be handed on to it now. */
  takesRows(way: Way, outlet: RowOutlet): boolean {
    return this.#clock.now() >= way.restsUntil && !(way.isLate && outlet.isBusy(way.destination));
  }

  /** A group that waits for nothing, or for a destination that takes rows again. */
  dueFor(outlet: RowOutlet): RelayGroup | undefined {
    for (const group of this.due) return group;
    for (const way of this.#ways.values()) {
      if (way.parked.size > 0 && this.takesRows(way, outlet)) for (const group of way.parked) return group;
    }
    return undefined;
  }

  /** When the next group is due for which a destination has to rest first, in epoch milliseconds. */
  get nextDue(): number {
    const now = this.#clock.now();
    let next = Infinity;
    for (const { parked, restsUntil } of this.#ways.values()) {
      if (parked.size > 0 && restsUntil > now) next = Math.min(next, restsUntil);
    }
    return next;
  }

  /** Says that a group is going to be read: nothing is added to it from now on. */
  freeze(group: RelayGroup): void {
    if (this.#last === group) this.#last = undefined;
  }

  /** Says that it is under way. */
  take(group: RelayGroup): void {
    if (!this.due.delete(group)) this.#parked--;
    group.unpark();
  }

  /**
   * Has a group wait for what has not taken it.
   * @param most the bytes up to which it is added to the one that waits already.
   */
  park(group: RelayGroup, waitsFor: ReadonlySet<Destination>, most: number): void {
    group.park([...waitsFor].map((destination) => this.wayTo(destination)));
    if (this.#last !== undefined && this.#last.bytes + group.bytes <= most) {
      this.#last.join(group);
      this.open.delete(group);
      return;
    }
    this.#last = group;
    this.#parked++;
  }

  /** Lets go of destinations for which nothing is under way or waits. */
  forgetIdle(): void {
    for (const [destination, way] of this.#ways) if (way.isIdle) this.#ways.delete(destination);
  }
}
