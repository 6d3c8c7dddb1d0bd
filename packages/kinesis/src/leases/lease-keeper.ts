import { chooseLeases } from './choose.js';
import { Expiry } from './expiry.js';
import { HeldLease } from './held-lease.js';
import { isFinished, type Lease, type OwnedLease } from './lease.js';
import type { LeaseChange, LeaseStore } from './lease-store.js';

export interface LeaseKeeperOptions {
  readonly store: LeaseStore;
  /** Our name: no other process ever has it. */
  readonly me: string;
  /** After so long without a sign of life others take a lease, in milliseconds. */
  readonly failoverMillis: number;
  readonly maxLeases: number;
  /** Whether a lease is that of our stream. Others do not count, and are left alone. */
  readonly isOurs: (lease: Lease) => boolean;
  /** Nothing more is taken once it has aborted. */
  readonly signal: AbortSignal;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
  /** What is written into a lease besides when it is taken. */
  readonly completion: (lease: Lease) => LeaseChange;
  /** A lease became ours. */
  readonly onGained: (held: HeldLease) => void;
  /** Somebody else asks for it: it is to be released once its records are settled. */
  readonly onWanted: (held: HeldLease) => void;
}

/** Holds our share of a stream's leases, as long as its rounds are run. */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #expiry: Expiry;
  readonly #held = new Map<string, HeldLease>();
  /** When we asked for the leases that we want. */
  readonly #asked = new Map<string, { readonly owner: string; readonly since: number }>();
  #leases: readonly Lease[] = [];
  #lookedAt = 0;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#expiry = new Expiry(options.failoverMillis);
  }

  get held(): readonly HeldLease[] {
    return [...this.#held.values()];
  }

  /**
   * Gives a sign of life for what is ours, and takes what is ours to take. To be run three times in each fail-over time.
   * @throws (as a rejection) what the store throws; leases without a sign of life for the fail-over time are lost then.
   */
  async round(): Promise<void> {
    const { now, failoverMillis } = this.#options;
    const end = now() + failoverMillis / 3;
    try {
      await this.#renew();
      await this.#look();
      await this.#take(end);
    } finally {
      this.expire();
    }
  }

  /**
   * Forgets what is lost, and loses what has had no sign of life for too long: others take it from now on. To be called whenever that may be so,
   * beside the rounds: these wait as long as the store is silent.
   * @returns in how many milliseconds it is to be called again.
   */
  expire(): number {
    const { now, failoverMillis } = this.#options;
    // What becomes ours meanwhile lives longer than that.
    let next = failoverMillis / 3;
    for (const [key, held] of this.#held) {
      const left = held.renewedAt + failoverMillis - now();
      if (left <= 0) held.lose();
      if (held.lost.aborted) this.#held.delete(key);
      else next = Math.min(next, left);
    }
    return next;
  }

  /** Lets go of all that is ours. */
  async release(): Promise<void> {
    await Promise.allSettled(this.held.map((held) => held.release()));
    this.lose();
  }

  /** Loses all that is ours, without a word to others. */
  lose(): void {
    for (const held of this.held) held.lose();
    this.#held.clear();
  }

  async #renew(): Promise<void> {
    this.expire();
    const renewed = await Promise.allSettled(this.held.map((held) => held.renew()));
    this.expire();
    const failed = renewed.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #look(): Promise<void> {
    const { store, now, me, isOurs, onWanted } = this.#options;
    this.#lookedAt = now();
    this.#leases = (await store.list()).filter(isOurs);
    this.#expiry.observe(this.#leases, now());
    for (const { leaseKey, leaseOwner, wantedBy } of this.#leases) {
      const held = this.#held.get(leaseKey);
      if (held !== undefined && leaseOwner === me && wantedBy !== undefined) onWanted(held);
    }
  }

  /**
   * Takes one after another until the end of the round's time, at least one: the rest waits for the next round, as what is ours needs its sign
   * of life meanwhile.
   */
  async #take(end: number): Promise<void> {
    const { me, maxLeases, now, random, signal } = this.#options;
    const { free, need, want } = chooseLeases({
      leases: this.#leases,
      me,
      held: new Set(this.#held.keys()),
      isFree: (lease) => this.#expiry.isFree(lease, me, this.#lookedAt),
      maxLeases,
      random,
    });
    let gained = 0;
    for (const [at, lease] of free.entries()) {
      if (gained === need || signal.aborted || (at > 0 && now() >= end)) break;
      if (await this.#gain(lease)) gained++;
    }
    this.#forgetAsked();
    if (want !== undefined && !signal.aborted) await this.#want(want);
  }

  async #gain(seen: Lease): Promise<boolean> {
    const { store, me, now, completion, onGained } = this.#options;
    if (isFinished(seen) || this.#held.has(seen.leaseKey)) return false;
    const since = now();
    const switches = seen.ownerSwitchesSinceCheckpoint + (seen.leaseOwner === me ? 0 : 1);
    const taken = { leaseOwner: me, ownerSwitchesSinceCheckpoint: switches, wantedBy: null };
    const lease = await store.change(seen, { ...completion(seen), ...taken });
    if (lease === undefined) return false;
    const held = new HeldLease({ store, lease, me, since, now });
    this.#held.set(lease.leaseKey, held);
    onGained(held);
    return true;
  }

  /** Asks first: an owner of our kind settles what it has read. One that does not answer in time loses it. */
  async #want(lease: OwnedLease): Promise<void> {
    const { store, me, now, failoverMillis } = this.#options;
    const overdue = this.#leases.find(({ leaseKey }) => {
      const asked = this.#asked.get(leaseKey);
      return asked !== undefined && now() - asked.since >= failoverMillis;
    });
    if (overdue !== undefined) {
      this.#asked.delete(overdue.leaseKey);
      await this.#gain(overdue);
    } else if (this.#asked.size === 0) {
      await store.ask(lease, me);
      this.#asked.set(lease.leaseKey, { owner: lease.leaseOwner, since: now() });
    }
  }

  /** Forgets what has left the owner whom we asked, and what is read to its end: an owner may keep its name on that. */
  #forgetAsked(): void {
    const open = this.#leases.filter((lease) => !isFinished(lease));
    const owners = new Map(open.map(({ leaseKey, leaseOwner }) => [leaseKey, leaseOwner]));
    for (const [key, { owner }] of this.#asked) if (owners.get(key) !== owner) this.#asked.delete(key);
  }
}
