import { PlaceNotes } from '@tranquility-js/connect';
import { Position } from '../position.js';

/** Where a shard begins that has no place yet, and how a lease says that all of it is done. */
const starts = ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] as const;
export const shardEnd = 'SHARD_END';

/** A shard's place in its stream's ledger: who reads it, and how far. Its fields are those of the Kinesis Client Library of Java. */
export interface Lease {
  /** The shard's id. */
  readonly leaseKey: string;
  /** Nobody, if absent. */
  readonly leaseOwner?: string;
  /** One more with each change: a lease whose counter stands still has lost its owner. */
  readonly leaseCounter: number;
  /** One of the starts, a sequence number, or SHARD_END. */
  readonly checkpoint: string;
  readonly checkpointSubSequenceNumber: number;
  readonly ownerSwitchesSinceCheckpoint: number;
  readonly parentShardIds: readonly string[];
  readonly childShardIds: readonly string[];
  /** The keys of the shard, as decimals. */
  readonly startingHashKey?: string;
  readonly endingHashKey?: string;
  /** What LATEST and AT_TIMESTAMP mean, in epoch milliseconds. The library of Java neither has nor minds it. */
  readonly startingTimestamp?: number;
  /** Who asks the owner to give it up once its records are settled, and to whom it then belongs. Nor this. */
  readonly wantedBy?: string;
  /** When the stream was made, in epoch milliseconds: a lease of another stream of the same name is of no use. Nor this. */
  readonly streamCreated?: number;
  /** Up to where each journal that Druid reads from has written of the shard, as `PlaceNotes` has it. Nor this. */
  readonly journals?: string;
}

/** A lease that somebody holds. */
export type OwnedLease = Lease & { readonly leaseOwner: string };

export const isOwned = (lease: Lease): lease is OwnedLease => lease.leaseOwner !== undefined;

export function isFinished({ checkpoint }: Pick<Lease, 'checkpoint'>): boolean {
  return checkpoint === shardEnd;
}

/** Whether nothing of the shard has been settled yet. */
export function isAtStart({ checkpoint }: Pick<Lease, 'checkpoint'>): boolean {
  return (starts as readonly string[]).includes(checkpoint);
}

/** The last record that is settled, if any is. */
export function settledIn(lease: Lease): Position | undefined {
  return isFinished(lease) || isAtStart(lease)
    ? undefined
    : new Position(lease.checkpoint, lease.checkpointSubSequenceNumber);
}

/** Up to where each journal has written of the shard. */
export const notesIn = ({ journals }: Lease): PlaceNotes => PlaceNotes.read(journals);
