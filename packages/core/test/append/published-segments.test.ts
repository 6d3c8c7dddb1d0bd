import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { markOf } from '../../src/append/batch-identity.js';
import { hasPublished, segmentsOfTask } from '../../src/append/published-segments.js';
import { OverlordClient } from '../../src/druid/overlord-client.js';
import { overlordUrls } from '../../src/druid/overlord-addresses.js';
import { parseGranularity } from '../../src/time/granularity.js';
import { MAX_INSTANT } from '../../src/time/civil.js';
import { systemClock } from '../../src/time/clock.js';
import { HttpClient } from '../../src/transport/http-client.js';

interface Asked {
  readonly type: string;
  readonly intervals?: readonly string[];
  readonly interval?: string;
  readonly visibility?: string;
}

let druid: ScriptedDruid;
let http: HttpClient;
let asked: Asked[];

beforeEach(async () => {
  druid = await ScriptedDruid.start();
  http = new HttpClient();
  asked = [];
});
afterEach(async () => {
  await http.close();
  await druid[Symbol.asyncDispose]();
});

const times = { earliest: Date.parse('2026-03-05T10:15:00Z'), latest: Date.parse('2026-03-05T11:15:00Z') };

/** Looks for an attempt with rows of these times, by default from 10:15 to 11:15, in segments of an hour by default. */
async function look(
  used: readonly object[],
  unused: readonly object[],
  { name = 'HOUR', of = times }: { name?: string; of?: typeof times } = {},
): Promise<boolean> {
  druid.script = ({ path, body }) => {
    if (!path.endsWith('/action')) return undefined;
    const { action } = JSON.parse(body) as { action: Asked };
    asked.push(action);
    return { status: 200, body: { result: action.type === 'segmentListUsed' ? used : unused } };
  };
  return hasPublished(overlord(), 'append_clicks_1', placeOf(name), of, patience());
}

const overlord = (): OverlordClient => new OverlordClient(http, overlordUrls([druid.url]));
const patience = () => ({ clock: systemClock, deadline: systemClock.now() + 10_000 });

function placeOf(name: string) {
  const read = parseGranularity(name);
  if (!read.ok) throw new Error(read.reason);
  return { dataSource: 'clicks', segmentGranularity: read.granularity };
}

const segment = (interval: string, mark?: number): object => ({
  ...{ dataSource: 'clicks', interval, version: 'v', shardSpec: { partitionNum: 1 } },
  ...(mark === undefined ? {} : { lastCompactionState: { partitionsSpec: { maxTotalRows: mark } } }),
});
const anHour = '2026-03-05T10:00:00.000Z/2026-03-05T11:00:00.000Z';
const mark = markOf('append_clicks_1');
const eternity = '-146136543-09-08T08:23:32.096Z/146140482-04-24T15:36:27.903Z';

it('what is in use is asked for where the rows are', async () => {
  expect(await look([segment(anHour, 5), segment(anHour, mark)], [])).toBe(true);
  expect(asked).toMatchObject([
    { type: 'segmentListUsed', intervals: ['2026-03-05T10:00:00.000Z/2026-03-05T12:00:00.000Z'] },
  ]);
});

it('what was replaced is looked for in whole days', async () => {
  expect(await look([segment(anHour)], [segment(anHour, mark)])).toBe(true);
  expect(asked[1]).toMatchObject({
    type: 'segmentListUnused',
    interval: '2026-03-05T00:00:00.000Z/2026-03-06T00:00:00.000Z',
  });
});

it.each([
  ['2026-03-01T00:00:00.000Z/2026-04-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z/2026-04-01T00:00:00.000Z'],
  ['2026-03-05T11:00:00.000Z/2026-03-07T11:00:00.000Z', '2026-03-05T00:00:00.000Z/2026-03-08T00:00:00.000Z'],
  [eternity, eternity],
  ['275760-09-01T00:00:00.000Z/275760-10-01T00:00:00.000Z', eternity],
  ['-271821-04-20T00:00:00.000Z/-271821-04-21T00:00:00.000Z', eternity],
])('where a chunk of %s is, it is looked for there', async (chunk, interval) => {
  expect(await look([segment(chunk)], [])).toBe(false);
  expect(asked[1]).toMatchObject({ interval });
});

it.each([
  ['HOUR', MAX_INSTANT],
  ['HOUR', -MAX_INSTANT],
  ['MONTH', MAX_INSTANT],
  ['MONTH', -MAX_INSTANT],
  ['YEAR', MAX_INSTANT - 100 * 86_400_000],
  ['DAY', Date.parse('9999-06-01T00:00:00Z')],
])('in segments of %s, those of a row of the time %d are looked for at any time', async (name, time) => {
  const of = { earliest: Math.min(time, times.earliest), latest: Math.max(time, times.latest) };
  expect(await look([segment(anHour)], [], { name, of })).toBe(false);
  expect(await look([], [segment(anHour, mark)], { name, of })).toBe(true);
  expect(asked).toMatchObject([
    { type: 'segmentListUsed', intervals: [eternity] },
    { type: 'segmentListUnused', interval: eternity },
    { type: 'segmentListUsed', intervals: [eternity] },
    { type: 'segmentListUnused', interval: eternity },
  ]);
  const ours = await segmentsOfTask(overlord(), 'append_clicks_1', placeOf(name), of, patience());
  expect(ours).toEqual([]);
  expect(asked.at(-1)).toMatchObject({ intervals: [eternity], visibility: 'ONLY_VISIBLE' });
});

it.each([
  [Date.parse('2026-03-05T10:15:00Z'), 1.7e16],
  [-1.7e16, Date.parse('2026-03-05T10:15:00Z')],
])('from %d to %d is not cut into buckets, which may not be counted there', async (earliest, latest) => {
  const { dataSource, segmentGranularity } = placeOf('HOUR');
  const bucketStart = (): never => {
    throw new Error('Asked for a bucket.');
  };
  const place = { dataSource, segmentGranularity: { ...segmentGranularity, bucketStart } };
  druid.script = ({ path }) => (path.endsWith('/action') ? { status: 200, body: { result: [] } } : undefined);
  expect(await hasPublished(overlord(), 'append_clicks_1', place, { earliest, latest }, patience())).toBe(false);
});
