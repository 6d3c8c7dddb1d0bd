import { beforeEach, describe, expect, it } from 'vitest';
import { newLease } from '../src/leases/shard-sync.js';
import { ZooKeeperLeaseStore } from '../src/leases/zookeeper-lease-store.js';
import { shard } from './support/shards.js';
import { refused, ZnodeTree } from './support/znode-tree.js';

const lease = newLease(shard(0), 'TRIM_HORIZON');
const node = `/leases/${lease.leaseKey}`;

let nodes: ZnodeTree;
let store: ZooKeeperLeaseStore;
beforeEach(async () => {
  nodes = new ZnodeTree();
  store = new ZooKeeperLeaseStore(nodes, '/leases');
  await store.open();
});

/** Does something once, before the first request of a name. */
function once(name: string, work: () => ReturnType<ZnodeTree['script']>): void {
  let isDone = false;
  nodes.script = (request) => {
    if (isDone || !request.startsWith(name)) return undefined;
    isDone = true;
    return work();
  };
}

const putFields = (fields: object): undefined => {
  nodes.put(node, Buffer.from(JSON.stringify(fields)));
};

it('a lease is JSON in its node, with the number of its format, and what else is in it stays', async () => {
  await store.create(lease);
  expect(nodes.fields(node)).toEqual({ format: 1, ...lease });
  putFields({ format: 1, ...lease, later: 'x' });
  await store.change(lease, { leaseOwner: 'me' });
  expect(nodes.fields(node)).toMatchObject({ format: 1, leaseOwner: 'me', leaseCounter: 1, later: 'x' });
});

describe('where an answer is lost', () => {
  it('the node tells that the write was done', async () => {
    once('create', () => 'answer lost');
    expect(await store.create(lease)).toBe(true);
    once('setData', () => 'answer lost');
    expect(await store.change(lease, { leaseOwner: 'me' })).toMatchObject({ leaseOwner: 'me', leaseCounter: 1 });
  });

  it('or the request: that nobody can tell, and it says so', async () => {
    once('create', () => 'request lost');
    await expect(store.create(lease)).rejects.toMatchObject({ code: 'TRQ_LEASES_UNREACHABLE', retryable: true });
    await store.create(lease);
    once('setData', () => 'request lost');
    await expect(store.change(lease, { leaseOwner: 'me' })).rejects.toThrow('The connection broke.');
    once('remove', () => 'answer lost');
    await expect(store.remove(lease)).rejects.toMatchObject({ code: 'TRQ_LEASES_UNREACHABLE' });
    expect(await store.list()).toEqual([]);
  });

  it('a write of the same version by somebody else is not taken for ours', async () => {
    await store.create(lease);
    once('setData', () => {
      putFields({ format: 1, ...lease, leaseOwner: 'other', leaseCounter: 1 });
      return 'request lost';
    });
    await expect(store.change(lease, { leaseOwner: 'me' })).rejects.toMatchObject({ code: 'TRQ_LEASES_UNREACHABLE' });
  });
});

describe('where somebody is quicker', () => {
  beforeEach(() => store.create(lease));

  it('and only asks, the change is made all the same, and keeps what was asked', async () => {
    once('setData', () => putFields({ format: 1, ...lease, wantedBy: 'you' }));
    const changed = await store.change(lease, { leaseOwner: 'me' });
    expect(changed).toMatchObject({ leaseOwner: 'me', leaseCounter: 1, wantedBy: 'you' });
  });

  it('and changes it, nothing is written', async () => {
    once('setData', () => putFields({ format: 1, ...lease, leaseOwner: 'other', leaseCounter: 1 }));
    expect(await store.change(lease, { leaseOwner: 'me' })).toBeUndefined();
    expect(nodes.fields(node)).toMatchObject({ leaseOwner: 'other' });
  });

  it('and removes it, nothing is written', async () => {
    once('setData', () => void nodes.nodes.delete(node));
    expect(await store.change(lease, { leaseOwner: 'me' })).toBeUndefined();
    expect(nodes.nodes.has(node)).toBe(false);
  });

  it('than who removes it, it stays', async () => {
    once('remove', () => putFields({ format: 1, ...lease, wantedBy: 'you' }));
    await store.remove(lease);
    expect(nodes.fields(node)).toMatchObject({ wantedBy: 'you' });
  });

  it('than who lists them, one that is gone is left out', async () => {
    once('getData', () => void nodes.nodes.delete(node));
    expect(await store.list()).toEqual([]);
  });
});

describe('what cannot go on is told', () => {
  it.each([
    ['', 'JSON'],
    ['null', 'no object of JSON'],
    [JSON.stringify(lease), 'its format is nothing, and ours is 1'],
    [JSON.stringify({ ...lease, format: 2 }), 'its format is 2, and ours is 1'],
    [JSON.stringify({ ...lease, format: 1, leaseCounter: '1' }), 'its leaseCounter is "1"'],
    [JSON.stringify({ ...lease, format: 1, checkpoint: undefined }), 'its checkpoint is nothing'],
    [JSON.stringify({ ...lease, format: 1, parentShardIds: 'x' }), 'its parentShardIds is "x"'],
    [JSON.stringify({ ...lease, format: 1, leaseKey: 'x' }), 'it is a lease of x'],
  ])('a node with %j is no lease of ours', async (text, why) => {
    nodes.put(node, Buffer.from(text));
    for (const asked of [store.list(), store.get(lease.leaseKey), store.change(lease, {})]) {
      await expect(asked).rejects.toMatchObject({ code: 'TRQ_LEASES_REFUSED' });
    }
    await expect(store.list()).rejects.toThrow(`The node ${node} of ZooKeeper is no lease that we can read`);
    await expect(store.list()).rejects.toThrow(why);
  });

  it('a ledger that was removed, a right that is missing', async () => {
    nodes.nodes.delete('/leases');
    await expect(store.list()).rejects.toThrow('The node of leases /leases of ZooKeeper was removed');
    once('ensure', () => {
      throw refused('NO_AUTH');
    });
    const error = await store.open().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRQ_LEASES_REFUSED', details: { path: '/leases' } });
    expect((error as Error).message).toBe('The leases below /leases cannot be used. Refused: NO_AUTH.');
  });
});
