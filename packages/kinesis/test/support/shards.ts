import type { Shard } from '../../src/leases/shard-sync.js';

export const idOf = (number: number): string => `shardId-${String(number).padStart(12, '0')}`;

/** A shard of a number, with parents of theirs. */
export function shard(number: number, parents: readonly number[] = [], isClosed = false): Shard {
  return { id: idOf(number), parents: parents.map(idOf), isClosed, startingHashKey: '0', endingHashKey: '9' };
}
