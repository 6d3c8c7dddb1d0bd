import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { directorySize } from '../src/console/directory-size.js';
import type { LiveReport } from '../src/console/live.js';
import { RecentTimes } from '../src/console/recent-times.js';
import { Rejections } from '../src/console/rejections.js';
import { createServer, tranquility } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config, running } from './support/clicks.js';

const live = async (url: string): Promise<LiveReport> => (await (await fetch(`${url}/v1/live`)).json()) as LiveReport;

describe('what is kept of events that were not sent', () => {
  it('are counts, and the last few', () => {
    const rejections = new Rejections();
    for (let n = 0; n < 100; n++)
      rejections.add({ dataSource: 'clicks', reason: 'late', message: 'm', event: { n: 'x'.repeat(10_000) } });
    rejections.add({ dataSource: undefined, reason: 'unrouted', message: 'y'.repeat(9999), event: Buffer.from('{}') });
    const [late, unrouted] = rejections.report;
    expect([late?.dataSource, late?.reason, late?.count, late?.samples.length]).toEqual(['clicks', 'late', 100, 8]);
    expect(late?.samples[0]?.event).toHaveLength(400);
    expect(unrouted).toMatchObject({ dataSource: null, count: 1, samples: [{ event: '{}' }] });
    expect(unrouted?.samples[0]?.message).toHaveLength(400);
  });

  it('tells nothing of an event that cannot be written', () => {
    const rejections = new Rejections();
    rejections.add({ dataSource: 'clicks', reason: 'unserializable', message: 'm', event: { n: 1n } });
    expect(rejections.report[0]?.samples[0]?.event).toBeNull();
  });
});

describe('recent times', () => {
  it('are those of ten seconds', () => {
    const times = new RecentTimes();
    expect(times.report(0)).toEqual({ count: 0, p50: null, p99: null });
    for (let n = 1; n <= 200; n++) times.add(n, n * 100);
    expect(times.report(20_000)).toEqual({ count: 101, p50: 150, p99: 199 });
    for (let n = 0; n < 10_000; n++) times.add(7, 20_000);
    expect(times.report(20_000)).toEqual({ count: 4096, p50: 7, p99: 7 });
  });
});

describe('GET /v1/live', () => {
  it('tells of every event that was not sent, with its place', async () => {
    await using it = await running();
    const late = click('late', { time: Date.now() - 10 * 3_600_000 });
    await post(`${it.url}/v1/post/clicks`, [click('a'), late]);
    await post(`${it.url}/v1/post/clicks?strict=true`, [click('b'), late]);
    await post(`${it.url}/v1/post`, [
      { ...late, dataSource: 'web' },
      { ...late, dataSource: 'nobody' },
    ]);
    const body = `${JSON.stringify(click('c'))}\n{"time": }`;
    await fetch(`${it.url}/v1/post/web`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body });
    const { dataSources, answers, rejections } = await live(it.url);
    expect(rejections.map(({ dataSource, reason, count }) => [dataSource, reason, count])).toEqual([
      ['clicks', 'late', 2],
      [null, 'unrouted', 1],
      ['web', 'late', 1],
      ['web', 'unparseable', 1],
    ]);
    expect(rejections[0]?.samples[0]).toMatchObject({ line: 1, event: expect.stringContaining('"late"') as string });
    expect(rejections[3]?.samples[0]).toMatchObject({ line: 2, event: null });
    expect(answers).toEqual({ 200: 1, 400: 3 });
    expect(dataSources.map(({ dataSource, posts }) => [dataSource, posts.count])).toEqual([
      ['clicks', 1],
      ['web', 0],
    ]);
  });
});

describe('the page', () => {
  const browser = { accept: 'text/html,application/xhtml+xml' };

  it('has the place of what is strictly refused, however long the body is', async () => {
    await using it = await running();
    const events = [...Array.from({ length: 5_000 }, (_, n) => click(`user ${n}`)), { user: 'timeless' }];
    const { status, text } = await post(`${it.url}/v1/post/clicks?strict=true`, events);
    expect([status, text]).toEqual([400, expect.stringMatching(/\nreceived 5001, .*\nevent 5000, /) as string]);
    expect(await post(`${it.url}/v1/post/clicks?strict=true`, events.slice(0, -1))).toMatchObject({ status: 200 });
    expect(await it.users('clicks')).toHaveLength(5_000);
  });

  it('comes to browsers, with a strict policy, and its files with it', async () => {
    await using server = await createServer({ config: config('http://127.0.0.1:1') });
    const [url = ''] = server.urls;
    const answer = await fetch(`${url}/`, { headers: browser });
    expect(answer.headers.get('content-type')).toBe('text/html; charset=UTF-8');
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    const page = await answer.text();
    for (const [, path = ''] of page.matchAll(/(?:src|href)="(console\/[^"]+)"/g)) {
      const file = await fetch(`${url}/${path}`);
      expect([path, file.status, file.headers.get('x-content-type-options')]).toEqual([path, 200, 'nosniff']);
    }
    expect((await fetch(`${url}/console/..%2findex.html`)).status).toBe(404);
    expect(await (await fetch(`${url}/`)).text()).toContain('POST /v1/post/DATASOURCE');
  });

  it('works below a prefix', async () => {
    const app = fastify();
    await app.register(tranquility, { prefix: '/druid', config: config('http://127.0.0.1:1') });
    const redirect = await app.inject({ url: '/druid', headers: browser });
    expect([redirect.statusCode, redirect.headers.location]).toEqual([302, 'druid/']);
    const page = await app.inject({ url: '/druid/', headers: browser });
    expect(page.body).toContain('src="console/main.js"');
    expect((await app.inject('/druid/console/main.js')).headers['content-type']).toMatch(/^text\/javascript/);
    await app.close();
  });
});

describe('the status', () => {
  it('has the window, what an event looks like, and what is wrong with the config', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'console-'));
    try {
      const file = join(directory, 'server.json');
      await writeFile(file, JSON.stringify(config('http://127.0.0.1:1', { 'http.idleTimout': 'PT1S' }, ['clicks'])));
      await using server = await createServer({ config: file });
      const status = async () => (await (await fetch(`${server.urls[0]}/v1/status`)).json()) as object;
      const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
      expect(await status()).toMatchObject({
        warnings: [
          expect.stringContaining('Did you mean "http.idleTimeout"?') as string,
          expect.stringContaining('windowPeriod') as string,
        ],
        dataSources: [{ timestampColumn: 'time', dimensions: ['user'], partitions: 1, replicants: 1, alarms: [] }],
      });
      const [{ window }] = ((await status()) as { dataSources: [{ window: { start: string; end: string } }] })
        .dataSources;
      expect(Date.parse(window.start)).toBeLessThanOrEqual(hour);
      expect(Date.parse(window.end)).toBeGreaterThan(hour);
      await writeFile(file, '{');
      await expect(server.reload()).rejects.toMatchObject({ code: 'TRQ_CONFIG_SYNTAX' });
      const { warnings } = (await status()) as { warnings: readonly string[] };
      expect(warnings[2]).toMatch(/^The config was read again, but not taken over, and the one before holds: /);
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('measures what lies in a directory', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'console-'));
    try {
      await writeFile(join(directory, 'a'), '12345');
      expect(await directorySize(directory)).toBe(5);
      expect(await directorySize(join(directory, 'none'))).toBeNull();
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
