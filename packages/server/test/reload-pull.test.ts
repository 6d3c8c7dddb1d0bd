import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSender } from '@tranquility-js/core';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createServer } from '../src/index.js';
import { post } from './support/ask.js';
import { click, config, spec } from './support/clicks.js';

let directory: string;
let sandbox: Sandbox;
let file: string;
let pull: Record<string, unknown>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reload-pull-'));
  sandbox = await startSandbox({ version: '33.0.0' });
  file = join(directory, 'server.json');
  pull = { 'journal.directory': join(directory, 'journal'), 'pull.endpoint.port': 0, 'pull.supervisorPeriod': 'PT1S' };
});
afterEach(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

const write = (config: object): Promise<void> => writeFile(file, JSON.stringify(config));

/** The same with another metric. */
function changed(config: object): object {
  const { dataSources, ...rest } = config as { dataSources: object[] };
  const [first, ...others] = dataSources;
  const other = spec('clicks') as { dataSchema: { metricsSpec: object[] } };
  other.dataSchema.metricsSpec.push({ type: 'longSum', name: 'cost', fieldName: 'cost' });
  return { ...rest, dataSources: [{ ...first, spec: other }, ...others] };
}

describe('a reload where Druid pulls', () => {
  it('goes on with the new schema in the same journal, and loses nothing', async () => {
    const before = config(sandbox.url, pull);
    await write(before);
    await using server = await createServer({ config: file });
    const url = `${server.urls[0]}/v1/post/clicks`;
    let [sent, isOver] = [0, false];
    const sending = (async () => {
      while (!isOver) {
        expect(await post(url, click(`user ${sent}`, { cost: 1 }))).toMatchObject({ status: 200 });
        sent++;
      }
    })();
    await vi.waitFor(() => expect(sent).toBeGreaterThan(20), 30_000);
    await write(changed(before));
    expect(await server.reload()).toEqual(['clicks']);
    const sentBefore = sent;
    await vi.waitFor(() => expect(sent).toBeGreaterThan(sentBefore + 20), 30_000);
    await vi.waitFor(async () => {
      const [row] = (await sandbox.sql('SELECT SUM(cost) AS cost FROM clicks')) as { cost: number | null }[];
      expect(row?.cost).toBeGreaterThan(0);
    }, 30_000);
    isOver = true;
    await sending;
    await vi.waitFor(async () => {
      const rows = await sandbox.sql('SELECT COUNT(*) AS n, COUNT(DISTINCT "user") AS d FROM clicks');
      expect(rows).toEqual([{ n: sent, d: sent }]);
    }, 30_000);
  });

  it('leaves a former sender that knows what Druid has read', async () => {
    const wholeConfig = config(sandbox.url, pull);
    const former = await createSender({ config: wholeConfig, dataSource: 'clicks' });
    await using next = await createSender({ config: wholeConfig, dataSource: 'clicks' });
    for (const sender of [former, next]) await sender.send(click('a'));
    await vi.waitFor(async () => {
      expect(await sandbox.sql('SELECT COUNT(*) AS n FROM clicks')).toEqual([{ n: 2 }]);
    }, 30_000);
    expect(await former.close({ timeout: 5_000 })).toMatchObject({ sent: 1, unread: 0 });
  });

  it('is refused where the journal itself would change, and what runs goes on', async () => {
    const before = config(sandbox.url, pull);
    await write(before);
    await using server = await createServer({ config: file });
    const url = `${server.urls[0]}/v1/post/clicks`;
    expect(await post(url, click('a'))).toMatchObject({ status: 200 });
    await write(config(sandbox.url, { ...pull, 'journal.segmentBytes': 100_000 }));
    await expect(server.reload()).rejects.toMatchObject({ code: 'TRQ_CONFIG_INVALID' });
    expect(await post(url, click('b'))).toMatchObject({ status: 200 });
    await vi.waitFor(async () => {
      expect(await sandbox.sql('SELECT COUNT(*) AS n FROM clicks')).toEqual([{ n: 2 }]);
    }, 30_000);
  });

  it('says of a dataSource that is left out that its events stay in the journal', async () => {
    const before = config(sandbox.url, pull) as { dataSources: object[] };
    await write(before);
    await using server = await createServer({ config: file });
    expect(await post(`${server.urls[0]}/v1/post/clicks`, click('a'))).toMatchObject({ status: 200 });
    await write({ ...before, dataSources: before.dataSources.slice(1) });
    await server.reload();
    const { warnings } = (await (await fetch(`${server.urls[0]}/v1/status`)).json()) as { warnings: string[] };
    expect(warnings.join()).toContain('has events of "clicks", which is not in the config');
  });

  it.each([
    ['fails', /druid\.tls\.trustStorePath/],
    ['comes while the server stops', /The server stops/],
  ])('that %s leaves nothing of the new config open', async (what, reason) => {
    const before = config(sandbox.url, pull);
    await write(before);
    const server = await createServer({ config: file });
    expect(await post(`${server.urls[0]}/v1/post/clicks`, click('a'))).toMatchObject({ status: 200 });
    const wrong = changed(before) as { dataSources: [object, object] };
    const [clicks, web] = wrong.dataSources;
    const broken = {
      ...web,
      properties: {
        'druid.overlord.urls': 'https://127.0.0.1:9',
        'druid.tls.enable': true,
        'druid.tls.trustStorePath': join(directory, 'none'),
      },
    };
    await write({ ...wrong, dataSources: [clicks, what === 'fails' ? broken : web] });
    const reload = expect(server.reload()).rejects.toThrow(reason);
    if (what === 'fails') await reload;
    await server.stop();
    await reload;
    // A journal that is still open can be had with the same properties only.
    const other = config(sandbox.url, { ...pull, 'journal.segmentBytes': 100_000 });
    await using successor = await createServer({ config: other });
    expect(await post(`${successor.urls[0]}/v1/post/clicks`, click('b'))).toMatchObject({ status: 200 });
  });
});
