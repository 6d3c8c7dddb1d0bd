import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import { text } from 'node:stream/consumers';
import { silentLogger } from '@tranquility-js/core';
import { afterEach, expect, it, vi } from 'vitest';
import { pathOf, read } from './support/ask.js';
import { running, type Running } from './support/clicks.js';

const properties = {
  ...{ 'http.port.enable': false, 'https.port.enable': true, 'https.port': 0, 'https.http2': true },
  ...{ 'https.certPath': pathOf('server.pem'), 'https.keyPath': pathOf('server.key') },
  ...{ 'http.maxBodyBytes': 1000, 'http.answerTimeout': 'PT0.1S', 'http.stopTimeout': 'PT60S' },
};

const drained = { drained: true, left: [] };

let it1: Running;
let session: ClientHttp2Session;
afterEach(async () => {
  vi.useRealTimers();
  session.destroy();
  await it1[Symbol.asyncDispose]();
});

/** Connects to a new server. A window of 0 is that of a client that reads nothing. */
async function start(more: object = {}, initialWindowSize = 65_535, logger = silentLogger): Promise<void> {
  it1 = await running({ ...properties, ...more }, { logger });
  session = connect(it1.url, { ca: read('authority.pem'), settings: { initialWindowSize } });
  session.on('error', () => undefined);
  await once(session, 'localSettings');
}

/** A POST whose body does not end. */
function openPost(): ClientHttp2Stream {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': '/v1/post/clicks', 'content-type': 'application/json' },
  });
  stream.on('error', () => undefined);
  stream.resume();
  return stream;
}

const metrics = (): Promise<string> => text(session.request({ ':path': '/metrics' }));

async function statusOf(stream: ClientHttp2Stream): Promise<unknown> {
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  return headers[':status'];
}

/** Timers of ours only: those of Node's sockets go on. */
const stopTime = (): unknown => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });

/** Moves our time on, a second at a time, until something has come. */
async function until<T>(promise: Promise<T>): Promise<T> {
  const state = { isOver: false };
  const over = promise.finally(() => (state.isOver = true));
  while (!state.isOver) {
    await vi.advanceTimersByTimeAsync(1000);
    await new Promise(setImmediate);
  }
  return over;
}

it('cuts off a body of HTTP/2 that comes too slowly', async () => {
  await start();
  stopTime();
  const stream = openPost();
  stream.write('[');
  const closed = once(stream, 'close');
  expect(await until(statusOf(stream))).toBe(408);
  await until(closed);
  vi.useRealTimers();
  expect(await it1.server.stop()).toEqual(drained);
});

it('cuts off a body of HTTP/2 that is too large, and does not end', async () => {
  await start();
  stopTime();
  const stream = openPost();
  stream.write(Buffer.alloc(2000, 32));
  const closed = once(stream, 'close');
  expect(await until(statusOf(stream))).toBe(413);
  await until(closed);
  vi.useRealTimers();
  expect(await it1.server.stop()).toEqual(drained);
});

it('cuts off who does not read answers of HTTP/2', async () => {
  await start({}, 0);
  const streams = Array.from({ length: 3 }, () => session.request({ ':path': '/v1/openapi.json' }));
  await Promise.all(
    streams.map(async (stream) => {
      stream.on('error', () => undefined);
      await once(stream, 'close');
    }),
  );
  expect(await it1.server.stop()).toEqual(drained);
});

it('ends a session that is idle with answers that nobody reads', async () => {
  await start({ 'http.idleTimeout': 'PT0.2S' }, 0);
  const stream = session.request({ ':path': '/v1/openapi.json' });
  stream.on('error', () => undefined);
  await once(session, 'close');
  expect(await it1.server.stop()).toEqual(drained);
});

it('counts who leaves within a body of HTTP/2 as left, and tells of no error', async () => {
  const errors: string[] = [];
  await start({}, 65_535, { ...silentLogger, error: (text) => void errors.push(text) });
  const stream = openPost();
  stream.write('[');
  // The server has the body in its hands when it answers what came behind it.
  await text(session.request({ ':path': '/v1/live' }));
  stream.destroy(new Error('gone'));
  await expect.poll(metrics).toContain('tranquility_http_requests_total{status="aborted"} 1\n');
  expect(await metrics()).not.toContain('tranquility_http_requests_total{status="500"}');
  expect(errors).toEqual([]);
});
