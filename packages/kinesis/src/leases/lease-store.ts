import type { Lease } from './lease.js';

/** What a change may set. `null` removes a field. */
export type LeaseChange = {
  readonly [K in keyof Omit<Lease, 'leaseKey' | 'leaseCounter'>]?: Lease[K] | null;
};

/**
 * The ledger of a stream's leases, shared by all who read it. A change is made only if the lease still is as it was seen, and counts the
 * counter up: of two who change the same lease, one does not get it.
 */
export interface LeaseStore {
  /**
   * Makes the ledger, if it is not there.
   * @param signal ends the wait for it.
   * @throws (as a rejection) TRQ_LEASES_UNREACHABLE, TRQ_LEASES_REFUSED, as every other method does.
   */
  open(signal?: AbortSignal): Promise<void>;
  list(): Promise<Lease[]>;
  get(leaseKey: string): Promise<Lease | undefined>;
  /** @returns false if there is one of its key. */
  create(lease: Lease): Promise<boolean>;
  /** @returns the lease as it is now; nothing if it was not as it was seen. */
  change(seen: Lease, change: LeaseChange): Promise<Lease | undefined>;
  /** Asks the owner for a lease, without counting: an owner that lives counts all the time. */
  ask(seen: Lease, wantedBy: string): Promise<void>;
  /** Removes a lease, if it still is as it was seen. */
  remove(seen: Lease): Promise<void>;
  close(): Promise<void>;
}

/** A lease after a change. */
export function changed(lease: Lease, change: LeaseChange): Lease {
  const next: object = { ...lease, ...change, leaseCounter: lease.leaseCounter + 1 };
  return Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null)) as Lease;
}

/** Whether nobody has changed a lease since it was seen, nor made it anew for another stream of the same name. */
export function isAsSeen(lease: Lease, seen: Lease): boolean {
  const { leaseCounter, leaseOwner, streamCreated } = lease;
  return leaseCounter === seen.leaseCounter && leaseOwner === seen.leaseOwner && streamCreated === seen.streamCreated;
}
