import { notesIn } from './lease.js';
import type { LeaseStore } from './lease-store.js';

/** A place in a shard that an owner has set about to write down, for a journal. */
export interface Writing {
  readonly shard: string;
  /** As a text. */
  readonly place: string;
  readonly owner: string;
  /** When the stream was made, in epoch milliseconds. */
  readonly created: number;
}

/**
 * Whether a place was written down for a journal, and if not, will never be: the lease of an owner whose request may still be under way is
 * taken from it. A shard that has no lease any more is read by nobody again, so all that was read of it counts as written down. Where
 * its lease is that of another stream of the same name, what was read may have been of either: only a note, which outlives the stream, tells.
 * @throws (as a rejection) what the store throws.
 */
export async function isWritten(
  store: Pick<LeaseStore, 'get' | 'change'>,
  { shard, place, owner, created }: Writing,
  journal: string,
): Promise<boolean> {
  for (;;) {
    const lease = await store.get(shard);
    if (lease === undefined || notesIn(lease).of(journal) === place) return true;
    if ((lease.streamCreated ?? created) !== created) return false;
    if (lease.leaseOwner !== owner || (await store.change(lease, { leaseOwner: null })) !== undefined) return false;
  }
}
