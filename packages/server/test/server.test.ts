import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { silentLogger } from '@tranquility-js/core';
import { startSandbox } from '@tranquility-js/sandbox';
import { describe, expect, it } from 'vitest';
import { createServer, tranquility } from '../src/index.js';
import { click, config, running } from './support/clicks.js';
import { post } from './support/ask.js';

const ok = (count: number): object => ({ status: 200, text: `{"result":{"received":${count},"sent":${count}}}` });

it('takes no post that a page of another site makes a browser send', async () => {
  await using it = await running();
  const statusFor = async (headers: Record<string, string>): Promise<number> =>
    (await post(`${it.url}/v1/post/clicks`, [click('a')], headers)).status;
  const { host } = new URL(it.url);
  expect(await statusFor({ 'sec-fetch-site': 'cross-site' })).toBe(403);
  expect(await statusFor({ 'sec-fetch-site': 'same-site' })).toBe(403);
  expect(await statusFor({ origin: 'http://elsewhere.example' })).toBe(403);
  expect(await statusFor({ origin: 'null' })).toBe(403);
  expect(await statusFor({ 'sec-fetch-site': 'same-origin', origin: `http://${host}` })).toBe(200);
  expect(await statusFor({ origin: `http://${host}` })).toBe(200);
  expect(await it.users('clicks')).toHaveLength(2);
});

it('answers to no other name than this machine’s, so that no page makes one mean it', async () => {
  await using it = await running();
  const statusFor = (path: string, host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get(`${it.url}${path}`, { headers: { host }, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on('error', reject);
    });
  const { port } = new URL(it.url);
  for (const host of [
    'evil.example',
    `evil.example:${port}`,
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '10.0.0.1',
    ':',
  ]) {
    expect([host, await statusFor('/v1/live', host)]).toEqual([host, 403]);
    expect([host, await statusFor('/health', host)]).toEqual([host, 200]);
  }
  for (const host of [
    'localhost',
    `localhost:${port}`,
    'LOCALHOST',
    'druid.localhost',
    '127.1.2.3:80',
    `[::1]:${port}`,
  ])
    expect([host, await statusFor('/v1/live', host)]).toEqual([host, 200]);
});

describe('a stop', () => {
  it('answers what is under way, and what was answered is in Druid', async () => {
    await using it = await running();
    let answered = 0;
    const statuses = new Set<number>();
    const clients = Array.from({ length: 8 }, async (_, client) => {
      for (let n = 0; ; n++) {
        try {
          const { status } = await post(`${it.url}/v1/post/clicks`, [click(`${client}-${n}`), click(`${client}-${n}`)]);
          statuses.add(status);
          if (status !== 200) return;
          answered += 2;
          if (client === 0 && n === 10) void it.server.stop();
        } catch {
          return;
        }
      }
    });
    await Promise.all(clients);
    expect(await it.server.stop()).toEqual({ drained: true, left: [] });
    statuses.delete(503);
    expect([...statuses]).toEqual([200]);
    expect(answered).toBeGreaterThan(20);
    expect((await it.users('clicks')).length).toBeGreaterThanOrEqual(answered);
  });

  it('sends what was taken without waiting', async () => {
    await using it = await running();
    it.sandbox.faults.add({ server: 'task', path: '/push-events', action: { kind: 'delay', millis: 200 } });
    expect(await post(`${it.url}/v1/post/clicks?async=1`, [click('a'), click('b')])).toMatchObject({ status: 200 });
    expect(await it.server.stop()).toEqual({ drained: true, left: [] });
    expect(await it.users('clicks')).toHaveLength(2);
  });

  it('does not wait for ever, and tells what is left', async () => {
    await using it = await running({ 'http.stopTimeout': 'PT1S' });
    it.sandbox.faults.add({ server: 'task', path: '/push-events', action: { kind: 'hang' }, times: 1000 });
    await post(`${it.url}/v1/post/clicks?async=1`, [click('a')]);
    expect(await it.server.stop()).toEqual({
      drained: false,
      left: ['clicks: events were not delivered; 1 failed in all'],
    });
  });
});

describe('Druid away', () => {
  it('is answered 503 with Retry-After, and the server recovers by itself', async () => {
    await using it = await running({
      'http.answerTimeout': 'PT1S',
      'tranquility.maxBatchSize': 10,
      'tranquility.maxPendingBatches': 1,
    });
    expect(await post(`${it.url}/v1/post/clicks`, click('before'))).toMatchObject(ok(1));
    const faults = [
      it.sandbox.faults.add({ server: 'task', action: { kind: 'reset', when: 'before-body' }, times: 1_000_000 }),
      it.sandbox.faults.add({ server: 'druid', action: { kind: 'reset', when: 'before-body' }, times: 1_000_000 }),
    ];
    const away = await Promise.all(
      Array.from({ length: 30 }, () => post(`${it.url}/v1/post/clicks`, [click('away'), click('away')])),
    );
    for (const answer of away) {
      expect(answer).toMatchObject({ status: 503, retryAfter: '5' });
      expect(answer.text).toMatch(/^Druid does not take events fast enough now\nWaited for 1 s/);
    }
    const ready = await fetch(`${it.url}/ready`);
    expect([ready.status, ready.headers.get('retry-after')]).toEqual([503, '5']);
    expect(((await ready.json()) as { reasons: string[] }).reasons[0]).toMatch(/^clicks, web: No overlord answered/);
    for (const fault of faults) it.sandbox.faults.remove(fault);
    await expect
      .poll(async () => (await post(`${it.url}/v1/post/clicks`, click('after'))).status, {
        timeout: 50_000,
        interval: 500,
      })
      .toBe(200);
    // Nothing that was said to be under way is lost.
    expect((await it.users('clicks')).filter((user) => user === 'away').length).toBeGreaterThan(0);
  });

  it('refuses at once where the config says so', async () => {
    await using it = await running({
      'tranquility.blockOnFull': false,
      'tranquility.maxBatchSize': 1,
      'tranquility.maxPendingBatches': 1,
      'http.answerTimeout': 'PT1S',
      'http.stopTimeout': 'PT1S',
    });
    it.sandbox.faults.add({ server: 'task', path: '/push-events', action: { kind: 'hang' }, times: 1000 });
    const many = Array.from({ length: 10 }, (_, n) => click(String(n)));
    expect(await post(`${it.url}/v1/post/clicks`, many)).toMatchObject({
      status: 503,
      retryAfter: '5',
      text: expect.stringMatching(/^Buffer full for dataSource 'clicks'\n/) as string,
    });
    const answer = await fetch(`${it.url}/v1/post/clicks`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: ['{"broken', ...many.map((event) => JSON.stringify(event))].join('\n'),
    });
    expect([answer.status, await answer.text()]).toEqual([
      503,
      expect.stringMatching(/^Buffer full for dataSource 'clicks'\nreceived \d+, sent 0, unparseable 1/),
    ]);
  });
});

it('holds so many bodies with strict at a time, and counts those who leave', async () => {
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (text: string) => void errors.push(text) };
  await using it = await running({ 'http.maxStrictBytes': 1000 }, { logger });
  const { hostname, port } = new URL(it.url);
  const head =
    'POST /v1/post/clicks?strict=1 HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n';
  const holding = Array.from({ length: 16 }, () => connect(Number(port), hostname));
  for (const socket of holding) socket.write(head + ' '.repeat(999));
  const asked = (): Promise<{ status: number; retryAfter: string | null }> =>
    post(`${it.url}/v1/post/clicks?strict=1`, click('a'));
  await expect.poll(asked).toMatchObject({ status: 503, retryAfter: '5' });
  for (const socket of holding) socket.destroy();
  await expect.poll(asked).toMatchObject({ status: 200 });
  const metrics = await (await fetch(`${it.url}/metrics`)).text();
  expect(metrics).toContain('tranquility_http_requests_total{status="aborted"} 16\n');
  expect(metrics).not.toContain('tranquility_http_requests_total{status="500"}');
  expect(await (await fetch(`${it.url}/v1/live`)).json()).toMatchObject({ answers: { aborted: 16 } });
  expect(errors).toEqual([]);
});

describe('a reload', () => {
  it('goes on with the new schema, and loses nothing', async () => {
    await using sandbox = await startSandbox();
    const directory = await mkdtemp(join(tmpdir(), 'server-'));
    try {
      const file = join(directory, 'server.json');
      const write = (names: readonly string[], more: object = {}) =>
        writeFile(file, JSON.stringify(config(sandbox.url, more, names)));
      await write(['clicks', 'web']);
      const warnings: string[] = [];
      await using server = await createServer({
        config: file,
        logger: { ...silentLogger, warn: (text) => void warnings.push(text) },
      });
      const [url] = server.urls;
      const sending = (async () => {
        for (let n = 0; n < 200; n++)
          expect(await post(`${url}/v1/post/clicks`, click(String(n)))).toMatchObject(ok(1));
      })();
      await write(['clicks', 'books'], { 'tranquility.maxBatchSize': 7 });
      expect([...(await server.reload())].sort()).toEqual(['books', 'clicks', 'web']);
      expect(await server.reload()).toEqual([]);
      await sending;
      expect((await post(`${url}/v1/post/web`, click('x'))).status).toBe(400);
      expect(await post(`${url}/v1/post/books`, click('x'))).toMatchObject(ok(1));
      expect(await sandbox.sql('SELECT COUNT(*) AS n FROM clicks')).toEqual([{ n: 200 }]);
      const metrics = await (await fetch(`${url}/metrics`)).text();
      expect(metrics).toContain('tranquility_events_sent_total{dataSource="clicks",lane="realtime"} 200\n');
      await writeFile(file, '{');
      await expect(server.reload()).rejects.toMatchObject({ code: 'TRQ_CONFIG_SYNTAX' });
      expect(await post(`${url}/v1/post/clicks`, click('x'))).toMatchObject(ok(1));
      await write(['clicks'], { 'http.idleTimeout': 'PT1M' });
      await server.reload();
      expect(warnings).toContain(
        'Properties of http.* or https.* have changed; they count from the next start of the server',
      );
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});

describe('a sender that another has taken over from', () => {
  it('keeps its counts while it closes, and what it leaves is told at the stop', async () => {
    await using sandbox = await startSandbox();
    const properties = { 'druid.overlord.urls': sandbox.url, 'http.port': 0, 'http.stopTimeout': 'PT1S' };
    const given = { ...config(sandbox.url), properties };
    await using server = await createServer({ config: given });
    sandbox.faults.add({ server: 'task', path: '/push-events', action: { kind: 'hang' }, times: 1000 });
    await post(`${server.urls[0]}/v1/post/clicks?async=1`, [click('a')]);
    Object.assign(properties, { 'tranquility.maxBatchSize': 7 });
    await server.reload();
    const live = (await (await fetch(`${server.urls[0]}/v1/live`)).json()) as {
      dataSources: { counters: { received: number } }[];
    };
    expect(live.dataSources[0]?.counters.received).toBe(1);
    expect(await server.stop(AbortSignal.abort())).toEqual({
      drained: false,
      left: ['clicks: events were not delivered; 1 failed in all'],
    });
  });
});

describe('the plugin', () => {
  it('stands in an app of one’s own, and leaves its other routes alone', async () => {
    await using sandbox = await startSandbox();
    const app = fastify();
    app.post('/echo', (request) => request.body);
    await app.register(tranquility, {
      prefix: '/druid',
      config: config(sandbox.url),
      mayPost: (request, dataSource) => dataSource === 'clicks' || request.headers['x-key'] === 'yes',
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    expect(await post(`${url}/echo`, { a: 1 })).toMatchObject({ status: 200, text: '{"a":1}' });
    expect(await post(`${url}/druid/v1/post/clicks`, click('a'))).toMatchObject(ok(1));
    expect((await post(`${url}/druid/v1/post/web`, click('a'))).status).toBe(403);
    expect(await post(`${url}/druid/v1/post/web`, click('a'), { 'x-key': 'yes' })).toMatchObject(ok(1));
    await app.close();
    expect(await sandbox.sql('SELECT "user" FROM web')).toEqual([{ user: 'a' }]);
  });
});

describe('a config', () => {
  it('with an address that is taken, or an unknown property', async () => {
    await using first = await createServer({ config: config('http://127.0.0.1:1') });
    const port = Number(new URL(first.urls[0] ?? '').port);
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (text: string) => void warnings.push(text) };
    const second = createServer({
      config: config('http://127.0.0.1:1', { 'http.port': port, 'http.idleTimout': 'PT1S' }),
      logger,
    });
    await expect(second).rejects.toMatchObject({
      code: 'TRQ_LISTEN_FAILED',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
    expect(warnings).toContainEqual(expect.stringContaining('Did you mean "http.idleTimeout"?'));
  });
});
