import { connect, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { click, running, type Running } from './support/clicks.js';

let victim: Running;
beforeAll(async () => {
  victim = await running({
    'http.headersTimeout': 'PT1S',
    'http.maxBodyBytes': 4_000_000,
    'http.maxInflatedBytes': 8_000_000,
    'http.maxEventBytes': 100_000,
  });
});
afterAll(() => victim[Symbol.asyncDispose]());

/** Writes bytes to the server as they are, and gives all that it answers until it closes or the answer is whole. */
function raw(bytes: string | Uint8Array | Iterable<Uint8Array>): Promise<string> {
  const { hostname, port } = new URL(victim.url);
  return new Promise((resolve) => {
    let answer = '';
    const socket: Socket = connect(Number(port), hostname, () => {
      if (typeof bytes === 'string' || bytes instanceof Uint8Array) socket.write(bytes);
      else for (const piece of bytes) socket.write(piece);
    });
    const end = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString();
      const [head = '', body] = answer.split('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(head)?.[1];
      if (body !== undefined && length !== undefined && Buffer.byteLength(body) >= Number(length)) end();
    });
    socket.on('error', end);
    socket.on('close', end);
  });
}

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

async function post(
  body: string | Uint8Array<ArrayBuffer>,
  path = '/v1/post/clicks',
  headers: Record<string, string> = {},
) {
  const response = await fetch(`${victim.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, text: await response.text() };
}

/** A frame of Zstandard with one block that is not packed. */
const zstdOf = (text: string): Buffer =>
  Buffer.from([
    0x28,
    0xb5,
    0x2f,
    0xfd,
    0x20,
    text.length,
    (text.length << 3) | 1,
    text.length >> 5,
    0,
    ...Buffer.from(text),
  ]);

/** Another client does not notice. */
async function isWell(): Promise<void> {
  expect(await post(JSON.stringify(click('other')))).toEqual({
    status: 200,
    text: '{"result":{"received":1,"sent":1}}',
  });
}

describe('a server that is attacked', () => {
  it('cuts off who is slow with headers', async () => {
    const answer = await raw('POST /v1/post/clicks HTTP/1.1\r\nHost: localhost\r\nX-');
    expect(statusOf(answer)).toBe(408);
    await isWell();
  });

  it('cuts off who does not read answers', async () => {
    await using it = await running({ 'http.answerTimeout': 'PT0.2S' });
    const { hostname, port } = new URL(it.url);
    const socket = connect(Number(port), hostname).pause();
    const failed = new Promise((resolve) => socket.once('error', resolve).once('close', resolve));
    const asking = setInterval(
      () => socket.write('GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2000)),
      50,
    );
    await failed;
    clearInterval(asking);
    expect(socket.bytesRead).toBe(0);
    socket.destroy();
  });

  it('refuses huge headers', async () => {
    expect(statusOf(await raw(`GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`))).toBe(
      431,
    );
    await isWell();
  });

  it.each([
    'GARBAGE\r\n\r\n',
    'POST /v1/post/clicks HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nabc',
    '\u0000\u0001',
  ])('refuses what is no HTTP: %j', async (bytes) => {
    expect(statusOf(await raw(bytes))).toBe(400);
    await isWell();
  });

  it('refuses bombs', async () => {
    const zeros = Buffer.from(' '.repeat(50_000_000));
    expect(await post(new Uint8Array(gzipSync(zeros)), undefined, { 'content-encoding': 'gzip' })).toMatchObject({
      status: 413,
      text: expect.stringMatching(/^The body is too large\nhttp.maxInflatedBytes allows 8000000 bytes/) as string,
    });
    expect(
      await post(new Uint8Array(brotliCompressSync(zeros)), undefined, { 'content-encoding': 'br' }),
    ).toMatchObject({ status: 413 });
    await isWell();
  });

  it('refuses a frame of Zstandard that asks for two gigabytes', async () => {
    // The last byte but three is the window: 2 to the power of 31.
    const frame = new Uint8Array([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0x00,
      21 << 3,
      0x01,
      0x00,
      0x00,
      ...new Array<number>(20).fill(0),
    ]);
    const { status } = await post(frame, undefined, { 'content-encoding': 'zstd' });
    expect([400, 413]).toContain(status);
    await isWell();
  });

  it.each([
    ['gzip', gzipSync, 200],
    ['zstd', zstdOf, 200],
    ['deflate', deflateSync, 400],
    ['br', brotliCompressSync, 400],
  ])('loses nothing of two streams of %s, nor of one that is cut', async (packing, pack, status) => {
    const [first, second] = ['first', 'second'].map((user) => pack(JSON.stringify(click(`${packing} ${user}`))));
    if (first === undefined || second === undefined) throw new Error('There are two');
    const sent = (bytes: Uint8Array): ReturnType<typeof post> =>
      post(new Uint8Array(bytes), undefined, { 'content-encoding': packing });
    const both = await sent(Buffer.concat([first, second]));
    expect(both).toMatchObject(
      status === 200
        ? { status, text: '{"result":{"received":2,"sent":2}}' }
        : { status, text: expect.stringMatching(/^Malformed .*\nThere are bytes behind the end/) as string },
    );
    expect(await sent(second.subarray(0, -2))).toMatchObject({
      status: 400,
      text: expect.stringContaining(`Malformed ${packing}`) as string,
    });
  });

  it('refuses a body that is too large, and who sends it gets to know', async () => {
    expect(await post(`${JSON.stringify(click('x'))}\n`.repeat(200_000), '/v1/post/clicks?async=1')).toMatchObject({
      status: 413,
    });
    await isWell();
  });

  it('refuses a line that is too long, and takes the next', async () => {
    const body = `{"time":${Date.now()},"user":"${'x'.repeat(2_000_000)}"}\n${JSON.stringify(click('next'))}\n`;
    const { status, text } = await post(body, '/v1/post/clicks', { 'content-type': 'application/x-ndjson' });
    expect([status, text]).toEqual([
      400,
      expect.stringMatching(
        /^Malformed JSON\nreceived 2, sent 1, unparseable 1\nevent 0, line 1, byte 0: .*maxEventBytes/,
      ),
    ]);
    await isWell();
  });

  it.each([
    ['arrays', `{"time":1,"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}`],
    ['objects', `{"time":1,"a":${'{"a":'.repeat(15_000)}1${'}'.repeat(15_000)}}`],
    ['brackets alone', '['.repeat(90_000)],
  ])('answers nesting without end: %s', async (_, body) => {
    const { status } = await post(body);
    expect([200, 400]).toContain(status);
    await isWell();
  });

  it('carries keys with a meaning of their own', async () => {
    const body = `{"time":${Date.now()},"user":"proto","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"dataSource":"web"}`;
    expect(await post(body, '/v1/post')).toEqual({ status: 200, text: '{"result":{"received":1,"sent":1}}' });
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(await victim.users('web')).toContain('proto');
  });

  it.each([
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from(`{"time":${Date.now()},"user":"`), Buffer.of(0xff, 0xfe), Buffer.from('"}')]),
      400,
    ],
    ['NaN', Buffer.from(`{"time":${Date.now()},"user":NaN}`), 400],
    ['a control character', Buffer.from(`{"time":${Date.now()},"user":"a\u0001"}`), 400],
    ['1e400', Buffer.from(`{"time":${Date.now()},"user":"big","n":1e400}`), 200],
    ['equal keys', Buffer.from(`{"time":1,"time":${Date.now()},"user":"equal","user":"last"}`), 200],
    ['half a surrogate', Buffer.from(`{"time":${Date.now()},"user":"\\ud800"}`), 200],
  ])('%s', async (_, body, status) => {
    expect((await post(new Uint8Array(body))).status).toBe(status);
    await isWell();
  });

  it.each([
    '/v1/post/a%2Fb',
    '/v1/post/..%2F..%2Fetc',
    '/v1/post/%2e%2e',
    '/v1/post/a%0Ab',
    '/v1/post/%00',
    '/v1/post/%25',
    `/v1/post/${'x'.repeat(500)}`,
  ])('knows no dataSource of the name in %s', async (path) => {
    const answer = await raw(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]`,
    );
    expect(statusOf(answer)).toBe(400);
    expect(answer).toContain('No definition for dataSource');
  });

  it.each(['/v1/post/%', '/v1/post/%ff', '/v1/post/%zz'])('refuses the broken name in %s', async (path) => {
    const answer = await raw(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]`,
    );
    expect(statusOf(answer)).toBe(400);
    await isWell();
  });

  it('lives when clients leave in the middle', async () => {
    const { hostname, port } = new URL(victim.url);
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(Number(port), hostname);
        await new Promise((resolve) => {
          socket.write(
            `POST /v1/post/clicks HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n[{"ti`,
            resolve,
          );
        });
        socket.destroy();
      }),
    );
    await isWell();
  });
});
