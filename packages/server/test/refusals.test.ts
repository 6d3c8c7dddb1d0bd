import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PasswordHash } from '../src/index.js';
import { click, running, type Running } from './support/clicks.js';

interface Reply {
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly allow: string | undefined;
  readonly body: string;
}

type Headers = Readonly<Record<string, string>>;

/** With Node's own client, which sends paths and headers as they are given. */
async function ask(
  { url }: Running,
  path: string,
  { method = 'POST', headers = {}, body = '[]' }: { method?: string; headers?: Headers; body?: string | Buffer } = {},
): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const asked = request({ hostname, port, method, path, headers });
  asked.end(body);
  const [answer] = (await once(asked, 'response')) as [
    NodeJS.ReadableStream & { headers: Headers; statusCode: number },
  ];
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  const { allow, 'content-type': type } = answer.headers;
  return { status: answer.statusCode, type, allow, body: text };
}

const json = { 'content-type': 'application/json' };
const types = 'Expected contentType application/json, application/x-jackson-smile, or text/plain\n';
const tooLong = `/v1/post/${'x'.repeat(1025)}`;

let open: Running;
beforeAll(async () => {
  open = await running();
});
afterAll(() => open[Symbol.asyncDispose]());

it.each(['PROPFIND', 'SEARCH', 'M-SEARCH'])('tells which methods there are where %s is asked for', async (method) => {
  const { status, allow, body } = await ask(open, '/v1/post/clicks', { method });
  expect([status, allow, body]).toEqual([405, 'POST', '']);
});

it('counts a POST that is refused before it is looked at', async () => {
  await using it = await running();
  const { status } = await ask(it, '/v1/post/clicks', { headers: { 'sec-fetch-site': 'cross-site' } });
  expect(status).toBe(403);
  const { body } = await ask(it, '/metrics', { method: 'GET', body: '' });
  expect(body).toContain('tranquility_http_requests_total{status="403"} 1\n');
  const live = await ask(it, '/v1/live', { method: 'GET', body: '' });
  expect(JSON.parse(live.body)).toMatchObject({ answers: { 403: 1 } });
});

it.each(['abc', ';', 'text', 'a b/c'])('refuses the content type %j as any other, and counts that', async (type) => {
  const count = async (): Promise<number> => {
    const { body } = await ask(open, '/metrics', { method: 'GET', body: '' });
    return Number(/^tranquility_http_requests_total{status="400"} (\d+)$/m.exec(body)?.[1] ?? 0);
  };
  const before = await count();
  for (const path of ['/v1/post', '/v1/post/clicks']) {
    const answer = await ask(open, path, { headers: { 'content-type': type } });
    expect(answer).toMatchObject({ status: 400, body: types });
  }
  expect(await count()).toBe(before + 2);
});

it.each([
  ['a name that is not percent-encoded', '/v1/post/%zz', {}, 400, 'Malformed URL'],
  ['a name that is too long', tooLong, {}, 414, 'The name in the URL is too long'],
  ['a path that leads nowhere', '/nope', {}, 404, 'Not found'],
  ['a key that is too long', '/v1/post/clicks', { 'idempotency-key': 'x'.repeat(256) }, 400, 'Expected an Idem'],
  ['another site', '/v1/post/clicks', { origin: 'http://elsewhere.example' }, 403, 'A page of another site'],
  ['another host', '/v1/post/clicks', { host: 'elsewhere.example' }, 403, 'The request names a host'],
  ['another content type', '/v1/post/clicks', { 'content-type': 'abc' }, 400, 'Expected contentType'],
])('answers %s as text, or as JSON to who asks for it', async (_, path, more, status, words) => {
  const headers = { ...json, ...more };
  const asText = await ask(open, path, { headers });
  expect(asText).toMatchObject({ status, type: 'text/plain; charset=UTF-8' });
  expect(asText.body.startsWith(words)).toBe(true);
  const asJson = await ask(open, path, { headers: { ...headers, accept: 'application/json' } });
  expect(asJson).toMatchObject({ status, type: 'application/json; charset=UTF-8' });
  expect((JSON.parse(asJson.body) as { error: string }).error).toBe(asText.body.split('\n')[0]);
});

describe('who is not known', () => {
  let directory: string;
  let guarded: Running;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'refusals-'));
    const file = join(directory, 'clients.json');
    const ada = { name: 'ada', hash: String(await PasswordHash.of('sesame')), dataSources: ['*'] };
    await writeFile(file, JSON.stringify({ clients: [ada] }));
    guarded = await running({ 'http.auth.path': file, 'http.maxBodyBytes': 1000, 'http.stopTimeout': 'PT60S' });
  });
  afterAll(async () => {
    await guarded[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  it('is told so as JSON, if that is asked for', async () => {
    const headers = { ...json, accept: 'application/json' };
    const answer = await ask(guarded, '/v1/post/clicks', { headers });
    expect(answer).toMatchObject({ status: 401, type: 'application/json; charset=UTF-8' });
    expect(JSON.parse(answer.body)).toMatchObject({ error: expect.stringContaining('Say who you are') as string });
  });

  it('sends no body for ever, wherever to', async () => {
    const { hostname, port } = new URL(guarded.url);
    const sendTo = async (path: string): Promise<void> => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined).resume();
      const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
      socket.write(`${head}Content-Length: 100000000000\r\n\r\n`);
      const sending = setInterval(() => socket.write(' '.repeat(10_000)), 10);
      await new Promise((closed) => socket.once('close', closed));
      clearInterval(sending);
    };
    await Promise.all(['/v1/post/%zz', tooLong, '/nope', '/v1/post/clicks'].map(sendTo));
  });

  it('gets to the answer, however long the path or the body', async () => {
    const body = Buffer.alloc(3_000_000, JSON.stringify(click('a')));
    expect((await ask(guarded, '/v1/post/%zz', { headers: json, body })).status).toBe(400);
    expect((await ask(guarded, tooLong, { headers: json, body })).status).toBe(414);
    expect((await ask(guarded, '/v1/post/clicks', { headers: json, body })).status).toBe(401);
  });

  it('does not hold up the stop', async () => {
    expect(await guarded.server.stop()).toEqual({ drained: true, left: [] });
  });
});
