import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ZooKeeperLock } from '../../../packages/core/src/zookeeper/lock.js';
import { ZooKeeperClient } from '../../../packages/core/src/zookeeper/zookeeper-client.js';
import { startTlsZooKeeper, type TlsZooKeeper } from '../src/tls-zookeeper.js';

describe('the ZooKeeper client over TLS', () => {
  let server: TlsZooKeeper;

  beforeAll(async () => {
    server = await startTlsZooKeeper();
  });
  afterAll(() => {
    server.stop();
  });

  it('does all that it does without', async () => {
    const client = new ZooKeeperClient({ connect: server.connect, timeout: 4_000, tls: { ca: server.ca } });
    await client.session({ timeout: 30_000 });
    const held = await new ZooKeeperLock(client, '/a/mutex').acquire(5_000);
    await client.create('/a/data', Buffer.from('x'), 'persistent');
    expect((await client.getData('/a/data'))?.data.toString()).toBe('x');
    await held.release();
    await client.close();
  });

  it.each([
    ['a certificate that nobody vouches for', 'localhost', /self-signed certificate/],
    ['a certificate for another name', '127.0.0.1', /does not match certificate's altnames/],
  ])('refuses %s', async (_, host, problem) => {
    const connect = server.connect.replace('localhost', host);
    const tls = host === 'localhost' ? {} : { ca: server.ca };
    const client = new ZooKeeperClient({ connect, timeout: 4_000, tls });
    await expect(client.exists('/', { timeout: 1_500 })).rejects.toThrow(problem);
    await client.close();
  });

  it('says so when it is spoken to without', async () => {
    const client = new ZooKeeperClient({ connect: server.connect, timeout: 4_000 });
    await expect(client.exists('/', { timeout: 1_500 })).rejects.toMatchObject({ code: 'TRQ_ZOOKEEPER_UNREACHABLE' });
    await client.close();
  });
});
