import { isFinished, isOwned, type Lease, type OwnedLease } from './lease.js';

export interface Situation {
  readonly leases: readonly Lease[];
  readonly me: string;
  /** The keys of those that we hold. */
  readonly held: ReadonlySet<string>;
  readonly isFree: (lease: Lease) => boolean;
  /** The most that we may hold. */
  readonly maxLeases: number;
  /** From 0 to 1, without 1. */
  readonly random: () => number;
}

export interface Choice {
  /**
   * Free leases in a random order, of which so many are to be taken as are needed: others may be quicker. Those of shards that are not to be
   * read before their parents' end come last: whoever had only such ones would wait for what nobody reads.
   */
  readonly free: readonly Lease[];
  readonly need: number;
  /** A lease to be had from an owner who has too many. */
  readonly want?: OwnedLease;
}

/**
 * What is ours to take, so that all who read a stream hold equally many leases: the rules of the Kinesis Client Library of Java, so that
 * both may share a stream. Shards that are read to their end do not count.
 */
export function chooseLeases({ leases, me, held, isFree, maxLeases, random }: Situation): Choice {
  const open = leases.filter((lease) => !isFinished(lease));
  const byOwner = new Map<string, Lease[]>([[me, []]]);
  const free: Lease[] = [];
  for (const lease of open) {
    const { leaseKey, leaseOwner, wantedBy } = lease;
    const isHeld = held.has(leaseKey);
    if (!isHeld && (leaseOwner === me || isFree(lease))) {
      free.push(lease);
      continue;
    }
    // Who asks for a lease will have one soon, and counts.
    if (wantedBy !== undefined) ensure(byOwner, wantedBy);
    const owner = isHeld ? me : (leaseOwner ?? wantedBy);
    if (owner !== undefined) ensure(byOwner, owner).push(lease);
  }
  const target = Math.min(Math.ceil(open.length / byOwner.size), maxLeases);
  const need = target - (byOwner.get(me)?.length ?? 0);
  if (need <= 0) return { free: [], need: 0 };
  if (free.length > 0) return { free: readableFirst(shuffled(free, random), open), need };
  byOwner.delete(me);
  const [richest = []] = [...byOwner.values()].sort((one, other) => other.length - one.length);
  const isTooMany = richest.length > target || (richest.length === target && need > 1);
  // What was given up for somebody counts as that one's, and there is nobody to ask for it.
  const theirs = richest.filter(isOwned);
  const want = isTooMany ? theirs[Math.floor(random() * theirs.length)] : undefined;
  return { free: [], need, ...(want === undefined ? {} : { want }) };
}

function readableFirst(free: readonly Lease[], open: readonly Lease[]): Lease[] {
  const unread = new Set(open.map(({ leaseKey }) => leaseKey));
  const isReadable = ({ parentShardIds }: Lease): boolean => !parentShardIds.some((parent) => unread.has(parent));
  return [...free.filter(isReadable), ...free.filter((lease) => !isReadable(lease))];
}

function ensure(byOwner: Map<string, Lease[]>, owner: string): Lease[] {
  let leases = byOwner.get(owner);
  if (leases === undefined) byOwner.set(owner, (leases = []));
  return leases;
}

function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const at = Math.floor(random() * (last + 1));
    const [one, other] = [result[last], result[at]];
    if (one !== undefined && other !== undefined) [result[last], result[at]] = [other, one];
  }
  return result;
}
