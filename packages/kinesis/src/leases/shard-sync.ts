import { isAtStart, isFinished, type Lease } from './lease.js';

/** A shard as Kinesis lists it. */
export interface Shard {
  readonly id: string;
  /** One after a split, two after a merge. Some may not be there any more. */
  readonly parents: readonly string[];
  /** Whether it takes no more records. */
  readonly isClosed: boolean;
  /** The keys of the shard, as decimals. */
  readonly startingHashKey: string;
  readonly endingHashKey: string;
}

/** Where a stream begins that has no leases yet. A time is in epoch milliseconds. */
export type Start = 'TRIM_HORIZON' | { readonly from: 'LATEST' | 'AT_TIMESTAMP'; readonly timestamp: number };

/**
 * The leases that are missing, parents before children; they are to be made in this order. A shard begins where the config says, unless it
 * came after us: then it is read from its beginning, so that nothing is left out between a parent and its children. A shard whose
 * descendants have leases was read before.
 */
export function missingLeases(shards: readonly Shard[], leases: readonly Lease[], start: Start): Lease[] {
  const leased = new Set(leases.map(({ leaseKey }) => leaseKey));
  const known = new Map(shards.map((shard) => [shard.id, shard]));
  const ancestorsLeased = new Map<string, boolean>();
  const hasLeasedAncestor = (shard: Shard): boolean => {
    let answer = ancestorsLeased.get(shard.id);
    if (answer === undefined) {
      answer = shard.parents.some((id) => {
        const parent = known.get(id);
        return leased.has(id) || (parent !== undefined && hasLeasedAncestor(parent));
      });
      ancestorsLeased.set(shard.id, answer);
    }
    return answer;
  };
  const withLeasedDescendants = new Set<string>();
  const markAncestors = ({ parents }: Shard): void => {
    for (const id of parents) {
      const parent = known.get(id);
      if (withLeasedDescendants.has(id) || parent === undefined) continue;
      withLeasedDescendants.add(id);
      markAncestors(parent);
    }
  };
  for (const shard of shards) if (leased.has(shard.id)) markAncestors(shard);
  // A shard that went away unread: between it and what is left, everything counts.
  const hasGap = leases.some((lease) => !isFinished(lease) && !known.has(lease.leaseKey));
  const onlyOpen = start !== 'TRIM_HORIZON' && start.from === 'LATEST';
  return byAge(shards, known).flatMap((shard) => {
    if (leased.has(shard.id) || withLeasedDescendants.has(shard.id)) return [];
    const isLater = hasGap || hasLeasedAncestor(shard);
    return !isLater && onlyOpen && shard.isClosed ? [] : [newLease(shard, isLater ? 'TRIM_HORIZON' : start)];
  });
}

/** A lease for a shard, as it begins. */
export function newLease(shard: Omit<Shard, 'isClosed'>, start: Start): Lease {
  return {
    leaseKey: shard.id,
    leaseCounter: 0,
    checkpoint: start === 'TRIM_HORIZON' ? start : start.from,
    checkpointSubSequenceNumber: 0,
    ownerSwitchesSinceCheckpoint: 0,
    parentShardIds: shard.parents,
    childShardIds: [],
    startingHashKey: shard.startingHashKey,
    endingHashKey: shard.endingHashKey,
    ...(start === 'TRIM_HORIZON' ? {} : { startingTimestamp: start.timestamp }),
  };
}

/**
 * The leases that nobody needs any more: of shards that are read to their end, and are gone or have children that are being read. One that
 * journals have notes in stays until its shard is gone: a process that comes back asks it.
 */
export function needlessLeases(shards: readonly Shard[], leases: readonly Lease[]): Lease[] {
  const known = new Set(shards.map(({ id }) => id));
  const byKey = new Map(leases.map((lease) => [lease.leaseKey, lease]));
  return leases.filter((lease) => {
    if (!isFinished(lease)) return false;
    const children = leases.filter(({ parentShardIds }) => parentShardIds.includes(lease.leaseKey));
    // A child is given its lease first: one that has none any more was read to its end too.
    const named = lease.childShardIds.flatMap((id) => byKey.get(id) ?? []);
    const hasChildren = children.length > 0 || lease.childShardIds.length > 0;
    const isReplaced = hasChildren && lease.journals === undefined;
    return [...children, ...named].every((child) => !isAtStart(child)) && (isReplaced || !known.has(lease.leaseKey));
  });
}

/** Parents before children. */
function byAge(shards: readonly Shard[], known: ReadonlyMap<string, Shard>): Shard[] {
  const done = new Set<Shard>();
  const visit = (shard: Shard): void => {
    if (done.has(shard)) return;
    for (const id of shard.parents) {
      const parent = known.get(id);
      if (parent !== undefined) visit(parent);
    }
    done.add(shard);
  };
  for (const shard of shards) visit(shard);
  return [...done];
}
