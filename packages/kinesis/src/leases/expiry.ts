import type { Lease } from './lease.js';

interface Seen {
  readonly counter: number;
  readonly owner: string | undefined;
  /** When we saw it first, by our own clock. */
  readonly since: number;
}

/**
 * Knows which leases have lost their owner: their counter has stood still for the fail-over time since we saw it first. Only our own clock
 * counts, and it may be any clock that goes forward.
 */
export class Expiry {
  readonly #failoverMillis: number;
  #seen = new Map<string, Seen>();

  constructor(failoverMillis: number) {
    this.#failoverMillis = failoverMillis;
  }

  /** Notes the leases as they are at the latest now; those that are not among them are forgotten. */
  observe(leases: readonly Lease[], now: number): void {
    const before = this.#seen;
    this.#seen = new Map(
      leases.map(({ leaseKey, leaseCounter: counter, leaseOwner: owner }) => {
        const known = before.get(leaseKey);
        const isSame = known?.counter === counter && known.owner === owner;
        return [leaseKey, isSame ? known : { counter, owner, since: now }];
      }),
    );
  }

  /**
   * Whether a lease that was observed may be taken. One that its owner gave up for somebody is that one's for the fail-over time.
   * @param now when it was observed at the earliest.
   */
  isFree({ leaseKey, leaseOwner, wantedBy }: Lease, me: string, now: number): boolean {
    if (leaseOwner === undefined && (wantedBy === undefined || wantedBy === me)) return true;
    const seen = this.#seen.get(leaseKey);
    return seen !== undefined && now - seen.since >= this.#failoverMillis;
  }
}
