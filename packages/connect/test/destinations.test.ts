import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '@tranquility-js/core';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Destinations } from '../src/destinations.js';
import { readPlan } from '../src/read-plan.js';
import { routeProperties } from '../src/route-properties.js';
import { streamProperties } from '../src/properties.js';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'destinations-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** The destinations of a config with one dataSource, of which Druid is never asked. */
async function destinations(own: object): Promise<Destinations<number>> {
  const spec = {
    dataSchema: {
      dataSource: 'clicks',
      timestampSpec: { column: 'time', format: 'auto' },
      dimensionsSpec: { dimensions: [] },
      granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
    },
    tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
  };
  const given = {
    dataSources: [{ spec, properties: { topicPattern: '.*', ...own } }],
    properties: {
      'druid.overlord.urls': 'http://127.0.0.1:9',
      'tranquility.lane': 'realtime',
      'journal.directory': directory,
      'append.endpoint.port': '0',
    },
  };
  const form = {
    noun: 'topic',
    table: { ...routeProperties('topic'), ...streamProperties },
    readClient: () => ({}),
  } as const;
  const { config, overrides, properties } = await readPlan(form, given, {});
  return new Destinations({ config, overrides, properties, logger: silentLogger, hasLetters: () => false });
}

const route = { dataSource: 'clicks', pattern: /./, priority: 1, usesStreamName: true };

it('have one sender for each dataSource, which may be named like the stream', async () => {
  const all = await destinations({});
  const [first, second] = await Promise.all(
    ['0', '1'].map((partition) => all.of({ stream: 'views', partition }, route)),
  );
  const other = await all.of({ stream: 'clicks', partition: '0' }, { ...route, usesStreamName: false });
  expect([first, second, other].map((one) => one?.dataSource)).toEqual(['views', 'views', 'clicks']);
  expect([...all.lanes]).toEqual([
    ['views', 'realtime'],
    ['clicks', 'realtime'],
  ]);
  await all.close(0);
});

it('have a way for late events where they are to be appended', async () => {
  for (const [window, made] of [
    ['drop', []],
    ['append', ['append']],
  ] as const) {
    const all = await destinations({ window });
    await all.of({ stream: 'clicks', partition: '0' }, route);
    expect(await readdir(directory)).toEqual(made);
    await all.close(0);
  }
});

it('give up what waits for its lane, and begin anew', async () => {
  const all = await destinations({ 'tranquility.lane': 'auto' });
  const place = { stream: 'clicks', partition: '0' };
  const first = await all.of(place, route);
  const outcomes: string[] = [];
  const receipt = {
    sent: () => outcomes.push('sent'),
    undelivered: (_: unknown, { status }: { status: string }) => outcomes.push(status),
  };
  first.write({ time: Date.now() }, receipt);
  expect([outcomes, all.counters.get('clicks')?.received]).toEqual([[], 1]);
  const givingUp = all.giveUpUndecided();
  expect(all.counters.get('clicks')?.received).toBe(1);
  await givingUp;
  expect(outcomes).toEqual(['failed']);
  expect(all.counters.get('clicks')).toMatchObject({ received: 1, failed: 1 });
  const second = await all.of(place, route);
  second.write({ time: 'never' }, receipt);
  await vi.waitFor(() => expect(outcomes).toHaveLength(2), 20_000);
  // What was counted stays so: counters only grow.
  expect(all.counters.get('clicks')).toMatchObject({ received: 2, failed: 1, dropped: { unparseable: 1 } });
  await all.giveUpUndecided();
  expect(all.counters.get('clicks')).toMatchObject({ received: 2, failed: 1, dropped: { unparseable: 1 } });
  await all.close(0);
});

it('give up nothing whose lane is known', async () => {
  const all = await destinations({});
  await all.of({ stream: 'clicks', partition: '0' }, route);
  await all.giveUpUndecided();
  expect([...all.lanes]).toEqual([['clicks', 'realtime']]);
  await all.close(0);
});
