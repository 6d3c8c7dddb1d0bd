import type { Destination } from '../beam/beam.js';
import type { DeliveryResult } from './delivery.js';
import type { RelayGroup } from './relay-group.js';

/** How long to let one rest that has failed, in milliseconds: at first, and at most. */
const [firstRest, longestRest] = [1_000, 60_000];

/** What is known of a destination while rows are under way to it, or wait for it. */
export class Way {
  readonly destination: Destination;
  /** What waits until it takes rows again. */
  readonly parked = new Set<RelayGroup>();
  /** Until when to let it rest, in epoch milliseconds. */
  restsUntil = 0;
  /** Why rows wait for it longer than they should. */
  trouble: string | undefined;
  #underWay = 0;
  #late = 0;
  #failures = 0;

  constructor(destination: Destination) {
    this.destination = destination;
  }

  /** Whether nothing is under way to it, and nothing waits. */
  get isIdle(): boolean {
    return this.#underWay === 0 && this.parked.size === 0;
  }

  /** Whether some of what is under way to it has been so for long. */
  get isLate(): boolean {
    return this.#late > 0;
  }

  begin(): void {
    this.#underWay++;
  }

  /** Says that what has begun takes long. */
  beLate(): void {
    this.#late++;
  }

  /** Says what became of what has begun. */
  end({ error }: DeliveryResult, wasLate: boolean, now: number): void {
    this.#underWay--;
    if (wasLate) this.#late--;
    if (error === undefined && this.#late === 0 && this.parked.size === 0) this.trouble = undefined;
    if (now < this.restsUntil) return;
    if (error === undefined) {
      this.#failures = 0;
      return;
    }
    this.restsUntil = now + Math.min(longestRest, firstRest * 2 ** this.#failures++);
  }
}
