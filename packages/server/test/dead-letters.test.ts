import { mkdtemp, readFile, rm, symlink, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fastify } from 'fastify';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createServer, tranquility } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config, running } from './support/clicks.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tranquility-letters-'));
  path = join(directory, 'letters.ndjson');
});
afterEach(() => rm(directory, { recursive: true }));

const letters = async (): Promise<unknown[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);

const send = (url: string, type: string, body: string): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': type }, body });

describe('dead letters', () => {
  it('are there, of every kind, when the POST is answered', async () => {
    await using it = await running({ 'http.deadLetterPath': path });
    const old = { time: '2001-01-01T00:00:00Z', user: 'old' };
    const body = [JSON.stringify(old), '{"user":', JSON.stringify({ user: 'timeless' }), JSON.stringify(click('a'))];
    await send(`${it.url}/v1/post/clicks`, 'application/x-ndjson', body.join('\n'));
    await post(`${it.url}/v1/post`, [
      { ...old, feed: 'web' },
      { ...old, feed: 'nobody' },
    ]);
    const found = await letters();
    expect(found).toHaveLength(5);
    expect(found).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ dataSource: 'clicks', lane: null, reason: 'unparseable', event: '{"user":' }),
        expect.objectContaining({ dataSource: 'clicks', reason: 'late', event: old }),
        expect.objectContaining({ dataSource: 'clicks', reason: 'unparseable', event: { user: 'timeless' } }),
        expect.objectContaining({ dataSource: 'web', reason: 'late', event: { ...old, feed: 'web' } }),
        expect.objectContaining({ dataSource: null, reason: 'unrouted', event: { ...old, feed: 'nobody' } }),
      ]),
    );
  });

  it('are none of a strict POST: its sender keeps the events', async () => {
    await using it = await running({ 'http.deadLetterPath': path });
    expect(await post(`${it.url}/v1/post/clicks?strict=1`, [{ user: 'timeless' }])).toMatchObject({ status: 400 });
    expect(await letters()).toEqual([]);
    await post(`${it.url}/v1/post/clicks`, [{ user: 'timeless' }]);
    expect(await letters()).toHaveLength(1);
  });

  it('have what the server could not send before it ended', async () => {
    const server = await createServer({
      config: config('http://127.0.0.1:9', { 'http.deadLetterPath': path, 'http.stopTimeout': 'PT0.1S' }),
    });
    const answer = post(`${server.urls[0]}/v1/post/clicks?async=1`, [click('a')]).catch(() => undefined);
    await vi.waitFor(async () => {
      const live = (await (await fetch(`${server.urls[0]}/v1/live`)).json()) as object;
      expect(live).toMatchObject({ dataSources: [{ counters: { received: 1 } }, {}] });
    }, 20_000);
    await server.stop();
    await answer;
    expect(await letters()).toMatchObject([{ dataSource: 'clicks', reason: 'failed', event: { user: 'a' } }]);
  });

  it('are kept by the plugin too', async () => {
    await using it = await running();
    const app = fastify();
    await app.register(tranquility, { config: config(it.sandbox.url, { 'http.deadLetterPath': path }) });
    await app.inject({ method: 'POST', url: '/v1/post/clicks', payload: [{ user: 'timeless' }] });
    await app.close();
    expect(await letters()).toHaveLength(1);
  });

  it('that the plugin cannot keep leave nothing of it open', async () => {
    const journal = { 'realtime.journal': true, 'journal.directory': join(directory, 'journal') };
    const refused = config('http://127.0.0.1:9', { ...journal, 'http.deadLetterPath': directory });
    const app = fastify().register(tranquility, { config: refused });
    await expect(app.ready()).rejects.toThrow(/http\.deadLetterPath: the file cannot be opened/);
    // A journal that is still open can be had with the same properties only.
    const other = config('http://127.0.0.1:9', { ...journal, 'journal.segmentBytes': 100_000 });
    await using server = await createServer({ config: other });
    expect(server.urls).toHaveLength(1);
  });

  it('that cannot be kept are told of', async () => {
    const refused = createServer({ config: config('http://127.0.0.1:9', { 'http.deadLetterPath': directory }) });
    await expect(refused).rejects.toThrow(/http\.deadLetterPath: the file cannot be opened/);
    await using it = await running({ 'http.deadLetterPath': '/dev/full' });
    expect(await post(`${it.url}/v1/post/clicks`, [{ user: 'timeless' }])).toMatchObject({ status: 200 });
    const status = (await (await fetch(`${it.url}/v1/status`)).json()) as object;
    expect(JSON.stringify(status)).toContain('http.deadLetterPath: events that are missing in /dev/full: 1');
  });

  it('are told of for as long as they cannot be kept', async () => {
    await symlink('/dev/full', path);
    await using it = await running({ 'http.deadLetterPath': path });
    const warnings = async (): Promise<readonly string[]> => {
      const status = (await (await fetch(`${it.url}/v1/status`)).json()) as { readonly warnings: readonly string[] };
      return status.warnings.filter((text) => text.startsWith('http.deadLetterPath'));
    };
    for (const count of [1, 2]) {
      await post(`${it.url}/v1/post/clicks`, [{ user: 'timeless' }]);
      expect(await warnings()).toEqual([
        expect.stringContaining(`events that are missing in ${path}: ${count}, as it cannot be written`),
      ]);
    }
    await unlink(path);
    expect(await warnings()).toEqual([]);
    expect(await letters()).toHaveLength(2);
  });
});
