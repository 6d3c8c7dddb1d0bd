import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConnectString, serverText } from '../../src/config/connect-string.js';
import { FrameSplitter } from '../../src/zookeeper/frames.js';
import { ZooKeeperClient } from '../../src/zookeeper/zookeeper-client.js';
import { reasonOf } from '../../src/zookeeper/zookeeper-error.js';
import { ScriptedZooKeeper } from '../support/scripted-zookeeper.js';

describe('a connect string', () => {
  it.each([
    ['zk', [{ host: 'zk', port: 2181 }], ''],
    [
      'a:1, b:2/x/y/',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      '/x/y',
    ],
    ['[::1]:2182', [{ host: '::1', port: 2182 }], ''],
    ['a:1/', [{ host: 'a', port: 1 }], ''],
  ])('%s', (text, servers, chroot) => {
    expect(readConnectString(text)).toEqual({ servers, chroot });
  });

  it.each(['', 'a:0', 'a:70000', 'a b', 'a:1,,b', '/x', 'a:1//x', 'http://a:1', 'a:x'])('not %j', (text) => {
    expect(readConnectString(text)).toBeUndefined();
  });

  it('is written with brackets around IPv6', () => {
    expect(serverText({ host: '::1', port: 1 })).toBe('[::1]:1');
  });
});

describe('frames', () => {
  it('are the same however the bytes are cut', () => {
    const bytes = Buffer.concat([frame('one'), frame(''), frame('three')]);
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = new FrameSplitter();
      const found: string[] = [];
      for (let at = 0; at < bytes.length; at += size) {
        for (const one of splitter.push(bytes.subarray(at, at + size))) found.push(one.toString());
      }
      expect(found).toEqual(['one', '', 'three']);
    }
  });

  function frame(text: string): Buffer {
    const length = Buffer.alloc(4);
    length.writeInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  }
});

describe('the ZooKeeper client', () => {
  let zookeeper: ScriptedZooKeeper;
  let client: ZooKeeperClient;

  beforeEach(async () => {
    zookeeper = await ScriptedZooKeeper.start();
    client = new ZooKeeperClient({ connect: zookeeper.address, timeout: 2_000 });
  });
  afterEach(async () => {
    await client.close();
    await zookeeper[Symbol.asyncDispose]();
  });

  it('takes a timeout that is longer than the protocol can say', async () => {
    client = new ZooKeeperClient({ connect: zookeeper.address, timeout: 2 ** 32 });
    expect((await client.session()).signal.aborted).toBe(false);
  });

  it('makes a new session when the server no longer knows the old one', async () => {
    const { id, signal } = await client.session();
    let fired = 0;
    await client.getData('/', { watch: () => fired++ });
    zookeeper.expireSessions();
    const next = await client.session();
    expect(next.id).not.toBe(id);
    expect(signal.reason).toMatchObject({ code: 'TRQ_ZOOKEEPER_SESSION_EXPIRED' });
    await expect.poll(() => fired).toBe(1);
  });

  it('asks again what a broken connection left unanswered, but never writes again', async () => {
    zookeeper.put('/a', 'x');
    let drops = 2;
    zookeeper.script = () => (drops-- > 0 ? 'drop after' : undefined);
    expect((await client.getData('/a'))?.data.toString()).toBe('x');
    drops = 1;
    expect(await client.setData('/a', Buffer.from('y'), 0).catch(reasonOf)).toBe('CONNECTION_LOSS');
    expect(zookeeper.text('/a')).toBe('y');
    expect(zookeeper.requests.filter((request) => request === 'setData /a')).toHaveLength(1);
  });

  it('removes a node of one version only, and never again by itself', async () => {
    zookeeper.put('/a', 'x');
    await client.setData('/a', Buffer.from('y'), 0);
    expect(await client.remove('/a', { version: 0 }).catch(reasonOf)).toBe('BAD_VERSION');
    let drops = 1;
    zookeeper.script = (request) => (request === 'delete /a' && drops-- > 0 ? 'drop after' : undefined);
    expect(await client.remove('/a', { version: 1 }).catch(reasonOf)).toBe('CONNECTION_LOSS');
    expect(await client.exists('/a')).toBeUndefined();
    expect(zookeeper.requests.filter((request) => request === 'delete /a')).toHaveLength(2);
  });

  it('makes the parents that are missing, whoever else does', async () => {
    let drops = 1;
    zookeeper.script = (request) => (request.startsWith('create /a/b') && drops-- > 0 ? 'drop after' : undefined);
    await Promise.all([client.ensure('/a/b/c'), client.ensure('/a/b/d')]);
    expect([zookeeper.text('/a/b/c'), zookeeper.text('/a/b/d')]).toEqual(['', '']);
  });

  it('says so when its chroot does not exist', async () => {
    const rooted = new ZooKeeperClient({ connect: `${zookeeper.address}/nowhere`, timeout: 2_000 });
    await expect(rooted.ensure('/a/b')).rejects.toThrow(/The path at the end of zookeeper\.connect does not exist/);
    await rooted.close();
  });

  it('sends nothing that ZooKeeper would end the connection for', async () => {
    const error = await client.create('/a', Buffer.alloc(2_000_000), 'persistent').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRQ_ZOOKEEPER_REFUSED', details: { zookeeper: 'TOO_LARGE' } });
    await expect(client.setData('/', Buffer.alloc(2_000_000), 0)).rejects.toMatchObject({
      code: 'TRQ_ZOOKEEPER_REFUSED',
    });
  });

  it('ends a request when its signal does', async () => {
    zookeeper.script = () => 'drop';
    const ending = new AbortController();
    const pending = client.getData('/', { signal: ending.signal });
    ending.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
    await expect(client.getData('/', { signal: ending.signal })).rejects.toThrow('enough');
  });

  it('says so when the other side does not speak its protocol', async () => {
    const sockets = new Set<Socket>();
    const web = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    const wrong = new ZooKeeperClient({ connect: `127.0.0.1:${port}`, timeout: 2_000 });
    await expect(wrong.exists('/', { timeout: 300 })).rejects.toThrow(
      /does not speak ZooKeeper’s protocol: it announced/,
    );
    await wrong.close();
    web.close();
  });

  it('refuses a connect string that is none', () => {
    expect(() => new ZooKeeperClient({ connect: 'a b', timeout: 1 })).toThrow(/No servers can be read from "a b"/);
  });
});
