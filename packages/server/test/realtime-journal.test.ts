import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '@tranquility-js/core/internal';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { createServer, type ServerOptions } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config } from './support/clicks.js';

describe('a server with a journal before the lane realtime', () => {
  let directory: string;
  let sandbox: Sandbox;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tranquility-server-'));
    sandbox = await startSandbox();
  });
  afterEach(async () => {
    await sandbox[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  const start = (
    druid: string,
    properties: object = {},
    options: Partial<ServerOptions> = {},
  ): ReturnType<typeof createServer> =>
    createServer({
      config: config(druid, {
        'journal.directory': join(directory, 'journal'),
        'journal.minFreeBytes': 0,
        'realtime.journal': true,
        'http.stopTimeout': 'PT0.1S',
        ...properties,
      }),
      ...options,
    });
  const metric = async (url: string, name: string): Promise<string | undefined> =>
    new RegExp(`^${name}{dataSource="clicks".*} (.+)$`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1];
  const users = async (): Promise<readonly string[]> => {
    const rows = (await sandbox.sql('SELECT "user" FROM "clicks"')) as { user: string }[];
    return rows.map(({ user }) => user);
  };
  const all = Array.from({ length: 20 }, (_, n) => `user ${n}`);

  it.each(['', '?async=true'])(
    'answers a POST to …/clicks%s when the events are on disk, and Druid has them later',
    async (query) => {
      const away = await start('http://127.0.0.1:9');
      const sent = query === '' ? all.length : 0;
      expect(
        await post(
          `${away.urls[0]}/v1/post/clicks${query}`,
          all.map((user) => click(user)),
        ),
      ).toMatchObject({
        status: 200,
        text: JSON.stringify({ result: { received: all.length, sent } }),
      });
      await away.stop();
      await using server = await start(sandbox.url);
      const url = server.urls[0] ?? '';
      await vi.waitFor(async () => expect(await users()).toHaveLength(all.length), 20_000);
      expect((await users()).toSorted()).toEqual(all.toSorted());
      await vi.waitFor(async () => expect(await metric(url, 'tranquility_journal_waiting_events')).toBe('0'), 20_000);
      const status = (await (await fetch(`${url}/v1/status`)).json()) as object;
      expect(status).toMatchObject({
        dataSources: [
          { lane: 'realtime', waiting: 0, journal: { directory: join(directory, 'journal', 'realtime') } },
          { dataSource: 'web' },
        ],
      });
    },
  );

  it('keeps those that are too late when they come out of it among the dead letters', async () => {
    const away = await start('http://127.0.0.1:9');
    await post(`${away.urls[0]}/v1/post/clicks?async=true`, [click('ada')]);
    await away.stop();
    const path = join(directory, 'letters.ndjson');
    const clock = { ...systemClock, now: () => Date.now() + 24 * 3_600_000 };
    await using server = await start(sandbox.url, { 'http.deadLetterPath': path }, { clock });
    const url = server.urls[0] ?? '';
    await vi.waitFor(async () => expect(await readFile(path, 'utf8')).not.toBe(''), 20_000);
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
      dataSource: 'clicks',
      reason: 'late',
      event: { user: 'ada' },
    });
    expect(await metric(url, 'tranquility_events_dropped_total')).toBe('1');
    const live = (await (await fetch(`${url}/v1/live`)).json()) as object;
    expect(live).toMatchObject({ rejections: [{ dataSource: 'clicks', reason: 'late', count: 1 }] });
  });
});
