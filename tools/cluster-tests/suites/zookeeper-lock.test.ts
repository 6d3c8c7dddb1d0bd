import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeperLock } from '../../../packages/core/src/zookeeper/lock.js';
import { ZooKeeperClient } from '../../../packages/core/src/zookeeper/zookeeper-client.js';
import { zookeeper } from '../src/cluster.js';
import { curatorPeer } from '../src/curator.js';
import { FaultProxy } from '../src/fault-proxy.js';
import { temporaryDirectory } from '../src/temporary.js';

const timeout = 2_000;
const patience = 60_000;

describe('the lock in ZooKeeper', () => {
  let proxy: FaultProxy;
  let path: string;
  const clients: ZooKeeperClient[] = [];

  const client = (connect = zookeeper()): ZooKeeperClient => {
    const made = new ZooKeeperClient({ connect, timeout });
    clients.push(made);
    return made;
  };

  beforeEach(async () => {
    proxy = await FaultProxy.to(zookeeper());
    path = `/lock-test-${process.pid}-${Date.now()}/mutex`;
  });
  afterEach(async () => {
    proxy.fault = { kind: 'none' };
    await Promise.all(clients.splice(0).map((one) => one.close()));
    await proxy[Symbol.asyncDispose]();
  });

  const nodes = async (): Promise<number[]> => {
    const of = async (name: string): Promise<number> => (await client().getChildren(`${path}/${name}`))?.length ?? 0;
    return Promise.all([of('locks'), of('leases')]);
  };

  /** Goes through the critical section, and tells how often somebody else was in it. */
  async function contend(lock: ZooKeeperLock, times: number, marker: string): Promise<number> {
    let overlaps = 0;
    for (let i = 0; i < times; i++) {
      const held = await lock.acquire(patience);
      try {
        await (await open(marker, 'wx')).close();
        await sleep(2);
        await rm(marker);
      } catch {
        overlaps++;
      } finally {
        await held.release();
      }
    }
    return overlaps;
  }

  it.each(['tranquility-0.8.3', 'druid-28.0.0'] as const)(
    'is the same as that of the Curator of %s: three of ours and one of theirs never overlap',
    async (curatorOf) => {
      const marker = join(await temporaryDirectory(), 'marker');
      const peer = await curatorPeer(curatorOf);
      const ours = [0, 1, 2].map(() => contend(new ZooKeeperLock(client(), path), 60, marker));
      const overlaps = await Promise.all([...ours, peer(zookeeper(), path, 60, marker)]);
      expect(overlaps).toEqual([0, 0, 0, 0]);
      expect(await nodes()).toEqual([0, 0]);
    },
  );

  it('never overlaps while connections break all the time', async () => {
    const marker = join(await temporaryDirectory(), 'marker');
    const proxies = await Promise.all([0, 1, 2].map(() => FaultProxy.to(zookeeper())));
    const breaking = setInterval(() => {
      const victim = proxies[Math.floor(Math.random() * proxies.length)];
      if (victim === undefined) return;
      if (Math.random() < 0.5) victim.reset();
      else victim.fault = { kind: 'cut', afterBytes: Math.floor(Math.random() * 200) };
    }, 150);
    try {
      const locks = proxies.map(({ address }) => new ZooKeeperLock(client(address), path));
      expect(await Promise.all(locks.map((lock) => contend(lock, 15, marker)))).toEqual([0, 0, 0]);
    } finally {
      clearInterval(breaking);
    }
    await Promise.all(clients.splice(0).map((one) => one.close()));
    await Promise.all(proxies.map((one) => one[Symbol.asyncDispose]()));
    expect(await nodes()).toEqual([0, 0]);
  });

  it('is given up at the deadline, and says who holds it; the waiting node is gone', async () => {
    const held = await new ZooKeeperLock(client(), path).acquire(patience);
    const error = await new ZooKeeperLock(client(), path).acquire(300).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRQ_ZOOKEEPER_LOCKED' });
    expect((error as Error).message).toContain(`(process ${process.pid}) through ${path}/leases/_c_`);
    await expect.poll(nodes).toEqual([0, 1]);
    await held.release();
    expect(await nodes()).toEqual([0, 0]);
  });

  it('tells its holder in time that it may be lost, before another can get it', async () => {
    const held = await new ZooKeeperLock(client(proxy.address), path).acquire(patience);
    const next = new ZooKeeperLock(client(), path).acquire(patience);
    let lostAt = Infinity;
    held.signal.addEventListener('abort', () => {
      lostAt = performance.now();
    });
    proxy.fault = { kind: 'black-hole' };
    const other = await next;
    expect(lostAt).toBeLessThan(performance.now());
    expect(held.signal.reason).toMatchObject({ code: 'TRQ_ZOOKEEPER_SESSION_EXPIRED' });
    await held.release();
    await other.release();
  });

  it('is waited for over the end of a session', async () => {
    const held = await new ZooKeeperLock(client(), path).acquire(patience);
    const waiting = new ZooKeeperLock(client(proxy.address), path).acquire(patience);
    await expect.poll(nodes).toEqual([1, 2]);
    proxy.fault = { kind: 'black-hole' };
    await sleep(timeout + 500);
    proxy.fault = { kind: 'none' };
    await held.release();
    const got = await waiting;
    expect(got.signal.aborted).toBe(false);
    await got.release();
  });
});
