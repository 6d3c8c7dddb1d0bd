import type { Lease } from './lease.js';
import { changed, isAsSeen, type LeaseChange, type LeaseStore } from './lease-store.js';

/** A ledger in memory, for one process, and for as long as it lives. */
export class MemoryLeaseStore implements LeaseStore {
  readonly #leases: Map<string, Lease>;

  constructor(leases: readonly Lease[] = []) {
    this.#leases = new Map(leases.map((lease) => [lease.leaseKey, lease]));
  }

  open(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<Lease[]> {
    return Promise.resolve([...this.#leases.values()]);
  }

  get(leaseKey: string): Promise<Lease | undefined> {
    return Promise.resolve(this.#leases.get(leaseKey));
  }

  create(lease: Lease): Promise<boolean> {
    if (this.#leases.has(lease.leaseKey)) return Promise.resolve(false);
    this.#leases.set(lease.leaseKey, lease);
    return Promise.resolve(true);
  }

  change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    const lease = this.#asSeen(seen);
    if (lease === undefined) return Promise.resolve(undefined);
    const next = changed(lease, change);
    this.#leases.set(next.leaseKey, next);
    return Promise.resolve(next);
  }

  ask(seen: Lease, wantedBy: string): Promise<void> {
    const lease = this.#leases.get(seen.leaseKey);
    if (lease !== undefined && lease.leaseOwner === seen.leaseOwner && lease.wantedBy === undefined) {
      this.#leases.set(lease.leaseKey, { ...lease, wantedBy });
    }
    return Promise.resolve();
  }

  remove(seen: Lease): Promise<void> {
    if (this.#asSeen(seen) !== undefined) this.#leases.delete(seen.leaseKey);
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #asSeen(seen: Lease): Lease | undefined {
    const lease = this.#leases.get(seen.leaseKey);
    return lease !== undefined && isAsSeen(lease, seen) ? lease : undefined;
  }
}
