import { readFile, writeFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSender, type Outcome } from '../../../packages/core/src/index.js';
import { CheckingProxy } from '../src/checking-proxy.js';
import { endpoints, zookeeper } from '../src/cluster.js';
import { countUntil, endTasks, taskAddresses } from '../src/druid.js';
import { flights } from '../src/flights.js';
import { configFile, configOf } from '../src/config.js';
import { Push } from '../src/push.js';
import { TestAuthority, type Issued } from '../src/test-authority.js';

const events = 5_000;
const basic = { 'druidBeam.basicAuthUser': 'writer', 'druidBeam.basicAuthPass': 'hidden:word' };
const parts = { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' };

/** How a Druid with TLS is reached through a proxy that stands for all of its servers. */
interface Door {
  readonly proxy: CheckingProxy;
  readonly overlord: string;
  /** Where the overlord and the tasks are said to be, and where they are. */
  readonly addresses: string;
}

describe('a Druid behind TLS', () => {
  let authority: TestAuthority;
  let stranger: TestAuthority;
  let server: Issued;
  let client: Issued;
  let tls: ServerOptions;
  let token: string;
  let withBasic: Door;
  let withBearer: Door;
  let bearer = 'Bearer hidden-token-1';

  beforeAll(async () => {
    authority = await TestAuthority.create();
    stranger = await TestAuthority.create();
    server = await authority.issue('server', 'san=dns:localhost');
    client = await authority.issue('client', 'eku=clientAuth');
    token = join(authority.directory, 'token');
    await writeFile(token, 'hidden-token-1');
    tls = {
      pfx: await readFile(server.storePath),
      passphrase: authority.password,
      ca: await readFile(authority.caPath),
      requestCert: true,
    };
    withBasic = await open(() => `Basic ${Buffer.from('writer:hidden:word').toString('base64')}`);
    withBearer = await open(() => bearer);
  });
  afterAll(async () => {
    await endTasks('tls_refused');
    for (const { proxy } of [withBasic, withBearer]) await proxy[Symbol.asyncDispose]();
    for (const each of [authority, stranger]) await each[Symbol.asyncDispose]();
  });

  async function open(authorization: () => string): Promise<Door> {
    const proxy = new CheckingProxy({ tls, authorization });
    const { host } = new URL(endpoints().overlord);
    const overlord = await proxy.to(host);
    const rules = [`${host}=https://${overlord}`];
    for (const address of await taskAddresses()) rules.push(`${address}=https://${await proxy.to(address)}`);
    return { proxy, overlord: `https://${overlord}`, addresses: rules.join(',') };
  }

  async function push(dataSource: string, properties: Record<string, string | null>): Promise<void> {
    const now = Date.now();
    const sent = await flights(events, now - 8 * 60_000, now);
    const config = await configFile(dataSource, { ...parts, properties });
    const lines = sent.map((flight) => `${JSON.stringify(flight)}\n`);
    const result = await new Push(['-configFile', config], lines).result();
    expect(result).toMatchObject({ code: 0, summary: { sent: events, dropped: {}, failed: 0 } });
    expect(await countUntil(dataSource, events)).toBe(events);
    expect(result.stderr).not.toContain('hidden');
    await endTasks(dataSource);
  }

  it('takes events with a CA file, a certificate of ours, and Basic', async () => {
    const { proxy, overlord, addresses } = withBasic;
    await push('tls_basic', {
      'druid.overlord.urls': overlord,
      'druid.addresses': addresses,
      'druid.tls.caPath': authority.caPath,
      'druid.tls.certPath': client.certPath,
      'druid.tls.keyPath': client.keyPath,
      ...basic,
    });
    expect(proxy.served.get('POST /druid/indexer/v1/task')).toBe(1);
    expect(proxy.served.get('POST /druid/worker/v1/chat')).toBeGreaterThan(1);
  });

  it('is found through ZooKeeper, and takes events with stores of Java and a token of a file', async () => {
    const { proxy, addresses } = withBearer;
    await push('tls_bearer', {
      'druid.overlord.urls': null,
      'zookeeper.connect': zookeeper(),
      'druidBeam.taskLocator': 'curator',
      'druid.tls.enable': 'true',
      'druid.addresses': addresses,
      'druid.tls.trustStorePath': await authority.trustStore(),
      'druid.tls.trustStorePassword': authority.password,
      'druid.tls.keyStorePath': client.storePath,
      'druid.tls.keyStorePassword': authority.password,
      'druidBeam.bearerTokenPath': token,
    });
    expect(proxy.served.get('POST /druid/worker/v1/chat')).toBeGreaterThan(1);
  });

  it('goes on with a new token once the old one is over', async () => {
    const { overlord, addresses } = withBearer;
    await using sender = await createSender({
      config: configOf('tls_rotation', {
        ...parts,
        properties: {
          'druid.overlord.urls': overlord,
          'druid.addresses': addresses,
          ...right(),
          'druidBeam.bearerTokenPath': token,
        },
      }),
    });
    const event = (): object => ({ time: new Date().toISOString(), origin: 'SFO', destination: 'JFK' });
    expect(await sender.send(event())).toEqual({ status: 'sent' });
    bearer = 'Bearer hidden-token-2';
    expect(await sender.send(event())).toMatchObject({ status: 'failed', error: { code: 'TRQ_PUSH_REFUSED' } });
    await writeFile(token, 'hidden-token-2');
    expect(await sender.send(event())).toEqual({ status: 'sent' });
    expect(await countUntil('tls_rotation', 2)).toBe(2);
    await endTasks('tls_rotation');
  });

  const right = (): Record<string, string> => ({
    'druid.tls.caPath': authority.caPath,
    'druid.tls.certPath': client.certPath,
    'druid.tls.keyPath': client.keyPath,
  });

  async function refusal(properties: Record<string, string>): Promise<string> {
    const { overlord, addresses } = withBasic;
    const common = { 'druid.overlord.urls': overlord, 'druid.addresses': addresses, ...basic };
    const config = configOf('tls_refused', { ...parts, properties: { ...common, ...properties } });
    await using sender = await createSender({ config });
    const outcome: Outcome = await sender.send({ time: new Date().toISOString(), origin: 'SFO' });
    if (outcome.status !== 'failed') return outcome.status;
    expect(outcome.error.message).not.toContain('hidden');
    return `${outcome.error.code} ${outcome.error.message}`;
  }

  it.each<[string, () => Record<string, string>, RegExp]>([
    [
      'an authority that does not vouch for it',
      () => ({ ...right(), 'druid.tls.caPath': stranger.caPath }),
      /^TRQ_TLS_FAILED No safe connection to https:\/\/localhost:\d+: .*Nobody whom we trust vouches.*druid\.tls\.caPath/,
    ],
    [
      'another host name',
      () => ({
        ...right(),
        'druid.overlord.urls': withBasic.overlord.replace('localhost', '127.0.0.1'),
        'druid.addresses': 'none=none',
      }),
      /^TRQ_TLS_FAILED .*127\.0\.0\.1.*for another name.*druid\.tls\.serverName/,
    ],
    [
      'no certificate of ours',
      () => ({ 'druid.tls.caPath': authority.caPath }),
      /^TRQ_TLS_FAILED .*wants to know who we are.*druid\.tls\.certPath/,
    ],
    [
      'another password',
      () => ({ ...right(), 'druidBeam.basicAuthPass': 'hidden' }),
      /^TRQ_OVERLORD_REFUSED The overlord at https:\/\/localhost:\d+ refused us: 401 .*We sent the user "writer" with a password \(Basic\)\. Check druidBeam\.basicAuthUser/,
    ],
    [
      'a task that is reached without TLS',
      () => ({ ...right(), 'druid.addresses': 'none=none' }),
      /^TRQ_TLS_FAILED Druid told us to go to http:\/\/127\.0\.0\.1:\d+, which is without TLS\. Nothing was sent there/,
    ],
  ])('cannot be reached with %s, and the error says so at once', async (_, properties, message) => {
    expect(await refusal(properties())).toMatch(message);
  });
});
