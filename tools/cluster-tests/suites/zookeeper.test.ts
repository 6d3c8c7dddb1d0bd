import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeperClient, type ZooKeeperOptions } from '../../../packages/core/src/zookeeper/zookeeper-client.js';
import { reasonOf } from '../../../packages/core/src/zookeeper/zookeeper-error.js';
import { zookeeper } from '../src/cluster.js';
import { FaultProxy } from '../src/fault-proxy.js';

const timeout = 2_000;
const none = Buffer.alloc(0);

describe('the ZooKeeper client, through a proxy that fails', () => {
  let proxy: FaultProxy;
  let direct: ZooKeeperClient;
  let root: string;
  const clients: ZooKeeperClient[] = [];

  const client = (options: Partial<ZooKeeperOptions> = {}): ZooKeeperClient => {
    const made = new ZooKeeperClient({ connect: proxy.address, timeout, ...options });
    clients.push(made);
    return made;
  };

  beforeEach(async () => {
    proxy = await FaultProxy.to(zookeeper());
    direct = client({ connect: zookeeper() });
    root = `/client-test-${process.pid}-${Date.now()}`;
    await direct.ensure(root);
  });
  afterEach(async () => {
    proxy.fault = { kind: 'none' };
    await Promise.all(clients.splice(0).map((one) => one.close()));
    await proxy[Symbol.asyncDispose]();
  });

  const ephemeral = (from: ZooKeeperClient): Promise<string> => from.create(`${root}/e-`, none, 'ephemeralSequential');

  it('creates, reads, writes by version, lists and removes nodes', async () => {
    const one = client();
    expect(await one.create(`${root}/a`, Buffer.from('1'), 'persistent')).toBe(`${root}/a`);
    expect(await ephemeral(one)).toMatch(/\/e-\d{10}$/);
    const { data, stat } = (await one.getData(`${root}/a`)) ?? {};
    expect([data?.toString(), stat?.version, stat?.ephemeralOwner]).toEqual(['1', 0, 0n]);
    expect(await one.setData(`${root}/a`, Buffer.from('2'), 0)).toMatchObject({ version: 1 });
    const stale = one.setData(`${root}/a`, Buffer.from('3'), 0).catch(reasonOf);
    expect(await stale).toBe('BAD_VERSION');
    expect(await one.create(`${root}/a`, none, 'persistent').catch(reasonOf)).toBe('NODE_EXISTS');
    expect(await one.create(`${root}/x/y`, none, 'persistent').catch(reasonOf)).toBe('NO_NODE');
    await one.sync(root);
    expect((await one.getChildren(root))?.length).toBe(2);
    expect([await one.remove(`${root}/a`), await one.remove(`${root}/a`)]).toEqual([true, false]);
    expect(await one.getData(`${root}/a`)).toBeUndefined();
    expect(await one.getChildren(`${root}/a`)).toBeUndefined();
  });

  it('keeps to its chroot, in paths and in watches', async () => {
    const rooted = client({ connect: `${zookeeper()}${root}` });
    expect(await rooted.create('/n', none, 'persistent')).toBe('/n');
    const told = new Promise<void>((resolve) => void rooted.getChildren('/', { watch: resolve }));
    await rooted.sync('/');
    await direct.create(`${root}/m`, none, 'persistent');
    await told;
    expect((await rooted.getChildren('/'))?.sort()).toEqual(['m', 'n']);
  });

  it('notices a black hole before the server ends the session, and goes on with it when the hole is gone', async () => {
    const one = client();
    const { id, signal } = await one.session();
    const path = await ephemeral(one);
    proxy.fault = { kind: 'black-hole' };
    const started = performance.now();
    const connectionsBefore = proxy.connections;
    while (proxy.connections === connectionsBefore) await sleep(10);
    expect(performance.now() - started).toBeLessThan(timeout);
    expect(await direct.exists(path)).toBeDefined();
    expect(signal.aborted).toBe(false);
    proxy.fault = { kind: 'none' };
    expect((await one.session()).id).toBe(id);
    expect((await one.exists(path))?.ephemeralOwner).toBe(id);
  });

  it('tries the next server when one is a black hole', async () => {
    const one = client({ connect: `${proxy.address},${zookeeper()}` });
    const { id } = await one.session();
    proxy.fault = { kind: 'black-hole' };
    await sleep(timeout);
    expect((await one.session()).id).toBe(id);
  });

  it('gives up requests at their deadline', async () => {
    const one = client();
    await one.session();
    proxy.fault = { kind: 'delay', millis: 1_000 };
    const started = performance.now();
    const error = await one.getData(root, { timeout: 150 }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRQ_ZOOKEEPER_UNREACHABLE', retryable: true });
    expect((error as Error).message).toContain(`getData of ${root}: nothing within 150 ms`);
    expect(performance.now() - started).toBeLessThan(600);
    proxy.fault = { kind: 'none' };
    expect(await one.getData(root)).toBeDefined();
  });

  it('gives up requests that find no server, and says what was tried', async () => {
    proxy.fault = { kind: 'refuse' };
    const error = await client()
      .exists(root, { timeout: 400 })
      .catch((thrown: unknown) => thrown);
    expect((error as Error).message).toMatch(/nothing within 400 ms; 127\.0\.0\.1:\d+.*Check zookeeper\.connect/);
  });

  it.each([0, 1, 3, 4, 7, 19, 20, 21, 60, 500])(
    'recovers when the connection is cut after %i bytes of an answer',
    async (afterBytes) => {
      const one = client();
      const { id } = await one.session();
      const data = Buffer.alloc(1_000, 7);
      await one.create(`${root}/large`, data, 'persistent');
      proxy.fault = { kind: 'cut', afterBytes };
      expect((await one.getData(`${root}/large`))?.data.equals(data)).toBe(true);
      expect((await one.session()).id).toBe(id);
    },
  );

  it('says that it does not know whether a write was done when its answer was cut', async () => {
    const one = client();
    await one.session();
    proxy.fault = { kind: 'cut', afterBytes: 5 };
    const reason = await one.create(`${root}/unsure`, none, 'persistent').catch(reasonOf);
    expect(reason).toBe('CONNECTION_LOSS');
    expect(await one.exists(`${root}/unsure`)).toBeDefined();
  });

  it('keeps the session and its nodes through resets', async () => {
    const one = client();
    const { id, signal } = await one.session();
    const path = await ephemeral(one);
    for (let i = 0; i < 5; i++) {
      const answers = Promise.all(Array.from({ length: 20 }, () => one.getData(root)));
      proxy.reset();
      expect((await answers).every((answer) => answer !== undefined)).toBe(true);
    }
    expect((await one.session()).id).toBe(id);
    expect((await one.exists(path))?.ephemeralOwner).toBe(id);
    expect(signal.aborted).toBe(false);
  });

  it('tells of changes that came while it was not connected, and of those after', async () => {
    const one = client();
    let changes = 0;
    const looks: Promise<unknown>[] = [];
    const look = async (): Promise<void> => {
      const watch = (): void => {
        changes++;
        looks.push(look());
      };
      await Promise.all([one.getData(root, { watch }), one.getChildren(root, { watch })]);
    };
    await look();
    proxy.fault = { kind: 'refuse' };
    proxy.reset();
    await direct.setData(root, Buffer.from('while away'), 0);
    proxy.fault = { kind: 'none' };
    await expect.poll(() => changes).toBeGreaterThan(0);
    await sleep(200);
    const before = changes;
    await direct.setData(root, Buffer.from('later'), 1);
    await expect.poll(() => changes).toBeGreaterThan(before);
    const beforeChild = changes;
    await direct.create(`${root}/child`, none, 'persistent');
    await expect.poll(() => changes).toBeGreaterThan(beforeChild);
    await Promise.all(looks);
  });

  it('notices by itself that the session has expired, and goes on with a new one', async () => {
    const one = client();
    const { id, signal } = await one.session();
    const path = await ephemeral(one);
    let fired = 0;
    await one.getData(root, { watch: () => fired++ });
    const started = performance.now();
    proxy.fault = { kind: 'black-hole' };
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    expect(performance.now() - started).toBeLessThan(timeout + 100);
    expect(signal.reason).toMatchObject({ code: 'TRQ_ZOOKEEPER_SESSION_EXPIRED' });
    // The server still has it: we know first.
    expect(await direct.exists(path)).toBeDefined();
    const write = one.create(`${root}/w`, none, 'persistent', { signal }).catch((thrown: unknown) => thrown);
    expect(await write).toMatchObject({ code: 'TRQ_ZOOKEEPER_SESSION_EXPIRED' });
    await expect.poll(() => direct.exists(path), { timeout: 5_000 }).toBeUndefined();
    proxy.fault = { kind: 'none' };
    const next = await one.session();
    expect(next.id).not.toBe(id);
    expect(next.signal.aborted).toBe(false);
    await expect.poll(() => fired).toBe(1);
    expect(await one.getData(root)).toBeDefined();
  });

  it('removes the nodes of its session at once when it is closed, and refuses requests from then on', async () => {
    const one = client();
    const path = await ephemeral(one);
    await one.close();
    expect(await direct.exists(path)).toBeUndefined();
    expect(await one.getData(root).catch(reasonOf)).toBe('CLOSED');
  });

  it('closes in time when nobody answers', async () => {
    const one = client();
    await one.session();
    proxy.fault = { kind: 'black-hole' };
    const pending = one.getData(root).catch(reasonOf);
    const started = performance.now();
    await one.close();
    expect(performance.now() - started).toBeLessThan(2_500);
    expect(await pending).toBe('CLOSED');
  });

  it('knows whom an ACL is for', async () => {
    const wrong = client({ auth: { scheme: 'no-such-scheme', credentials: 'x:y' } });
    const error = await wrong.exists(root, { timeout: 5_000 }).catch((thrown: unknown) => thrown);
    expect((error as Error).message).toContain('does not know the credentials');
    const right = client({ auth: { scheme: 'digest', credentials: 'tranquility:secret' } });
    expect(await right.exists(root)).toBeDefined();
  });
});
