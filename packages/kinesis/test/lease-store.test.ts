import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileLeaseStore } from '../src/leases/file-lease-store.js';
import type { Lease } from '../src/leases/lease.js';
import type { LeaseChange, LeaseStore } from '../src/leases/lease-store.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease } from '../src/leases/shard-sync.js';
import { madeAnew } from '../src/leases/stream-leases.js';
import { ZooKeeperLeaseStore } from '../src/leases/zookeeper-lease-store.js';
import { idOf, shard } from './support/shards.js';
import { ZnodeTree } from './support/znode-tree.js';

let directory: string;
let files = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leases-'));
});
afterAll(() => rm(directory, { recursive: true }));

const inFile = (): LeaseStore => new FileLeaseStore(join(directory, String(files++)));
const inZooKeeper = (): LeaseStore => new ZooKeeperLeaseStore(new ZnodeTree(), '/leases');

const fresh = newLease(shard(1, [0]), { from: 'LATEST', timestamp: 5 });

const opened = async (store: LeaseStore): Promise<LeaseStore> => {
  await store.open();
  return store;
};

describe.each([
  ['in memory', () => new MemoryLeaseStore()],
  ['in a file', inFile],
  ['in ZooKeeper', inZooKeeper],
])('a ledger %s', (_, make) => {
  it('keeps leases as they are, one for each key', async () => {
    const store = await opened(make());
    const full = { ...fresh, leaseOwner: 'me', wantedBy: 'you', streamCreated: 7, journals: 'tranquility one=5:2' };
    expect([await store.list(), await store.get(fresh.leaseKey)]).toEqual([[], undefined]);
    expect([await store.create(full), await store.create(fresh)]).toEqual([true, false]);
    expect(await store.create(newLease(shard(2), 'TRIM_HORIZON'))).toBe(true);
    await store.open();
    expect(await store.get(fresh.leaseKey)).toEqual(full);
    expect((await store.list()).map(({ leaseKey }) => leaseKey).sort()).toEqual([idOf(1), idOf(2)]);
    await store.close();
  });

  it('changes what still is as it was seen, and counts', async () => {
    const store = await opened(make());
    await store.create(fresh);
    const taken = await store.change(fresh, { leaseOwner: 'me', wantedBy: null });
    expect(taken).toEqual({ ...fresh, leaseOwner: 'me', leaseCounter: 1 });
    expect(await store.change(fresh, { leaseOwner: 'other' })).toBeUndefined();
    expect(await store.change({ ...fresh, leaseOwner: 'me' }, { checkpoint: '5' })).toBeUndefined();
    const given = await store.change(taken ?? fresh, { leaseOwner: null, checkpoint: '7' });
    expect(await store.get(fresh.leaseKey)).toEqual({ ...fresh, leaseCounter: 2, checkpoint: '7' });
    expect(given).toEqual(await store.get(fresh.leaseKey));
    expect(await store.change({ ...fresh, leaseKey: idOf(9) }, {})).toBeUndefined();
  });

  it('does not take a lease for what it was of another stream of its name', async () => {
    const store = await opened(make());
    const old = { ...fresh, leaseOwner: 'me', wantedBy: 'you', streamCreated: 7, journals: 'tranquility one=5:2' };
    await store.create(old);
    const anew = { ...newLease(shard(1), 'TRIM_HORIZON'), streamCreated: 8 };
    const made = { ...anew, leaseCounter: 1, journals: 'tranquility one=5:2' };
    expect(await store.change(old, madeAnew(anew))).toEqual(made);
    expect(await store.get(fresh.leaseKey)).toEqual(made);
    expect(await store.change({ ...made, streamCreated: 7 }, { leaseOwner: 'me' })).toBeUndefined();
    await store.remove({ ...made, streamCreated: 7 });
    expect(await store.get(fresh.leaseKey)).toEqual(made);
  });

  it('is asked by one at a time, without counting', async () => {
    const store = await opened(make());
    const owned = { ...fresh, leaseOwner: 'me' };
    await store.create(owned);
    await store.ask({ ...owned, leaseOwner: 'another' }, 'you');
    expect(await store.get(fresh.leaseKey)).toEqual(owned);
    await store.ask(owned, 'you');
    await store.ask(owned, 'they');
    expect(await store.get(fresh.leaseKey)).toEqual({ ...owned, wantedBy: 'you' });
    expect(await store.change(owned, {})).toEqual({ ...owned, wantedBy: 'you', leaseCounter: 1 });
  });

  it('removes what still is as it was seen', async () => {
    const store = await opened(make());
    await store.create(fresh);
    await store.remove({ ...fresh, leaseCounter: 3 });
    expect(await store.get(fresh.leaseKey)).toEqual(fresh);
    await store.remove(fresh);
    await store.remove(fresh);
    expect(await store.list()).toEqual([]);
    expect(await store.create(fresh)).toBe(true);
  });
});

interface Call {
  readonly what: 'create' | 'change' | 'ask' | 'remove';
  readonly shard: number;
  readonly counter: number;
  readonly owner: string | undefined;
  readonly to: string | null;
}

const owner = fc.constantFrom('one', 'other');
const calls = fc.array(
  fc.record<Call>({
    what: fc.constantFrom<Call['what']>('create', 'change', 'change', 'ask', 'remove'),
    shard: fc.nat(1),
    counter: fc.nat(4),
    owner: fc.option(owner, { nil: undefined }),
    to: fc.option(owner),
  }),
  { maxLength: 40 },
);

async function call(store: LeaseStore, { what, shard: at, counter, owner: by, to }: Call): Promise<unknown> {
  const lease = newLease(shard(at), 'TRIM_HORIZON');
  const found = await store.get(lease.leaseKey);
  // Half of the calls have seen the lease as it is.
  const guessed: Lease = { ...lease, leaseCounter: counter, ...(by === undefined ? {} : { leaseOwner: by }) };
  const seen = counter < 3 ? (found ?? guessed) : guessed;
  const change: LeaseChange = {
    ...{ leaseOwner: to, checkpoint: String(counter) },
    ...(to === null ? { wantedBy: null } : {}),
  };
  if (what === 'create') return store.create(lease);
  if (what === 'change') return store.change(seen, change);
  return what === 'ask' ? store.ask(seen, 'who asks') : store.remove(seen);
}

it('a ledger in ZooKeeper answers as one in memory does, whatever is asked', async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (plan) => {
      const [memory, zookeeper] = [new MemoryLeaseStore(), await opened(inZooKeeper())];
      for (const step of plan) {
        expect(await call(zookeeper, step)).toEqual(await call(memory, step));
        expect(await zookeeper.list()).toEqual(await memory.list());
      }
    }),
  );
});
