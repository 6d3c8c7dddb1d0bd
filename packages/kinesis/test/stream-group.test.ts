import { Changes } from '@tranquility-js/connect';
import { TranquilityError } from '@tranquility-js/core';
import { describe, expect, it, vi } from 'vitest';
import type { Lease } from '../src/leases/lease.js';
import type { LeaseChange } from '../src/leases/lease-store.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease } from '../src/leases/shard-sync.js';
import type { StreamGroupOptions } from '../src/stream-group.js';
import { groupOf } from './support/groups.js';
import { recordOf } from './support/packing.js';
import { idOf, shard } from './support/shards.js';

const soon = { timeout: 5_000, interval: 5 };
const signal = new AbortController().signal;

/** A ledger that notes which places are written into it, and which are not when it does not answer. */
class NotingStore extends MemoryLeaseStore {
  readonly places: string[] = [];
  failed = 0;
  isAway = false;

  override async change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    const { checkpoint, checkpointSubSequenceNumber: sub } = change;
    if (checkpoint === undefined) return super.change(seen, change);
    if (this.isAway) {
      this.failed++;
      throw new TranquilityError('TRQ_LEASES_UNREACHABLE', 'It is away.');
    }
    this.places.push(`${seen.leaseKey} ${checkpoint}:${String(sub)}`);
    return super.change(seen, change);
  }
}

const batch = (number: number) => ({
  records: [{ ...recordOf(Buffer.from(`{"n":${number}}`)), sequenceNumber: String(number) }],
  millisBehind: 0,
});

describe('every place that is written down is told and counted', () => {
  it('those after a number of records, and the last one', async () => {
    const store = new NotingStore();
    const world = { store, shards: () => [shard(0)], batches: [1, 2, 3, 4, 5].map(batch) };
    const { group, written } = groupOf({ ...world, options: { checkpointRecords: 2 } });
    await group.open(signal);
    await vi.waitFor(() => {
      expect(group.shards[0]?.settled).toBe('5');
    }, soon);
    const before = store.places.length;
    expect(before).toBeGreaterThan(0);
    expect(await group.close(signal)).toBe(true);
    expect(store.places.at(-1)).toBe(`${idOf(0)} 5:0`);
    expect([written, group.tally.checkpoints]).toEqual([store.places, store.places.length]);
    expect(store.places.length).toBeGreaterThan(before);
  });

  it('those that cannot be written are counted too', async () => {
    const store = new NotingStore();
    const world = { store, shards: () => [shard(0)], batches: [1, 2, 3, 4, 5].map(batch) };
    const { group, written } = groupOf({ ...world, options: { checkpointRecords: 2 } });
    store.isAway = true;
    await group.open(signal);
    await vi.waitFor(() => {
      expect(group.shards[0]?.settled).toBe('5');
    }, soon);
    const before = store.failed;
    expect(before).toBeGreaterThan(0);
    expect(await group.close(signal)).toBe(false);
    expect(store.failed).toBeGreaterThan(before);
    expect([written, group.tally.checkpoints, group.tally.failedCheckpoints]).toEqual([[], 0, store.failed]);
  });
});

/** A ledger that may stop to answer. */
class SilentStore extends MemoryLeaseStore {
  isSilent = false;

  override change(seen: Lease, change: LeaseChange): Promise<Lease | undefined> {
    return this.isSilent ? new Promise(() => undefined) : super.change(seen, change);
  }
}

describe('a ledger that is silent', () => {
  const silent = async (options: { readonly failoverMillis?: number }) => {
    const store = new SilentStore();
    const world = groupOf({ store, shards: () => [shard(0)], batches: [batch(1)], options });
    await world.group.open(signal);
    await expect.poll(() => world.group.shards[0]?.settled).toBe('1');
    store.isSilent = true;
    return world;
  };

  it('for the fail-over time has its shards lost, though its answers are waited for', async () => {
    const { group } = await silent({ failoverMillis: 1000 });
    void group.checkpoint();
    await expect.poll(() => group.shards).toEqual([]);
  });

  it('does not hold up the end for long when the time is up, and what it was not told is not drained', async () => {
    const { group, troubles } = await silent({});
    void group.checkpoint();
    expect(await group.close(AbortSignal.timeout(100))).toBe(false);
    expect(troubles.at(-1)?.message).toContain('its lease could not be given up: There was no answer in time.');
  });
});

it('a shard that others have done between two questions of ours gets no lease again', async () => {
  const begun = { checkpoint: '100', leaseOwner: 'other', streamCreated: 7 };
  const leased = (number: number, parents: readonly number[] = []): Lease => ({
    ...newLease(shard(number, parents), 'TRIM_HORIZON'),
    ...begun,
  });
  let listed = [shard(0)];
  let isPaused = false;
  const store = new (class extends MemoryLeaseStore {
    override async list(): Promise<Lease[]> {
      const leases = await super.list();
      await paused();
      return leases;
    }
  })([leased(0)]);
  /** We stand still behind the first answer; meanwhile the shard is split, read to its end, and its lease removed. */
  const paused = async (): Promise<void> => {
    if (isPaused) return;
    isPaused = true;
    listed = [shard(0, [], true), shard(1, [0]), shard(2, [0])];
    for (const child of [1, 2]) await store.create(leased(child, [0]));
    await store.remove(leased(0));
  };
  const shards = async () => {
    const answer = listed;
    await paused();
    return answer;
  };
  const { group } = groupOf({ store, shards: () => [], options: { shards } });
  await group.open(signal);
  expect((await store.list()).map(({ leaseKey }) => leaseKey)).toEqual([idOf(1), idOf(2)]);
  await group.close(signal);
});

it('shards that may not be listed are a reason until they are, though the ledger answers; it is told once', async () => {
  const reasons: string[][] = [];
  let isRefused = false;
  const shards = () => {
    if (!isRefused) return Promise.resolve([shard(0)]);
    reasons.push(group.reasons);
    return Promise.reject(Object.assign(new Error('no right'), { name: 'AccessDeniedException' }));
  };
  const options = { shards, failoverMillis: 30, syncMillis: 60, maxLeases: 0 };
  const { group, troubles } = groupOf({ store: new MemoryLeaseStore(), shards: () => [], options });
  await group.open(signal);
  isRefused = true;
  await vi.waitFor(() => {
    expect(reasons.length).toBeGreaterThan(3);
  }, soon);
  const reason = 'clicks: AccessDeniedException: no right. It is tried again.';
  expect(reasons.slice(0, 4)).toEqual([[], [reason], [reason], [reason]]);
  expect(troubles).toEqual([{ kind: 'refused', message: reason, stream: 'clicks' }]);
  isRefused = false;
  await vi.waitFor(() => {
    expect(group.reasons).toEqual([]);
  }, soon);
  await group.close(signal);
});

it('many shards that wait on one signal are no leak', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
  let awaited = 0;
  const turns = {
    ...{ join: () => undefined, has: () => true, hurry: () => undefined },
    over: (_: unknown, ending: AbortSignal) => {
      awaited++;
      return new Changes().until(() => false, ending);
    },
  } as unknown as StreamGroupOptions['turns'];
  const shards = () => Array.from({ length: 12 }, (_, at) => shard(at));
  const { group } = groupOf({ store: new MemoryLeaseStore(), shards, options: { turns } });
  await group.open(signal);
  await vi.waitFor(() => {
    expect(group.shards.length).toBe(12);
  }, soon);
  void group.checkpoint();
  expect(awaited).toBe(12);
  await group.close(new AbortController().signal);
  expect(warn.mock.calls).toEqual([]);
  warn.mockRestore();
});

describe('the group of a stream that was deleted, and made anew', () => {
  const leaseFor = (streamCreated: number, more: Partial<Lease> = {}): Lease => ({
    ...newLease(shard(0), 'TRIM_HORIZON'),
    ...{ streamCreated, checkpoint: '5', leaseCounter: 3, leaseOwner: 'other' },
    ...more,
  });

  it('does not begin over leases of the new one, and touches none', async () => {
    const later = [leaseFor(8), { ...leaseFor(7), leaseKey: idOf(1) }];
    const store = new MemoryLeaseStore(later);
    const { group, troubles } = groupOf({ store, shards: () => [shard(0), shard(2)] });
    await expect(group.open(signal)).rejects.toMatchObject({
      code: 'TRQ_LEASES_REFUSED',
      message: expect.stringContaining('{stream}') as string,
    });
    expect([group.isOutdated, await store.list(), troubles]).toEqual([true, later, []]);
    await group.close(AbortSignal.abort());
    expect(await store.list()).toEqual(later);
  });

  it('ends by itself once it sees one, and gives up what it reads without a word', async () => {
    const store = new NotingStore();
    const world = { store, shards: () => [shard(0)], batches: [1, 2].map(batch) };
    const { group, troubles } = groupOf({ ...world, options: { syncMillis: 20 } });
    await group.open(signal);
    await vi.waitFor(() => {
      expect(group.shards[0]?.settled).toBe('2');
    }, soon);
    const later = { ...newLease(shard(1), 'TRIM_HORIZON'), streamCreated: 8 };
    await store.create(later);
    const before = await store.list();
    await vi.waitFor(() => {
      expect(group.isOutdated).toBe(true);
    }, soon);
    expect(group.shards).toEqual([]);
    expect(group.reasons).toEqual([expect.stringContaining('tell of a stream that was made later')]);
    expect(await group.checkpoint()).toBe(true);
    await group.close(signal);
    expect(troubles.map(({ kind }) => kind)).toEqual(['another-stream']);
    expect([await store.list(), store.places]).toEqual([before, []]);
  });

  it('makes its leases out of those of the old one, whose notes stay, and at no time is the ledger empty', async () => {
    const journals = 'tranquility one=5:2';
    const counts: number[] = [];
    class Counting extends MemoryLeaseStore {
      override async remove(seen: Lease): Promise<void> {
        await super.remove(seen);
        counts.push((await this.list()).filter(({ streamCreated }) => streamCreated === 7).length);
      }
    }
    const store = new Counting([leaseFor(6, { journals }), { ...leaseFor(6), leaseKey: idOf(9) }]);
    const { group, troubles } = groupOf({ store, shards: () => [shard(0), shard(1)] });
    await group.open(signal);
    const fresh = [0, 1].map((at) => ({ ...newLease(shard(at), 'TRIM_HORIZON'), streamCreated: 7 }));
    expect([await store.list(), counts]).toEqual([[{ ...fresh[0], leaseCounter: 4, journals }, fresh[1]], [2]]);
    expect(troubles.map(({ kind }) => kind)).toEqual(['another-stream']);
    await group.close(signal);
  });

  it('is read from its oldest record though its leases are not all made by one who starts', async () => {
    class Failing extends MemoryLeaseStore {
      isAway = false;
      override create(lease: Lease): Promise<boolean> {
        return this.isAway ? Promise.reject(new Error('It is away.')) : super.create(lease);
      }
    }
    const store = new Failing([leaseFor(6)]);
    const shards = () => [0, 1, 2].map((at) => shard(at));
    const options = { start: { from: 'LATEST', timestamp: 1_000 } } as const;
    store.isAway = true;
    await expect(groupOf({ store, shards, options }).group.open(signal)).rejects.toThrow('It is away.');
    store.isAway = false;
    const { group } = groupOf({ store, shards, options });
    await group.open(signal);
    expect((await store.list()).map(({ checkpoint }) => checkpoint)).toEqual(Array(3).fill('TRIM_HORIZON'));
    await group.close(signal);
  });
});
