import { createHash } from 'node:crypto';

/** The keys of a shard: from the first to the last, both within. */
export interface HashRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** The hash by which Kinesis finds the shard of a partition key. */
export function hashOf(partitionKey: string): bigint {
  return BigInt(`0x${createHash('md5').update(partitionKey).digest('hex')}`);
}

export function isWithin({ first, last }: HashRange, hash: bigint): boolean {
  return hash >= first && hash <= last;
}
