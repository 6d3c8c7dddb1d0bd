import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { PasswordHash } from '../src/auth/password-hash.js';
import { createServer } from '../src/index.js';
import { click, config, running, type Running } from './support/clicks.js';
import { post } from './support/ask.js';

const basic = (text: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(text).toString('base64')}`,
});
const bearer = (text: string): Record<string, string> => ({ authorization: `Bearer ${text}` });

/** Writes pieces, a tenth of a second apart, until the server closes. @returns the status that it has answered. */
async function rawAnswer(port: number, host: string, pieces: Iterable<string>): Promise<[number, 'closed']> {
  const socket = connect(port, host);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.on('error', () => undefined);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(piece);
    await sleep(100);
  }
  await closed;
  return [Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]), 'closed'];
}

describe('clients', () => {
  let directory = '';
  let file = '';
  let guarded: Running;
  const write = async (...clients: object[]): Promise<void> => writeFile(file, JSON.stringify({ clients }));
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'clients-'));
    file = join(directory, 'clients.json');
    await write(
      { name: 'ada', hash: String(await PasswordHash.of('öpen')), dataSources: ['clicks'] },
      { name: 'root', hash: String(await PasswordHash.of('sesame')), dataSources: ['*'], monitor: true },
    );
    guarded = await running({ 'http.auth.path': file, 'http.host': '0.0.0.0' });
    guarded = { ...guarded, url: guarded.url.replace('0.0.0.0', '127.0.0.1') };
  });
  afterAll(async () => {
    await guarded.server.stop();
    await guarded.sandbox[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it.each([
    ['a password', 'clicks', basic('ada:öpen'), 200, '{"result":{"received":1,"sent":1}}'],
    ['it again', 'clicks', basic('ada:öpen'), 200, ''],
    ['a token', 'web', bearer('root.sesame'), 200, ''],
    ['nothing', 'clicks', {}, 401, 'Say who you are'],
    ['a wrong password', 'clicks', basic('ada:open'), 401, 'Name or password are wrong'],
    ['a wrong name', 'clicks', basic('eve:öpen'), 401, 'Name or password are wrong'],
    ['half a header', 'clicks', { authorization: 'Basic' }, 401, 'Say who you are'],
    ['another dataSource', 'web', basic('ada:öpen'), 403, "No right to post to dataSource 'web'"],
    ['one that there is not', 'nope', basic('ada:öpen'), 403, "No right to post to dataSource 'nope'"],
  ])('with %s to %s', async (_, dataSource, headers, status, text) => {
    const answer = await post(`${guarded.url}/v1/post/${dataSource}`, click('a'), headers);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)]);
  });

  it('may post some of the events of a body', async () => {
    const events = [click('a', { dataSource: 'clicks' }), click('a', { dataSource: 'web' })];
    const answer = await post(`${guarded.url}/v1/post`, events, basic('ada:öpen'));
    expect([answer.status, answer.text]).toEqual([
      403,
      expect.stringMatching(/^No right to post to dataSource 'web'\nreceived 2, sent 1, unrouted 1\n/),
    ]);
  });

  it('see what they may see', async () => {
    const get = async (path: string, headers = {}) => (await fetch(`${guarded.url}${path}`, { headers })).status;
    expect(await Promise.all([get('/health'), get('/ready'), get('/metrics'), get('/v1/status')])).toEqual([
      200, 200, 401, 401,
    ]);
    expect(await get('/metrics', basic('ada:öpen'))).toBe(403);
    expect(await get('/metrics', bearer('root.sesame'))).toBe(200);
  });

  it.each([
    '/%6Detrics',
    '/metrics#here',
    '/%2Fmetrics',
    'http://other/metrics',
    '/v1/%73tatus',
    '/metrics?x',
    '/v1/live;x',
  ])('see no more by another way to write a path: %s', async (path) => {
    const { hostname, port } = new URL(guarded.url);
    const { authorization } = basic('ada:öpen');
    const [status] = await rawAnswer(Number(port), hostname, [
      `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nConnection: close\r\n\r\n`,
    ]);
    expect([403, 404]).toContain(status);
  });

  it('that are refused cannot go on sending for ever', async () => {
    const { hostname, port } = new URL(guarded.url);
    const trickle = function* (): Generator<string> {
      yield 'POST /v1/post/clicks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n';
      for (;;) yield ' ';
    };
    expect(await rawAnswer(Number(port), hostname, trickle())).toEqual([401, 'closed']);
  });

  it('are read again when the file has changed', async () => {
    await write({ name: 'new', hash: String(await PasswordHash.of('one')), dataSources: ['clicks'] });
    await vi.waitFor(
      async () => expect((await post(`${guarded.url}/v1/post/clicks`, click('a'), bearer('new.one'))).status).toBe(200),
      { timeout: 30_000, interval: 200 },
    );
    expect((await post(`${guarded.url}/v1/post/clicks`, click('a'), basic('ada:öpen'))).status).toBe(401);
  });

  it.each([
    ['{', 'cannot be read'],
    ['{"clients": []}', 'has no list "clients"'],
    ['{"clients": [{"name": "a b"}]}', 'clients[0] has no "name"'],
    [
      '{"clients": [{"name": "a", "hash": "plain"}]}',
      'clients[0] ("a") has no "hash". Make one: tranquility server --hash',
    ],
    ['{"clients": [{"name": "a", "hash": "scrypt$1073741824$8$1$AAAA$AAAAAAAAAAAAAAAAAAAAAAAA"}]}', 'has no "hash"'],
  ])('in a file that is wrong are refused: %s', async (text, problem) => {
    const wrong = join(directory, 'wrong.json');
    await writeFile(wrong, text);
    const started = createServer({ config: config('http://127.0.0.1:1', { 'http.auth.path': wrong }) });
    await expect(started).rejects.toMatchObject({
      code: 'TRQ_CONFIG_INVALID',
      message: expect.stringContaining(problem) as string,
    });
  });
});

describe('an address that others reach', () => {
  it.each(['0.0.0.0', '::', '192.168.1.1'])('%s is not listened on by accident', async (host) => {
    const started = createServer({ config: config('http://127.0.0.1:1', { 'http.host': host }) });
    await expect(started).rejects.toMatchObject({
      code: 'TRQ_CONFIG_INVALID',
      message: `http.host is "${host}", which others reach, and everybody might post. Set http.auth.path to a file of clients, or http.allowAnonymous to true, or http.host to 127.0.0.1.`,
    });
  });

  it('is listened on when that is meant', async () => {
    await using server = await createServer({
      config: config('http://127.0.0.1:1', { 'http.host': '0.0.0.0', 'http.allowAnonymous': 'true' }),
    });
    expect(server.urls).toHaveLength(1);
  });
});
