import { request } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { encodeSmile } from '@tranquility-js/core/internal';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../src/post/answer.js';
import { Idempotency } from '../src/post/idempotency.js';
import { click, running, type Running } from './support/clicks.js';

let it1: Running;
beforeAll(async () => {
  it1 = await running();
});
afterAll(() => it1[Symbol.asyncDispose]());

interface Ask {
  readonly method?: string;
  readonly path: string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

interface Reply {
  readonly status: number;
  readonly type: string | undefined;
  readonly allow: string | undefined;
  readonly body: string;
}

/** With Node's own client, which sends headers and paths as they are given. */
function ask({ method = 'POST', path, type = 'application/json', headers = {}, body = '' }: Ask): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(it1.url);
    const asked = request(
      { hostname, port, method, path, headers: { ...(type === '' ? {} : { 'content-type': type }), ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const { allow } = response.headers;
          const text = Buffer.concat(chunks).toString('latin1');
          resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'], allow, body: text });
        });
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

const one = JSON.stringify(click('ada'));
const two = JSON.stringify([click('ada'), click('grace')]);
const counts = (received: number, sent: number): string => JSON.stringify({ result: { received, sent } });
const json = 'application/json; charset=UTF-8';
const text = 'text/plain; charset=UTF-8';

describe('what Tranquility Server answers, answered alike', () => {
  it.each<[string, Ask, Partial<Reply>]>([
    ['an object', { path: '/v1/post/clicks', body: one }, { status: 200, type: json, body: counts(1, 1) }],
    ['an array', { path: '/v1/post/clicks', body: two }, { status: 200, type: json, body: counts(2, 2) }],
    ['objects on lines', { path: '/v1/post/clicks', body: `${one}\n${one}\n` }, { status: 200, body: counts(2, 2) }],
    ['objects side by side', { path: '/v1/post/clicks', body: one + one }, { status: 200, body: counts(2, 2) }],
    ['nothing', { path: '/v1/post/clicks' }, { status: 200, body: counts(0, 0) }],
    [
      'text',
      { path: '/v1/post/clicks', type: 'text/plain', body: `${one}\r\n${one}\n` },
      { status: 200, type: json, body: counts(2, 2) },
    ],
    [
      'a field dataSource',
      { path: '/v1/post', body: JSON.stringify(click('a', { dataSource: 'web' })) },
      { status: 200, body: counts(1, 1) },
    ],
    [
      'a field feed',
      { path: '/v1/post', body: JSON.stringify(click('a', { feed: 'web' })) },
      { status: 200, body: counts(1, 1) },
    ],
    [
      'a name in the URL, percent-encoded',
      { path: '/v1/post/cl%69cks', body: one },
      { status: 200, body: counts(1, 1) },
    ],
    ['async', { path: '/v1/post/clicks?async=true', body: two }, { status: 200, body: counts(2, 0) }],
    ['async=YES', { path: '/v1/post/clicks?async=YES', body: one }, { status: 200, body: counts(1, 0) }],
    ['async without a value', { path: '/v1/post/clicks?async', body: one }, { status: 200, body: counts(1, 1) }],
    ['async twice', { path: '/v1/post/clicks?async=0&async=1', body: one }, { status: 200, body: counts(1, 1) }],
    [
      'gzip',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'gzip' }, body: gzipSync(two) },
      { status: 200, body: counts(2, 2) },
    ],
    [
      'X-GZIP',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'X-GZIP' }, body: gzipSync(two) },
      { status: 200, body: counts(2, 2) },
    ],
    [
      'members of gzip one after another',
      {
        path: '/v1/post/clicks',
        headers: { 'content-encoding': 'gzip' },
        body: Buffer.concat([gzipSync(one), gzipSync(one)]),
      },
      { status: 200, body: counts(2, 2) },
    ],
    [
      'identity',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'identity' }, body: one },
      { status: 200, body: counts(1, 1) },
    ],
    [
      'Smile',
      {
        path: '/v1/post/clicks',
        type: 'application/x-jackson-smile',
        body: encodeSmile([click('ada'), click('grace')]),
      },
      {
        status: 200,
        type: 'application/x-jackson-smile; charset=UTF-8',
        body: encodeSmile({ result: { received: 2, sent: 2 } }).toString('latin1'),
      },
    ],
    [
      'another content type',
      { path: '/v1/post/clicks', type: 'text/csv', body: one },
      {
        status: 400,
        type: text,
        body: 'Expected contentType application/json, application/x-jackson-smile, or text/plain\n',
      },
    ],
    [
      'no content type',
      { path: '/v1/post/clicks', type: '', body: one },
      { status: 400, body: 'Expected contentType application/json, application/x-jackson-smile, or text/plain\n' },
    ],
    [
      'text without a dataSource',
      { path: '/v1/post', type: 'text/plain', body: one },
      { status: 400, body: 'Must include dataSource in URL for contentType[text/plain]\n' },
    ],
    [
      'another encoding',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'compress' }, body: one },
      { status: 400, body: 'Unrecognized request Content-Encoding\n' },
    ],
    [
      'async=maybe',
      { path: '/v1/post/clicks?async=maybe', body: one },
      { status: 400, body: 'Expected true or false\n' },
    ],
    [
      'an unknown dataSource',
      { path: '/v1/post/nope', body: one },
      { status: 400, type: text, body: "No definition for dataSource 'nope'\n" },
    ],
    ['another method', { method: 'GET', path: '/v1/post/clicks' }, { status: 405, allow: 'POST', body: '' }],
    ['another method of /', { method: 'DELETE', path: '/', type: '' }, { status: 405, allow: 'GET, HEAD', body: '' }],
    ['no name of a dataSource', { path: '/v1/post/', body: one }, { status: 404, type: text, body: 'Not found\n' }],
    ['a slash at the end', { path: '/v1/post/clicks/', body: one }, { status: 404, type: text, body: 'Not found\n' }],
    ['anywhere else', { method: 'GET', path: '/v2', type: '' }, { status: 404, type: text, body: 'Not found\n' }],
    ['HEAD /', { method: 'HEAD', path: '/', type: '' }, { status: 200, type: text, body: '' }],
  ])('%s', async (_, asked, expected) => {
    expect(await ask(asked)).toMatchObject(expected);
  });

  it('shows a text at /', async () => {
    const { status, type, body } = await ask({ method: 'GET', path: '/', type: '' });
    expect([status, type]).toEqual([200, text]);
    expect(body).toContain('POST /v1/post/DATASOURCE');
  });
});

describe('what differs from Tranquility Server, as docs/server.md lists', () => {
  const bad = `${one}\n{"time":}\n${one}\n`;
  const old = JSON.stringify({ time: '2001-01-01', user: 'old' });
  it.each<[string, Ask, Partial<Reply> | ((reply: Reply) => void)]>([
    [
      'a parameter of the content type',
      { path: '/v1/post/clicks', type: 'application/json; charset=utf-8', body: one },
      { status: 200 },
    ],
    [
      'lines of JSON by name',
      { path: '/v1/post/clicks', type: 'application/x-ndjson', body: one },
      { status: 200, body: counts(1, 1) },
    ],
    ['an empty array', { path: '/v1/post/clicks', body: '[]' }, { status: 200, body: counts(0, 0) }],
    [
      'deflate',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'deflate' }, body: deflateSync(two) },
      { status: 200, body: counts(2, 2) },
    ],
    [
      'br',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'br' }, body: brotliCompressSync(two) },
      { status: 200, body: counts(2, 2) },
    ],
    [
      'zstd',
      {
        path: '/v1/post/clicks',
        headers: { 'content-encoding': 'zstd' },
        // A frame of one block that is not packed.
        body: Buffer.concat([
          Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, one.length, (one.length << 3) | 1, (one.length << 3) >> 8, 0]),
          Buffer.from(one),
        ]),
      },
      { status: 200, body: counts(1, 1) },
    ],
    [
      'JSON that is broken in the middle',
      { path: '/v1/post/clicks', body: bad },
      {
        status: 400,
        type: text,
        body: `Malformed JSON\nreceived 3, sent 2, unparseable 1\nevent 1, line 2, byte ${one.length + 1}: unparseable: Not valid JSON at character 9: expected a value, found "}".\n`,
      },
    ],
    [
      'the same, asked for as JSON',
      { path: '/v1/post/clicks', headers: { accept: 'application/json' }, body: bad },
      ({ status, body }) => {
        expect(status).toBe(400);
        expect(JSON.parse(body)).toMatchObject({
          error: 'Malformed JSON',
          result: {
            received: 3,
            sent: 2,
            dropped: { unparseable: 1 },
            rejected: [{ index: 1, line: 2, byte: one.length + 1 }],
          },
        });
      },
    ],
    [
      'null',
      { path: '/v1/post/clicks', body: 'null' },
      ({ status, body }) => expect([status, body]).toEqual([400, expect.stringContaining('found null')]),
    ],
    [
      'JSON that is cut',
      { path: '/v1/post/clicks', body: `[${one}` },
      ({ status, body }) => expect([status, body]).toEqual([400, expect.stringContaining('is not closed')]),
    ],
    [
      'text that is no event',
      { path: '/v1/post/clicks', type: 'text/plain', body: `${one}\nhello\n` },
      ({ status, body }) =>
        expect([status, body]).toEqual([
          400,
          expect.stringMatching(/^Malformed string on line\[2\]\nreceived 2, sent 1/),
        ]),
    ],
    [
      'events that are dropped',
      { path: '/v1/post/clicks', body: `[${one},${old},{"user":"x"},${one}]` },
      ({ status, body }) => {
        expect(status).toBe(200);
        const { result } = JSON.parse(body) as { result: Record<string, unknown> };
        expect(result).toMatchObject({ received: 4, sent: 2, dropped: { late: 1, unparseable: 1 } });
        expect(result['rejected']).toMatchObject([
          { index: 1, reason: 'late' },
          { index: 2, reason: 'unparseable' },
        ]);
      },
    ],
    [
      'a field that names no dataSource',
      { path: '/v1/post', body: `${one}\n${JSON.stringify(click('a', { dataSource: 'web' }))}` },
      ({ status, body }) =>
        expect([status, body]).toEqual([
          400,
          expect.stringMatching(/^Missing 'dataSource' or 'feed'\nreceived 2, sent 1, unrouted 1\nevent 0/),
        ]),
    ],
    [
      'a field that names an unknown one',
      { path: '/v1/post', body: JSON.stringify(click('a', { dataSource: 'no\npe' })) },
      ({ status, body }) =>
        expect([status, body]).toEqual([400, expect.stringMatching(/^No definition for dataSource 'no\\npe'\n/)]),
    ],
    [
      'a field dataSource that is null',
      { path: '/v1/post', body: JSON.stringify(click('a', { dataSource: null, feed: 'web' })) },
      { status: 400 },
    ],
    [
      'gzip that is cut',
      { path: '/v1/post/clicks', headers: { 'content-encoding': 'gzip' }, body: gzipSync(two).subarray(0, 30) },
      ({ status, body }) =>
        expect([status, body]).toEqual([400, expect.stringMatching(/^Malformed gzip\nunexpected end of file\n/)]),
    ],
    [
      'Smile that is none',
      { path: '/v1/post/clicks', type: 'application/x-jackson-smile', body: 'hello' },
      ({ status, body }) => expect([status, body]).toEqual([400, expect.stringMatching(/^Malformed Smile\n/)]),
    ],
    [
      'strict, with a bad event',
      { path: '/v1/post/clicks?strict=true', body: `[${one},${old}]` },
      ({ status, body }) =>
        expect([status, body]).toEqual([
          400,
          expect.stringMatching(
            /^Some events would be dropped\nstrict=true: 1 of 2 events are bad, and none was sent.\nreceived 2, sent 0, late 1\nevent 1/,
          ),
        ]),
    ],
    ['strict, with good ones', { path: '/v1/post/clicks?strict=true', body: two }, { status: 200, body: counts(2, 2) }],
  ])('%s', async (_, asked, expected) => {
    const reply = await ask(asked);
    if (typeof expected === 'function') expected(reply);
    else expect(reply).toMatchObject(expected);
  });
});

describe('what is told', () => {
  it('is alive, ready, and says what it does', async () => {
    expect(await ask({ method: 'GET', path: '/health', type: '' })).toMatchObject({
      status: 200,
      body: '{"status":"alive"}',
    });
    expect(await ask({ method: 'GET', path: '/ready', type: '' })).toMatchObject({
      status: 200,
      body: '{"status":"ready"}',
    });
    const { body } = await ask({ method: 'GET', path: '/v1/status', type: '' });
    expect(JSON.parse(body)).toMatchObject({
      ready: true,
      dataSources: [{ dataSource: 'clicks', tasks: [{ state: 'RUNNING' }] }, { dataSource: 'web' }],
    });
    const api = JSON.parse((await ask({ method: 'GET', path: '/v1/openapi.json', type: '' })).body) as {
      paths: object;
    };
    for (const path of Object.keys(api.paths)) {
      const { status } = await ask({ method: 'PUT', path: path.replace('{dataSource}', 'clicks'), type: '' });
      expect([path, status]).toEqual([path, 405]);
    }
  });

  it('counts for Prometheus', async () => {
    const { body } = await ask({ method: 'GET', path: '/metrics', type: '' });
    expect(body).toMatch(/^tranquility_events_sent_total\{dataSource="clicks",lane="realtime"\} [1-9]/m);
    expect(body).toMatch(
      /^tranquility_events_dropped_total\{dataSource="clicks",lane="realtime",reason="late"\} [1-9]/m,
    );
    expect(body).toMatch(/^tranquility_http_requests_total\{status="400"\} [1-9]/m);
    expect(body).toMatch(/^tranquility_http_post_seconds_count [1-9]/m);
  });
});

describe('Idempotency-Key', () => {
  it('does a repeated POST once', async () => {
    const post = (user: string, key: string) =>
      ask({ path: '/v1/post/web', headers: { 'idempotency-key': key }, body: JSON.stringify(click(user)) });
    const [first, again] = await Promise.all([post('once', 'k1'), post('once', 'k1')]);
    expect([first.body, again.body, (await post('once', 'k1')).body]).toEqual([
      counts(1, 1),
      counts(1, 1),
      counts(1, 1),
    ]);
    expect((await post('twice', 'k2')).status).toBe(200);
    const users = await it1.users('web');
    expect(users.filter((user) => user === 'once')).toHaveLength(1);
    expect((await post('x', '')).status).toBe(400);
  });

  it('takes over no failure of another, and counts its period from the answer', async () => {
    const answers = new Idempotency(0);
    const of = (status: number): Answer => ({ status, headers: {}, body: '' });
    const ran: number[] = [];
    const ask = (status: number): Promise<Answer> => {
      const run = async (): Promise<Answer> => {
        ran.push(status);
        await new Promise(setImmediate);
        if (status === 0) throw new Error('It broke');
        return of(status);
      };
      return answers.once(['key'], { run, dataSources: new Set(), mayPost: () => true });
    };
    const [broken, ...rest] = await Promise.allSettled([ask(0), ask(503), ask(200), ask(400)]);
    expect(broken.status).toBe('rejected');
    const told = rest.map((settled) => (settled.status === 'fulfilled' ? settled.value : (settled.reason as unknown)));
    const replayed = { status: 200, headers: { 'idempotent-replayed': 'true' }, body: '' };
    expect(told).toEqual([of(503), of(200), replayed]);
    expect((await ask(400)).headers).toEqual({});
    expect(ran).toEqual([0, 503, 200, 400]);
  });

  it('knows parameters that are written in another way', async () => {
    const post = (query: string) =>
      ask({ path: `/v1/post/web${query}`, headers: { 'idempotency-key': 'k3' }, body: JSON.stringify(click('way')) });
    for (const query of ['', '?async=no', '?strict=0&x=1']) expect((await post(query)).body).toBe(counts(1, 1));
    expect((await it1.users('web')).filter((user) => user === 'way')).toHaveLength(1);
  });
});
