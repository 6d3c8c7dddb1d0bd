import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSender, readConfig, type Outcome, type Sender, type SenderTarget } from '../../src/index.js';
import { password, pathOf, read, server } from '../support/certificates.js';
import { flights } from '../support/configs.js';
import { ManualClock } from '../support/manual-clock.js';

const event = { time: '2026-03-05T10:05:00Z', origin: 'SFO' };
const trusting = { 'druid.tls.caPath': pathOf('authority.pem') };
const presenting = { 'druid.tls.certPath': pathOf('client.pem'), 'druid.tls.keyPath': pathOf('client.key') };
const demanding: ServerOptions = { ...server('server'), ca: read('authority.pem'), requestCert: true };

const open: { [Symbol.asyncDispose](): PromiseLike<void> }[] = [];
const logs: string[] = [];

beforeEach(() => logs.splice(0));
afterEach(async () => {
  for (const resource of open.splice(0).reverse()) await resource[Symbol.asyncDispose]();
});

async function startDruid(tls?: ServerOptions): Promise<ScriptedDruid> {
  const druid = await ScriptedDruid.start(tls);
  open.push(druid);
  return druid;
}

async function sender(properties: Record<string, unknown>, target: Partial<SenderTarget> = {}): Promise<Sender> {
  const log = (message: string, fields: unknown): number => logs.push(message, inspect(fields, { depth: null }));
  const made = await createSender({
    config: flights(properties),
    clock: new ManualClock('2026-03-05T10:20:00Z'),
    logger: { trace: log, debug: log, info: log, warn: log, error: log },
    ...target,
  });
  open.push({ [Symbol.asyncDispose]: () => made.close({ timeout: 0 }).then(() => undefined) });
  return made;
}

const send = async (properties: Record<string, unknown>, target?: Partial<SenderTarget>): Promise<Outcome> =>
  (await sender(properties, target)).send(event);

const errorOf = (outcome: Outcome): string =>
  outcome.status === 'failed' ? `${outcome.error.code} ${outcome.error.message}` : outcome.status;

describe('TLS to Druid', () => {
  it.each<[string, Record<string, string>]>([
    ['a CA file', trusting],
    ['a trust store', { 'druid.tls.trustStorePath': pathOf('trust.p12'), 'druid.tls.trustStorePassword': password }],
  ])('trusts those whom it is told to trust, with %s', async (_, properties) => {
    const druid = await startDruid(server('server'));
    expect(await send({ 'druid.overlord.urls': druid.url, ...properties })).toEqual({ status: 'sent' });
    expect(druid.rows).toEqual([event]);
  });

  it.each<[string, string, Record<string, string>, RegExp]>([
    [
      'one that nobody vouches for',
      'server',
      {},
      /Nobody whom we trust vouches for its certificate.*druid\.tls\.caPath/,
    ],
    [
      'one that somebody else vouches for',
      'server',
      { 'druid.tls.caPath': pathOf('stranger.pem') },
      /Nobody whom we trust/,
    ],
    ['one for another name', 'elsewhere', trusting, /for another name.*druid\.tls\.serverName/],
    ['one that is over', 'over', trusting, /certificate has expired.*has to be renewed/],
    [
      'one for another name than is asked for',
      'server',
      { ...trusting, 'druid.tls.serverName': 'tasks.example' },
      /for another name/,
    ],
  ])('refuses a certificate at once, and sends nothing: %s', async (_, name, properties, message) => {
    const druid = await startDruid(server(name));
    const clock = new ManualClock();
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url, ...properties }, { clock }));
    expect(error).toMatch(/^TRQ_TLS_FAILED No safe connection to https:\/\/127\.0\.0\.1:\d+: /);
    expect(error).toMatch(message);
    expect(druid.requests).toEqual([]);
    expect(clock.slept).toEqual([]);
  });

  it('is not talked out of it by the environment', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const druid = await startDruid(server('server'));
      expect(errorOf(await send({ 'druid.overlord.urls': druid.url }))).toMatch(/^TRQ_TLS_FAILED/);
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('takes the name that is given where the address is an IP', async () => {
    const druid = await startDruid(server('elsewhere'));
    const properties = { ...trusting, 'druid.tls.serverName': 'tasks.example' };
    expect(await send({ 'druid.overlord.urls': druid.url, ...properties })).toEqual({ status: 'sent' });
  });

  it.each<[string, Record<string, string>]>([
    ['PEM', presenting],
    ['a key store', { 'druid.tls.keyStorePath': pathOf('client-java.p12'), 'druid.tls.keyStorePassword': password }],
    [
      'a chain in a key store',
      { 'druid.tls.keyStorePath': pathOf('below.p12'), 'druid.tls.keyStorePassword': password },
    ],
  ])('says who we are, with %s', async (_, identity) => {
    const druid = await startDruid(demanding);
    expect(await send({ 'druid.overlord.urls': druid.url, ...trusting, ...identity })).toEqual({ status: 'sent' });
  });

  it.each<[string, Record<string, string>, ServerOptions]>([
    ['no certificate of ours', {}, demanding],
    ['no certificate of ours, by TLS 1.2', {}, { ...demanding, maxVersion: 'TLSv1.2' }],
  ])('says so when Druid wants to know who we are: %s', async (_, identity, tls) => {
    const druid = await startDruid(tls);
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url, ...trusting, ...identity }));
    expect(error).toMatch(/^TRQ_TLS_FAILED .*wants to know who we are.*druid\.tls\.certPath/);
    expect(druid.requests).toEqual([]);
  });

  it('does not take from a key store whom to trust', async () => {
    const druid = await startDruid(server('server'));
    const identity = { 'druid.tls.keyStorePath': pathOf('below.p12'), 'druid.tls.keyStorePassword': password };
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url, ...identity }));
    expect(error).toMatch(/Nobody whom we trust/);
  });

  it('speaks no version that is too old', async () => {
    const druid = await startDruid({ ...server('server'), maxVersion: 'TLSv1.2' });
    const properties = { ...trusting, 'druid.overlord.urls': druid.url };
    expect(await send(properties)).toEqual({ status: 'sent' });
    expect(errorOf(await send({ ...properties, 'druid.tls.protocol': 'TLSv1.3' }))).toMatch(
      /^TRQ_TLS_FAILED .*no version of TLS that we do/,
    );
  });

  it('says so when the other side does not speak it', async () => {
    const druid = await startDruid();
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url.replace('http:', 'https:'), ...trusting }));
    expect(error).toMatch(/^TRQ_TLS_FAILED .*does not speak TLS/);
  });

  it.each([
    [{ port: 'plain', tlsPort: 'tls' }, { 'druid.tls.enable': true }, 'tls'],
    [{ port: 'plain', tlsPort: 'tls' }, {}, 'plain'],
    [{ port: -1, tlsPort: 'tls' }, {}, 'tls'],
    [{ port: 'plain', tlsPort: -1 }, {}, 'plain'],
  ])('goes to the port of a task that is meant: %j with %j', async (ports, properties, expected) => {
    const tls = 'druid.tls.enable' in properties;
    const druids = { plain: await startDruid(), tls: await startDruid(server('server')) };
    const overlord = tls ? druids.tls : druids.plain;
    const portOf = (port: string | number): number => (typeof port === 'number' ? port : druids[port as 'tls'].port);
    overlord.location = { host: '127.0.0.1', port: portOf(ports.port), tlsPort: portOf(ports.tlsPort) };
    const pushes: string[] = [];
    for (const [name, druid] of Object.entries(druids)) {
      druid.script = ({ path, headers }) => {
        if (!path.endsWith('/push-events')) return undefined;
        pushes.push(name);
        return { status: 200, headers: { 'x-druid-task-id': String(headers['x-druid-task-id']) } };
      };
    }
    expect(await send({ 'druid.overlord.urls': overlord.url, ...trusting, ...properties })).toEqual({ status: 'sent' });
    expect(new Set(pushes)).toEqual(new Set([expected]));
  });
});

describe('credentials', () => {
  const secret = 'hidden-enough';

  async function headersSeen(
    properties: Record<string, unknown>,
    target?: Partial<SenderTarget>,
  ): Promise<Set<string>> {
    const druid = await startDruid();
    const seen = new Set<string>();
    druid.script = ({ headers: { authorization, 'x-key': key, 'x-path': path } }) => {
      seen.add([authorization, key, path].filter((value) => value !== undefined).join(' | '));
      return undefined;
    };
    expect(await send({ 'druid.overlord.urls': druid.url, ...properties }, target)).toEqual({ status: 'sent' });
    return seen;
  }

  it.each<[string, Record<string, unknown>, string]>([
    ['nothing', {}, ''],
    [
      'nothing, where Tranquility sends an empty Basic',
      { 'druidBeam.basicAuthUser': '', 'druidBeam.basicAuthPass': '' },
      '',
    ],
    [
      'Basic',
      { 'druidBeam.basicAuthUser': 'u', 'druidBeam.basicAuthPass': 'p:w' },
      `Basic ${Buffer.from('u:p:w').toString('base64')}`,
    ],
    ['a bearer token', { 'druidBeam.bearerToken': secret }, `Bearer ${secret}`],
    ['headers', { 'druidBeam.headers': { 'X-Key': secret } }, secret],
    ['headers as a text', { 'druidBeam.headers': `{"x-key": "${secret}"}` }, secret],
    ['Basic and headers', { 'druidBeam.bearerToken': 't', 'druidBeam.headers': { 'x-key': 'k' } }, 'Bearer t | k'],
    [
      'one of Druid’s password providers',
      { 'druidBeam.bearerToken': { type: 'default', password: secret } },
      `Bearer ${secret}`,
    ],
  ])('are sent with every request: %s', async (_, properties, expected) => {
    expect([...(await headersSeen(properties))]).toEqual([expected]);
  });

  it('are read from the environment as Druid does', async () => {
    process.env['TRANQUILITY_TEST_TOKEN'] = secret;
    try {
      const token = { type: 'environment', variable: 'TRANQUILITY_TEST_TOKEN' };
      expect([...(await headersSeen({ 'druidBeam.bearerToken': token }))]).toEqual([`Bearer ${secret}`]);
    } finally {
      delete process.env['TRANQUILITY_TEST_TOKEN'];
    }
    const token = { type: 'environment', variable: 'TRANQUILITY_TEST_NOBODY' };
    expect(() => readConfig(flights({ 'druid.overlord.urls': 'http://a', 'druidBeam.bearerToken': token }))).toThrow(
      /bearerToken"\] is a secret, not a text, or .* an environment variable that is set/,
    );
  });

  it('are what a function gives for each request, before those of the config', async () => {
    const asked: string[] = [];
    const seen = await headersSeen(
      { 'druidBeam.bearerToken': 'other', 'druidBeam.headers': { 'x-key': 'k' } },
      {
        authorize: async ({ method, origin, path }) => {
          await Promise.resolve();
          asked.push(`${method} ${new URL(origin).protocol}`);
          return { Authorization: 'Signed', 'x-path': path.replace(/.*\//, '') };
        },
      },
    );
    expect(seen).toContain('Signed | k | isLeader');
    expect(seen).toContain('Signed | k | push-events');
    expect(new Set(asked)).toEqual(new Set(['GET http:', 'POST http:']));
  });

  it('of a function that fails are asked for again', async () => {
    let calls = 0;
    const authorize = (): Record<string, string> => {
      if (calls++ < 2) throw new Error('no token yet');
      return { authorization: 'Signed' };
    };
    const druid = await startDruid();
    expect(await send({ 'druid.overlord.urls': druid.url }, { authorize })).toEqual({ status: 'sent' });
    const never = { 'druid.overlord.urls': druid.url, 'druidBeam.indexRetryPeriod': 'PT1S' };
    const error = errorOf(await send(never, { authorize: () => Promise.reject(new Error('no token at all')) }));
    expect(error).toMatch(/^TRQ_OVERLORD_UNREACHABLE .*the function "authorize" failed: no token at all/);
  });

  it('of a function that hangs do not keep a sender from closing', async () => {
    const druid = await startDruid();
    let wasCalled: () => void = () => undefined;
    const called = new Promise<void>((resolve) => (wasCalled = resolve));
    const authorize = (): Promise<never> => {
      wasCalled();
      return new Promise(() => undefined);
    };
    const flow = await sender({ 'druid.overlord.urls': druid.url }, { authorize });
    const outcome = flow.send(event);
    await called;
    await flow.close({ timeout: 0 });
    expect(await outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_ABORTED' } });
  });

  it.each([
    ['content-length', '0'],
    ['Host', 'elsewhere'],
    ['x-a', 'a\r\nx-b: b'],
    ['x a', ''],
  ])('of a function may not be our own headers or break the request: %s', async (name, value) => {
    const druid = await startDruid();
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url }, { authorize: () => ({ [name]: value }) }));
    expect(error).toMatch(/^TRQ_CONFIG_INVALID The function "authorize" gave the header /);
    expect(druid.requests).toEqual([]);
  });

  it('of a file are read again when it has changed, and kept while it is away', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'tranquility-token-'));
    try {
      const file = join(directory, 'token');
      const write = async (text: string): Promise<void> => {
        await writeFile(`${file}.new`, text);
        await rename(`${file}.new`, file);
      };
      await write('first\n');
      const druid = await startDruid();
      const seen: (string | undefined)[] = [];
      druid.script = ({ path, headers }) => {
        if (path.endsWith('/push-events')) seen.push(headers.authorization);
        return undefined;
      };
      const flow = await sender({ 'druid.overlord.urls': druid.url, 'druidBeam.bearerTokenPath': file });
      await flow.send(event);
      await write('second\n');
      await flow.send(event);
      await rm(file);
      await flow.send(event);
      await write('');
      await flow.send(event);
      await write('third');
      await flow.send(event);
      expect(seen.slice(-5)).toEqual(
        ['first', 'second', 'second', 'second', 'third'].map((token) => `Bearer ${token}`),
      );
      const gone = { 'druid.overlord.urls': druid.url, 'druidBeam.bearerTokenPath': join(directory, 'none') };
      await expect(sender(gone)).rejects.toThrow(/bearerTokenPath: the file .*none cannot be read: ENOENT/);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['nothing', {}, /We sent no credentials\. Set druidBeam\.basicAuthUser/],
    [
      'Basic',
      { 'druidBeam.basicAuthUser': 'bob', 'druidBeam.basicAuthPass': secret },
      /We sent the user "bob" with a password \(Basic\)\. Check/,
    ],
    ['a bearer token', { 'druidBeam.bearerToken': secret }, /We sent a bearer token\. Check druidBeam\.bearerToken\./],
    ['headers', { 'druidBeam.headers': { 'x-key': secret } }, /We sent the headers of druidBeam\.headers\./],
  ])('that are refused are named, but not shown, even if Druid repeats them: %s', async (_, properties, expected) => {
    for (const place of ['/isLeader', '/druid/indexer/v1/task', '/status', '/push-events']) {
      const druid = await startDruid();
      druid.script = ({ path, headers }) =>
        path.endsWith(place) || (place === '/isLeader' && path.endsWith('/leader'))
          ? { status: 401, body: `We were sent ${JSON.stringify(headers)}` }
          : undefined;
      const outcome = await send({ 'druid.overlord.urls': druid.url, ...properties });
      const error = errorOf(outcome);
      if (place !== '/status') expect(error).toMatch(/^TRQ_(OVERLORD|PUSH)_REFUSED .* refused us: 401/);
      expect(error).toMatch(expected);
      expect(inspect(outcome, { depth: null, showHidden: true })).not.toContain(secret);
      expect(inspect(outcome, { depth: null })).not.toContain(Buffer.from(`bob:${secret}`).toString('base64'));
    }
  });
});

describe('what leads away', () => {
  /** A port that takes connections, and counts the bytes that come. */
  async function listener(): Promise<{ url: string; bytes: () => number }> {
    let bytes = 0;
    const tcp: Server = createServer((socket) => {
      socket.on('data', (chunk) => (bytes += chunk.length));
      socket.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    open.push({ [Symbol.asyncDispose]: () => new Promise<void>((resolve) => tcp.close(() => resolve())) });
    return { url: `127.0.0.1:${(tcp.address() as AddressInfo).port}`, bytes: () => bytes };
  }

  const credentials = { ...trusting, 'druidBeam.bearerToken': 'hidden-enough' };

  it('gets nothing: a leader without TLS', async () => {
    const druid = await startDruid(server('server'));
    const other = await listener();
    druid.leads = false;
    druid.script = ({ path }) => (path.endsWith('/leader') ? { status: 200, body: `http://${other.url}` } : undefined);
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url, ...credentials }));
    expect(error).toMatch(/^TRQ_TLS_FAILED Druid told us to go to http:.* without TLS\. Nothing was sent there/);
    expect(other.bytes()).toBe(0);
  });

  it('gets nothing: a task without TLS', async () => {
    const druid = await startDruid(server('server'));
    const other = await listener();
    druid.location = { host: '127.0.0.1', port: Number(other.url.split(':')[1]), tlsPort: -1 };
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url, ...credentials }));
    expect(error).toMatch(/^TRQ_TLS_FAILED Druid told us to go to http:/);
    expect(other.bytes()).toBe(0);
  });

  it.each([301, 307, 308])('gets nothing: a redirect (%s) to another server, with TLS or without', async (status) => {
    const other = await listener();
    for (const scheme of ['http', 'https']) {
      const druid = await startDruid(server('server'));
      const location = `${scheme}://${other.url}/druid/indexer/v1/task`;
      druid.script = ({ path }) => (path === '/druid/indexer/v1/task' ? { status, headers: { location } } : undefined);
      const properties = { ...credentials, 'druidBeam.indexRetryPeriod': 'PT1S' };
      const error = errorOf(await send({ 'druid.overlord.urls': druid.url, ...properties }));
      expect(error).toMatch(/^TRQ_OVERLORD_UNREACHABLE/);
      expect(other.bytes()).toBe(0);
    }
  });
});

describe('secrets', () => {
  const secrets = {
    'druidBeam.basicAuthPass': 'hidden-basic',
    'druidBeam.bearerToken': 'hidden-bearer',
    'druidBeam.headers': { 'x-key': 'hidden-header' },
    'zookeeper.digest': 'user:hidden-digest',
    'druid.tls.keyPassword': 'hidden-key-password',
    'druid.tls.keyStorePassword': 'hidden-key-store',
    'druid.tls.trustStorePassword': 'hidden-trust-store',
    'zookeeper.tls.keyPassword': 'hidden-key-password',
    'zookeeper.tls.keyStorePassword': 'hidden-key-store',
    'zookeeper.tls.trustStorePassword': 'hidden-trust-store',
  };
  const files = {
    'druid.tls.keyPassword': { 'druid.tls.certPath': 'client.pem', 'druid.tls.keyPath': 'client-encrypted.key' },
    'druid.tls.keyStorePassword': { 'druid.tls.keyStorePath': 'client.p12' },
    'druid.tls.trustStorePassword': { 'druid.tls.trustStorePath': 'trust.p12' },
  };

  const dumps = (value: unknown): string =>
    [inspect(value, { depth: null, showHidden: true }), JSON.stringify(value), String(value)].join('\n');

  it.each(Object.entries(secrets))('are in no dump of the config: %s', (name, value) => {
    const config = readConfig(flights({ 'zookeeper.connect': 'zk', [name]: value }));
    const all = [config, ...config.dataSources.values()].map(dumps).join('\n');
    expect(all).toContain('[secret]');
    expect(all).not.toContain('hidden');
  });

  it.each(Object.entries(secrets))('are in no error of the config: %s', (name, value) => {
    const wrong = [value, [value], { type: 'environment', variable: 'hidden' }, { Host: 'hidden' }, '{"x": "hidden'];
    for (const given of wrong) {
      try {
        readConfig(flights({ [name]: given, 'druid.addresses': 'wrong' }));
        expect.unreachable();
      } catch (error) {
        expect(dumps(error)).not.toContain('hidden');
      }
    }
  });

  it.each(Object.entries(files))('are in no error of a file: %s', async (name, paths) => {
    const properties = Object.fromEntries(Object.entries(paths).map(([key, file]) => [key, pathOf(file)]));
    const made = sender({ 'druid.overlord.urls': 'https://127.0.0.1:1', ...properties, [name]: 'hidden' });
    const error: unknown = await made.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'TRQ_CONFIG_INVALID' });
    expect(dumps(error)).not.toContain('hidden');
  });

  it.each([
    ['nobody listens', () => 'reset' as const],
    [
      'a proxy repeats what it got',
      ({ headers }: { headers: unknown }) => ({ status: 502, body: JSON.stringify(headers) }),
    ],
    ['it is forbidden', ({ headers }: { headers: unknown }) => ({ status: 403, body: JSON.stringify(headers) })],
    ['it is not JSON', () => ({ status: 200, body: 'no' })],
  ])('are in no error, log, or dump of a sender when %s', async (_, script) => {
    const basic = { 'druidBeam.basicAuthUser': 'bob', 'druidBeam.basicAuthPass': 'hidden-basic' };
    const bearer = { 'druidBeam.bearerToken': 'hidden-bearer', 'druidBeam.headers': { 'x-key': 'hidden-header' } };
    for (const place of ['/task', '/push-events']) {
      for (const properties of [basic, bearer]) {
        const druid = await startDruid();
        druid.script = (request) => (request.path.endsWith(place) ? script(request) : undefined);
        const patience = { 'druidBeam.indexRetryPeriod': 'PT2S', 'druidBeam.firehoseRetryPeriod': 'PT2S' };
        const quiet = { 'druidBeam.firehoseQuietPeriod': 'PT0S' };
        const flow = await sender({ 'druid.overlord.urls': druid.url, ...patience, ...quiet, ...properties });
        const outcome = await flow.send(event);
        const all = [dumps(outcome), dumps(flow), ...logs].join('\n');
        expect(all).not.toContain('hidden');
        expect(all).not.toContain(Buffer.from('bob:hidden-basic').toString('base64'));
      }
    }
  });
});

describe('rewritten addresses', () => {
  const unreachable = 'tasks.example:8100';

  async function away(tls?: ServerOptions): Promise<ScriptedDruid> {
    const druid = await startDruid(tls);
    const ports = tls === undefined ? { port: 8100, tlsPort: -1 } : { port: -1, tlsPort: 8100 };
    druid.location = { host: 'tasks.example', ...ports };
    return druid;
  }

  it.each<[string, (port: number) => unknown]>([
    ['host:port', (port) => `${unreachable}=127.0.0.1:${port}`],
    ['host', (port) => `tasks.example=127.0.0.1:${port}`],
    ['a pattern', (port) => `other=a:1, *.example:8100=127.0.0.1:${port}`],
    ['an object', (port) => ({ '*': `127.0.0.1:${port}` })],
    [
      'the most exact of several',
      (port) => `t*=a:1, *.example=b:2, tasks.example=c:3, tasks.example:8100=127.0.0.1:${port}`,
    ],
    ['one that stands for it', (port) => `tasks.example=http://127.0.0.1:${port}`],
  ])('lead to where a task is reached: %s', async (_, rules) => {
    const druid = await away();
    const hosts = new Set<string | undefined>();
    druid.script = ({ path, headers }) => {
      if (path.endsWith('/push-events')) hosts.add(headers.host);
      return undefined;
    };
    const properties = { 'druid.overlord.urls': druid.url, 'druid.addresses': rules(druid.port) };
    expect(await send(properties)).toEqual({ status: 'sent' });
    const standsForIt = String(rules(druid.port)).includes('://');
    expect([...hosts]).toEqual([standsForIt ? `127.0.0.1:${druid.port}` : unreachable]);
  });

  it('are what a function says, and the property where it says nothing', async () => {
    const druid = await away();
    druid.leads = false;
    druid.script = ({ path }) => (path.endsWith('/leader') ? { status: 200, body: 'http://overlord:1' } : undefined);
    const asked = new Set<string>();
    const rewriteAddress = (address: string): string | undefined => {
      asked.add(address);
      return address === unreachable ? `127.0.0.1:${druid.port}` : undefined;
    };
    const properties = { 'druid.overlord.urls': druid.url, 'druid.addresses': `overlord=127.0.0.1:${druid.port}` };
    expect(await send(properties, { rewriteAddress })).toEqual({ status: 'sent' });
    expect(asked).toEqual(new Set([`127.0.0.1:${druid.port}`, 'overlord:1', unreachable]));
  });

  it('of a function must be addresses', async () => {
    const druid = await away();
    const error = errorOf(await send({ 'druid.overlord.urls': druid.url }, { rewriteAddress: () => 'a/b' }));
    expect(error).toMatch(/^TRQ_CONFIG_INVALID rewriteAddress gave "a\/b" for 127\.0\.0\.1:\d+\. It must give host/);
  });

  it('keep the name that a certificate must bear', async () => {
    const tasks = await startDruid(server('elsewhere'));
    const druid = await away(server('server'));
    tasks.script = ({ path, headers }) =>
      path.endsWith('/push-events')
        ? { status: 200, headers: { 'x-druid-task-id': String(headers['x-druid-task-id']) } }
        : undefined;
    const properties = { 'druid.overlord.urls': druid.url, ...trusting };
    const mapped = { ...properties, 'druid.addresses': `tasks.example=127.0.0.1:${tasks.port}` };
    expect(await send(mapped)).toEqual({ status: 'sent' });
    const wrong = { ...properties, 'druid.addresses': `tasks.example=127.0.0.1:${druid.port}` };
    expect(errorOf(await send(wrong))).toMatch(/^TRQ_TLS_FAILED .*tasks\.example.*for another name/);
  });

  it('take the name of what stands for a server, and TLS from it', async () => {
    const proxy = await startDruid(server('server'));
    const properties = { 'druid.overlord.urls': proxy.url, ...trusting };
    proxy.location = { host: 'tasks.example', port: 8100, tlsPort: -1 };
    const addresses = {
      [`127.0.0.1:${proxy.port}`]: `https://localhost:${proxy.port}`,
      'tasks.example': `https://localhost:${proxy.port}`,
    };
    proxy.script = ({ path, headers }) =>
      path.endsWith('/push-events')
        ? { status: 200, headers: { 'x-druid-task-id': String(headers['x-druid-task-id']) } }
        : undefined;
    expect(await send({ ...properties, 'druid.addresses': addresses })).toEqual({ status: 'sent' });
  });
});
