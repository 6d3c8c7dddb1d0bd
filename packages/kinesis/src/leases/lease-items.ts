import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Lease } from './lease.js';
import type { LeaseChange } from './lease-store.js';

type Item = Readonly<Record<string, AttributeValue>>;

/** A lease as an item of DynamoDB. What it does not have is left out. */
export function itemOf(lease: Lease): Record<string, AttributeValue> {
  const entries = Object.entries(lease) as [string, string | number | readonly string[]][];
  return Object.fromEntries(
    entries.flatMap(([name, value]) => (isEmpty(value) ? [] : [[columnOf(name), valueOf(value)] as const])),
  );
}

/** Whether it is a set of nothing, which DynamoDB does not take. */
export const isEmpty = (value: string | number | readonly string[]): boolean =>
  Array.isArray(value) && value.length === 0;

/** The library of Java has one name of its own. */
export const columnOf = (name: string): string => (name === 'parentShardIds' ? 'parentShardId' : name);

export function valueOf(value: string | number | readonly string[]): AttributeValue {
  if (typeof value === 'string') return { S: value };
  return typeof value === 'number' ? { N: String(value) } : { SS: [...value] };
}

/** Whether an item is a lease: versions of the library of Java keep other things in its table too. */
export function isLease(item: Item): boolean {
  return item['checkpoint']?.S !== undefined && item['leaseCounter']?.N !== undefined;
}

/**
 * Columns of the library of Java that a change puts out of date: a handover within its own kind, by whoever takes the lease, and a checkpoint
 * that it has prepared, by one that is written.
 */
export function staleColumns({ leaseOwner, checkpoint }: LeaseChange): string[] {
  const prepared = ['pendingCheckpoint', 'pendingCheckpointSubSequenceNumber', 'pendingCheckpointState'];
  return [
    ...(typeof leaseOwner === 'string' ? ['checkpointOwner'] : []),
    ...(checkpoint === undefined ? [] : prepared),
  ];
}

/** A lease from its item, whoever wrote it. */
export function leaseOf(item: Item): Lease {
  const text = (name: keyof Lease): string | undefined => item[name]?.S;
  const number = (name: keyof Lease): number | undefined => {
    const found = item[name]?.N;
    return found === undefined ? undefined : Number(found);
  };
  const given = {
    leaseOwner: text('leaseOwner'),
    startingHashKey: text('startingHashKey'),
    endingHashKey: text('endingHashKey'),
    startingTimestamp: number('startingTimestamp'),
    wantedBy: text('wantedBy'),
    streamCreated: number('streamCreated'),
    journals: text('journals'),
  };
  return {
    leaseKey: text('leaseKey') ?? '',
    leaseCounter: number('leaseCounter') ?? 0,
    checkpoint: text('checkpoint') ?? 'TRIM_HORIZON',
    checkpointSubSequenceNumber: number('checkpointSubSequenceNumber') ?? 0,
    ownerSwitchesSinceCheckpoint: number('ownerSwitchesSinceCheckpoint') ?? 0,
    parentShardIds: item['parentShardId']?.SS ?? [],
    childShardIds: item['childShardIds']?.SS ?? [],
    ...(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<Lease>),
  };
}
