import { expect, it } from 'vitest';
import { chooseLeases } from '../src/leases/choose.js';
import type { Lease } from '../src/leases/lease.js';
import { newLease } from '../src/leases/shard-sync.js';
import { idOf, shard } from './support/shards.js';

it('free leases of shards whose parents are still to be read are taken last', () => {
  const leaseOf = (number: number, parents: readonly number[], more: Partial<Lease> = {}): Lease => ({
    ...newLease(shard(number, parents), 'TRIM_HORIZON'),
    ...more,
  });
  const leases = [
    ...[leaseOf(3, [0, 1]), leaseOf(4, [1]), leaseOf(5, [2]), leaseOf(6, [9])],
    ...[leaseOf(0, []), leaseOf(1, [], { leaseOwner: 'other' }), leaseOf(2, [], { checkpoint: 'SHARD_END' })],
  ];
  for (const chance of [0, 0.3, 0.6, 0.99]) {
    const { free, need } = chooseLeases({
      ...{ leases, me: 'me', held: new Set<string>(), maxLeases: 100 },
      ...{ isFree: ({ leaseOwner }) => leaseOwner === undefined, random: () => chance },
    });
    const keys = free.map(({ leaseKey }) => leaseKey);
    expect(need).toBe(3);
    expect(new Set(keys.slice(0, 3))).toEqual(new Set([idOf(0), idOf(5), idOf(6)]));
    expect(new Set(keys.slice(3))).toEqual(new Set([idOf(3), idOf(4)]));
  }
});
