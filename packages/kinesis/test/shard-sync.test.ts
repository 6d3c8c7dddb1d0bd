import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Lease } from '../src/leases/lease.js';
import { missingLeases, needlessLeases, newLease, type Shard, type Start } from '../src/leases/shard-sync.js';
import { idOf, shard } from './support/shards.js';

const latest: Start = { from: 'LATEST', timestamp: 1000 };
const leaseOf = (number: number, checkpoint: string, more: Partial<Lease> = {}): Lease => ({
  ...newLease(shard(number), 'TRIM_HORIZON'),
  checkpoint,
  ...more,
});
const made = (shards: readonly Shard[], leases: readonly Lease[], start: Start): string[] =>
  missingLeases(shards, leases, start).map(({ leaseKey, checkpoint }) => `${Number(leaseKey.slice(8))} ${checkpoint}`);

describe('missing leases', () => {
  const reshaped = [shard(0, [], true), shard(1, [], true), shard(2, [0]), shard(3, [0], true), shard(4, [1, 3])];

  it('of a stream that nobody has read yet begin where the config says', () => {
    expect(made(reshaped, [], 'TRIM_HORIZON')).toEqual([
      '0 TRIM_HORIZON',
      '1 TRIM_HORIZON',
      '2 TRIM_HORIZON',
      '3 TRIM_HORIZON',
      '4 TRIM_HORIZON',
    ]);
    expect(made(reshaped, [], latest)).toEqual(['2 LATEST', '4 LATEST']);
    expect(missingLeases(reshaped, [], latest)[0]?.startingTimestamp).toBe(1000);
    expect(made(reshaped, [], { from: 'AT_TIMESTAMP', timestamp: 5 })).toHaveLength(5);
  });

  it('of children begin at the beginning, whatever the config says', () => {
    expect(made(reshaped, [leaseOf(0, '10'), leaseOf(1, '10')], latest)).toEqual([
      '2 TRIM_HORIZON',
      '3 TRIM_HORIZON',
      '4 TRIM_HORIZON',
    ]);
  });

  it('are none for what was read before', () => {
    expect(made(reshaped, [leaseOf(2, '10'), leaseOf(4, '10')], 'TRIM_HORIZON')).toEqual([]);
  });

  it('of two who begin at once are the same, however far the other one is', () => {
    for (const start of ['TRIM_HORIZON', latest] as const) {
      const all = missingLeases(reshaped, [], start);
      for (let done = 0; done <= all.length; done++) {
        const rest = missingLeases(reshaped, all.slice(0, done), start);
        expect(rest.map(({ leaseKey }) => leaseKey)).toEqual(all.slice(done).map(({ leaseKey }) => leaseKey));
      }
    }
  });

  it('begin at the beginning where a shard went away unread', () => {
    expect(made([shard(7, [3]), shard(8, [4])], [leaseOf(0, '10')], latest)).toEqual([
      '7 TRIM_HORIZON',
      '8 TRIM_HORIZON',
    ]);
  });
});

describe('needless leases', () => {
  const needless = (shards: readonly Shard[], leases: readonly Lease[]): number[] =>
    needlessLeases(shards, leases).map(({ leaseKey }) => Number(leaseKey.slice(8)));
  const shards = [shard(0, [], true), shard(1, [0]), shard(2, [0])];
  const children = { childShardIds: [idOf(1), idOf(2)] };

  it('are those of shards that are read to their end, once their children are being read', () => {
    const child = (number: number, checkpoint: string): Lease =>
      leaseOf(number, checkpoint, { parentShardIds: [idOf(0)] });
    const parent = leaseOf(0, 'SHARD_END', children);
    expect(needless(shards, [parent, child(1, '5'), child(2, 'TRIM_HORIZON')])).toEqual([]);
    expect(needless(shards, [parent, child(1, '5'), child(2, '6')])).toEqual([0]);
    expect(needless(shards, [parent, child(1, 'SHARD_END')])).toEqual([0]);
    expect(needless(shards, [leaseOf(0, '4', children), child(1, '5'), child(2, '6')])).toEqual([]);
  });

  it('are not those that journals have notes in, until their shard is gone: who comes back asks them', () => {
    const parent = leaseOf(0, 'SHARD_END', { ...children, journals: 'tranquility one=5' });
    const leases = [
      parent,
      leaseOf(1, '5', { parentShardIds: [idOf(0)] }),
      leaseOf(2, '6', { parentShardIds: [idOf(0)] }),
    ];
    expect(needless(shards, leases)).toEqual([]);
    expect(made(shards, leases, 'TRIM_HORIZON')).toEqual([]);
    expect(needless(shards.slice(1), leases)).toEqual([0]);
  });

  it('are those of shards that are gone, not of those whose children are not known yet', () => {
    expect(needless([], [leaseOf(0, 'SHARD_END')])).toEqual([0]);
    expect(needless([shard(0, [], true)], [leaseOf(0, 'SHARD_END')])).toEqual([]);
  });
});

it('no record is left out, and none is read twice, however shards are split and merged', () => {
  const actions = fc.array(
    fc.record({ at: fc.nat(), isSplit: fc.boolean(), reads: fc.array(fc.nat(), { maxLength: 4 }) }),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(actions, (plan) => {
      let shards: Shard[] = [shard(0), shard(1)];
      const leases = new Map<string, Lease>();
      const read: string[] = [];
      const sync = (): void => {
        for (const lease of missingLeases(shards, [...leases.values()], 'TRIM_HORIZON')) {
          expect(leases.has(lease.leaseKey)).toBe(false);
          leases.set(lease.leaseKey, lease);
        }
        for (const lease of needlessLeases(shards, [...leases.values()])) leases.delete(lease.leaseKey);
      };
      /** Reads a shard, if its parents are done; to its end, if it is closed. */
      const readOn = (lease: Lease): void => {
        const isHeld = lease.parentShardIds.some((id) => leases.has(id) && leases.get(id)?.checkpoint !== 'SHARD_END');
        if (isHeld || lease.checkpoint === 'SHARD_END') return;
        // Before an end is written down, all leases are made.
        sync();
        if (lease.checkpoint === 'TRIM_HORIZON') read.push(lease.leaseKey);
        const isClosed = shards.find(({ id }) => id === lease.leaseKey)?.isClosed === true;
        const childShardIds = shards.filter(({ parents }) => parents.includes(lease.leaseKey)).map(({ id }) => id);
        leases.set(lease.leaseKey, { ...lease, checkpoint: isClosed ? 'SHARD_END' : '1', childShardIds });
      };
      sync();
      for (const { at, isSplit, reads } of plan) {
        const open = shards.filter(({ isClosed }) => !isClosed);
        const [one, other] = [open[at % open.length], open[(at + 1) % open.length]];
        if (one === undefined || other === undefined) return;
        const parents = isSplit || one === other ? [one] : [one, other];
        shards = shards.map((known) => (parents.includes(known) ? { ...known, isClosed: true } : known));
        const numbers = parents.map(({ id }) => Number(id.slice(8)));
        shards.push(shard(shards.length, numbers));
        if (parents.length === 1) shards.push(shard(shards.length, numbers));
        for (const which of reads) {
          const known = [...leases.values()];
          const lease = known[which % known.length];
          if (lease !== undefined) readOn(lease);
          if (which % 2 === 0) sync();
        }
      }
      for (let round = 0; round <= shards.length; round++) {
        sync();
        for (const lease of leases.values()) readOn(lease);
      }
      expect(read.toSorted()).toEqual(shards.map(({ id }) => id).toSorted());
      for (const { id, parents } of shards) {
        for (const parent of parents) expect(read.indexOf(parent)).toBeLessThan(read.indexOf(id));
      }
    }),
  );
});
