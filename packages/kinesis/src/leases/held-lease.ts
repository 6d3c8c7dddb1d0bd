import { notesIn, shardEnd, settledIn, type Lease } from './lease.js';
import type { LeaseChange, LeaseStore } from './lease-store.js';
import type { Position } from '../position.js';

export interface HeldLeaseOptions {
  readonly store: LeaseStore;
  readonly lease: Lease;
  readonly me: string;
  /** When it was taken at the latest, by our own clock. */
  readonly since: number;
  readonly now: () => number;
}

/**
 * A lease that is ours, until it is lost. Whatever is written under it fails once somebody else has taken it: that is what fences our
 * checkpoints off.
 */
export class HeldLease {
  readonly #options: HeldLeaseOptions;
  readonly #losing = new AbortController();
  #lease: Lease;
  #renewedAt: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HeldLeaseOptions) {
    this.#options = options;
    this.#lease = options.lease;
    this.#renewedAt = options.since;
  }

  /** As we know it. */
  get lease(): Lease {
    return this.#lease;
  }

  /** Aborts when it is not ours any more. */
  get lost(): AbortSignal {
    return this.#losing.signal;
  }

  /** When we last knew that it was ours. */
  get renewedAt(): number {
    return this.#renewedAt;
  }

  /** Gives a sign of life. @returns whether it is still ours. */
  renew(): Promise<boolean> {
    return this.#change({});
  }

  /**
   * Writes down up to where all records are settled. It never goes back.
   * @param journals those that have written up to there what was not yet written down.
   * @returns whether it is still ours. If not, it may have been written down all the same: `isWritten` tells.
   */
  checkpoint(position: Position, journals: readonly string[] = []): Promise<boolean> {
    const settled = settledIn(this.#lease);
    if (settled !== undefined && !position.isAfter(settled)) return Promise.resolve(!this.lost.aborted);
    return this.#change({
      checkpoint: position.sequenceNumber,
      checkpointSubSequenceNumber: position.subSequenceNumber,
      ownerSwitchesSinceCheckpoint: 0,
      ...(journals.length === 0 ? {} : { journals: notesIn(this.#lease).with(journals, String(position)).toString() }),
    });
  }

  /** Writes down that all of the shard is settled, and lets go of it. Its children must have their leases. */
  async finish(childShardIds: readonly string[]): Promise<boolean> {
    const isWritten = await this.#change({
      checkpoint: shardEnd,
      checkpointSubSequenceNumber: 0,
      ownerSwitchesSinceCheckpoint: 0,
      ...(childShardIds.length === 0 ? {} : { childShardIds }),
      leaseOwner: null,
      wantedBy: null,
    });
    this.lose();
    return isWritten;
  }

  /** Lets somebody else have it at once: who asked for it, if anybody did. */
  async release(): Promise<void> {
    await this.#change({ leaseOwner: null });
    this.lose();
  }

  /** Notes that it is lost: nothing is written under it any more. */
  lose(): void {
    this.#losing.abort();
  }

  /** One after another, as each counts from what the one before it has left. */
  #change(change: LeaseChange): Promise<boolean> {
    if (this.lost.aborted) return Promise.resolve(false);
    const done = this.#last.then(() => this.#changeNow(change));
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #changeNow(change: LeaseChange): Promise<boolean> {
    const { store, me, now } = this.#options;
    if (this.lost.aborted) return false;
    const sent = now();
    let next = await store.change(this.#lease, change);
    if (next === undefined) {
      // An answer of ours may have been lost. Nobody else has our name; for another stream of this name we may have the lease again.
      const found = await store.get(this.#lease.leaseKey);
      const isOurs = found?.leaseOwner === me && found.streamCreated === this.#lease.streamCreated;
      if (isOurs && !this.#isLost()) next = await store.change(found, change);
    }
    // It may have been lost meanwhile.
    if (next === undefined || this.#isLost()) {
      this.lose();
      return false;
    }
    this.#lease = next;
    this.#renewedAt = sent;
    return true;
  }

  #isLost(): boolean {
    return this.lost.aborted;
  }
}
