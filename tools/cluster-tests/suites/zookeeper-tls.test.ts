import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseDataSource, readConfig } from '../../../packages/core/src/config/config.js';
import type { TlsClient } from '../../../packages/core/src/transport/tls-client.js';
import { readTls } from '../../../packages/core/src/transport/tls-files.js';
import { ZooKeeperLock } from '../../../packages/core/src/zookeeper/lock.js';
import { ZooKeeperClient } from '../../../packages/core/src/zookeeper/zookeeper-client.js';
import { configOf } from '../src/config.js';
import { TestAuthority, type Issued } from '../src/test-authority.js';
import { startTlsZooKeeper, type TlsZooKeeper } from '../src/tls-zookeeper.js';

describe('the ZooKeeper client over TLS', () => {
  let authority: TestAuthority;
  let client: Issued;
  let server: TlsZooKeeper;

  beforeAll(async () => {
    authority = await TestAuthority.create();
    client = await authority.issue('client', 'eku=clientAuth');
    server = await startTlsZooKeeper(authority);
  });
  afterAll(async () => {
    await server.stop();
    await authority[Symbol.asyncDispose]();
  });

  /** What a config with these properties, without their `zookeeper.tls.`, makes. */
  function tls(given: Record<string, string>): Promise<TlsClient> {
    const named = Object.fromEntries(Object.entries(given).map(([key, value]) => [`zookeeper.tls.${key}`, value]));
    const config = readConfig(
      configOf('any', {
        segmentGranularity: 'HOUR',
        windowPeriod: 'PT1H',
        properties: { 'zookeeper.tls.enable': 'true', ...named },
      }),
    );
    return readTls('zookeeper.tls', chooseDataSource(config).properties, Date.now());
  }

  const trusting = (): Record<string, string> => ({ caPath: authority.caPath });
  const presenting = (): Record<string, string> => ({ certPath: client.certPath, keyPath: client.keyPath });
  const both = (): Record<string, string> => ({ ...trusting(), ...presenting() });

  it.each<[string, () => Promise<Record<string, string>> | Record<string, string>]>([
    ['PEM', both],
    [
      'stores of Java',
      async () => ({
        trustStorePath: await authority.trustStore(),
        trustStorePassword: authority.password,
        keyStorePath: client.storePath,
        keyStorePassword: authority.password,
      }),
    ],
  ])('does all that it does without, with %s', async (_, properties) => {
    const zookeeper = new ZooKeeperClient({
      connect: server.connect,
      timeout: 4_000,
      tls: await tls(await properties()),
    });
    await zookeeper.session({ timeout: 30_000 });
    const held = await new ZooKeeperLock(zookeeper, '/a/mutex').acquire(5_000);
    await zookeeper.create('/a/data', Buffer.from('x'), 'persistent');
    expect((await zookeeper.getData('/a/data'))?.data.toString()).toBe('x');
    await zookeeper.remove('/a/data');
    await held.release();
    await zookeeper.close();
  });

  it.each<[string, string, () => Record<string, string>, RegExp]>([
    ['a certificate that nobody vouches for', 'localhost', presenting, /Nobody whom we trust.*zookeeper\.tls\.caPath/],
    [
      'a certificate for another name',
      '127.0.0.1',
      both,
      /does not match certificate's altnames.*zookeeper\.tls\.serverName/,
    ],
    ['to be refused silently', 'localhost', trusting, /wants to know who we are.*zookeeper\.tls\.certPath/],
  ])('refuses %s', async (_, host, properties, problem) => {
    const connect = server.connect.replace('localhost', host);
    const zookeeper = new ZooKeeperClient({ connect, timeout: 4_000, tls: await tls(properties()) });
    await expect(zookeeper.exists('/', { timeout: 1_500 })).rejects.toThrow(problem);
    await zookeeper.close();
  });

  it('takes the name that is given where the address is an IP', async () => {
    const connect = server.connect.replace('localhost', '127.0.0.1');
    const named = await tls({ ...both(), serverName: 'localhost' });
    const zookeeper = new ZooKeeperClient({ connect, timeout: 4_000, tls: named });
    expect(await zookeeper.exists('/', { timeout: 5_000 })).toBeDefined();
    await zookeeper.close();
  });

  it('says so when it is spoken to without', async () => {
    const zookeeper = new ZooKeeperClient({ connect: server.connect, timeout: 4_000 });
    await expect(zookeeper.exists('/', { timeout: 1_500 })).rejects.toMatchObject({
      code: 'TRQ_ZOOKEEPER_UNREACHABLE',
    });
    await zookeeper.close();
  });
});
