import { TranquilityError } from '@tranquility-js/core';
import type { Lease } from './lease.js';
import type { LeaseChange } from './lease-store.js';
import type { Shard } from './shard-sync.js';

/** A stream, and where its leases are. */
export interface Ledger {
  readonly stream: string;
  readonly table: string;
  /** When the stream was made, in epoch milliseconds. */
  readonly created: number;
}

/** Leases that tell of a stream, and those of streams of the same name that were deleted before it was made. */
interface StreamLeases {
  readonly ours: Lease[];
  readonly outdated: Lease[];
}

/** Whether a lease is that of a stream. One that does not say so, as those of the library of Java, counts as its own. */
export const isOf = ({ streamCreated }: Lease, created: number): boolean => (streamCreated ?? created) === created;

/**
 * The leases of a stream among those in its ledger.
 * @throws TRQ_LEASES_REFUSED where any is that of a stream that was made later: then this one is not there any more, and nothing in the
 * ledger is to be touched in its name.
 */
export function leasesOf({ stream, table, created }: Ledger, leases: readonly Lease[]): StreamLeases {
  const later = leases.find(({ streamCreated = created }) => streamCreated > created);
  if (later !== undefined) {
    const message = `The leases of ${stream} in ${table} tell of a stream that was made later, at ${timeOf(later.streamCreated)}, than the one that is read here, at ${timeOf(created)}. If it was deleted and made anew, the new one is read once Kinesis tells of it; else another stream has its leases there too: give each its own kinesis.leases.table, with {stream} in it.`;
    throw new TranquilityError('TRQ_LEASES_REFUSED', message, { details: { stream, table } });
  }
  return {
    ours: leases.filter((lease) => isOf(lease, created)),
    outdated: leases.filter((lease) => !isOf(lease, created)),
  };
}

/**
 * Whether a stream is read from its oldest record, whatever the config says: it was made anew, or came while we ran. Its leases are made one
 * after another, and whoever goes on with them in the middle knows it by those that are there: one that began at a time says so for ever, and
 * children begin at their oldest record in any stream.
 */
export function isReadFromOldest(leases: readonly Lease[], shards: readonly Shard[], created: number): boolean {
  const known = new Set(shards.map(({ id }) => id));
  return leases.some(
    ({ streamCreated, startingTimestamp, parentShardIds }) =>
      streamCreated === created && startingTimestamp === undefined && !parentShardIds.some((id) => known.has(id)),
  );
}

/**
 * What makes the lease of a deleted stream one of the stream that has its name now. It is one write, so that at no time the ledger looks
 * like that of a stream that nobody reads. The notes of journals stay: they tell what was written down of the deleted stream.
 */
export function madeAnew(fresh: Lease): LeaseChange {
  const { checkpoint, checkpointSubSequenceNumber, ownerSwitchesSinceCheckpoint, parentShardIds, childShardIds } =
    fresh;
  return {
    ...{ checkpoint, checkpointSubSequenceNumber, ownerSwitchesSinceCheckpoint, parentShardIds, childShardIds },
    ...{ leaseOwner: null, wantedBy: null },
    startingHashKey: fresh.startingHashKey ?? null,
    endingHashKey: fresh.endingHashKey ?? null,
    startingTimestamp: fresh.startingTimestamp ?? null,
    streamCreated: fresh.streamCreated ?? null,
  };
}

const timeOf = (millis = 0): string => new Date(millis).toISOString();
