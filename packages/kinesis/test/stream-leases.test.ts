import { expect, it } from 'vitest';
import { newLease, type Start } from '../src/leases/shard-sync.js';
import { isReadFromOldest } from '../src/leases/stream-leases.js';
import { shard } from './support/shards.js';

it.each<[string, Start, number[], number | undefined, boolean]>([
  ['one that began at the oldest record', 'TRIM_HORIZON', [], 7, true],
  ['a child whose parent has gone, as it may have been the oldest there was', 'TRIM_HORIZON', [1], 7, true],
  ['not a child whose parent is there', 'TRIM_HORIZON', [0], 7, false],
  ['not one that began at LATEST', { from: 'LATEST', timestamp: 5 }, [], 7, false],
  ['not one that began at a time', { from: 'AT_TIMESTAMP', timestamp: 5 }, [], 7, false],
  ['not one of the library of Java', 'TRIM_HORIZON', [], undefined, false],
])('what says that a stream is read from its oldest record: %s', (_, start, parents, streamCreated, isSaid) => {
  const lease = { ...newLease(shard(2, parents), start), checkpoint: '5' };
  const leases = [streamCreated === undefined ? lease : { ...lease, streamCreated }];
  expect(isReadFromOldest(leases, [shard(0, [], true), shard(2, parents)], 7)).toBe(isSaid);
});
