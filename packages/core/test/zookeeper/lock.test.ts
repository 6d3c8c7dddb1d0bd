import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeperLock } from '../../src/zookeeper/lock.js';
import { ZooKeeperClient } from '../../src/zookeeper/zookeeper-client.js';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

describe('the lock in ZooKeeper', () => {
  let zookeeper: ScriptedZooKeeper;
  const clients: ZooKeeperClient[] = [];

  beforeEach(async () => {
    zookeeper = await ScriptedZooKeeper.start();
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await zookeeper[Symbol.asyncDispose]();
  });

  function lock(): ZooKeeperLock {
    const client = new ZooKeeperClient({ connect: zookeeper.address, timeout: 2_000 });
    clients.push(client);
    return new ZooKeeperLock(client, '/mutex');
  }

  const nodes = (): string[] => [...zookeeper.childrenOf('/mutex/locks'), ...zookeeper.childrenOf('/mutex/leases')];

  it('has the nodes that Curator has', async () => {
    const held = await lock().acquire(1_000);
    expect(nodes()).toEqual([expect.stringMatching(/^_c_[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}-lease-\d{10}$/)]);
    const waiting = lock().acquire(1_000);
    await expect.poll(nodes).toHaveLength(3);
    const [inQueue] = zookeeper.childrenOf('/mutex/locks');
    expect(inQueue).toMatch(/^_c_[\da-f-]{36}-lock-\d{10}$/);
    await held.release();
    await (await waiting).release();
    expect(nodes()).toEqual([]);
  });

  it.each(['locks', 'leases'])(
    'leaves nothing behind when it is given up while its node under %s is made',
    async (where) => {
      const ending = new AbortController();
      zookeeper.script = (request) => {
        if (request.startsWith(`create /mutex/${where}/`)) ending.abort(new Error('enough'));
        return undefined;
      };
      await expect(lock().acquire(1_000, ending.signal)).rejects.toThrow('enough');
      await expect.poll(nodes).toEqual([]);
      expect(zookeeper.requests.filter((request) => request.startsWith(`create /mutex/${where}/`))).not.toEqual([]);
    },
  );

  it('is waited for, for longer than a timer can', async () => {
    const held = await lock().acquire(1_000);
    const waiting = lock().acquire(2 ** 32);
    await expect.poll(nodes).toHaveLength(3);
    await held.release();
    await (await waiting).release();
    expect(nodes()).toEqual([]);
  });

  it('begins anew when somebody removes its node', async () => {
    const held = await lock().acquire(1_000);
    const waiting = lock().acquire(2_000);
    await expect.poll(nodes).toHaveLength(3);
    for (const name of zookeeper.childrenOf('/mutex/locks')) zookeeper.nodes.delete(`/mutex/locks/${name}`);
    for (const name of zookeeper.childrenOf('/mutex/leases').slice(1)) zookeeper.nodes.delete(`/mutex/leases/${name}`);
    await held.release();
    await (await waiting).release();
    expect(nodes()).toEqual([]);
  });

  it('tells its holder when the session ends', async () => {
    const held = await lock().acquire(1_000);
    zookeeper.expireSessions();
    await expect.poll(() => held.signal.aborted).toBe(true);
    expect(held.signal.reason).toMatchObject({ code: 'TRQ_ZOOKEEPER_SESSION_EXPIRED' });
    await held.release();
  });
});
