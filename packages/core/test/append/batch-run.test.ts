import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { markOf } from '../../src/append/batch-identity.js';
import { BatchPlan } from '../../src/append/batch-plan.js';
import { BatchRun } from '../../src/append/batch-run.js';
import { chooseDataSource, readConfig } from '../../src/config/config.js';
import { OverlordClient } from '../../src/druid/overlord-client.js';
import { overlordUrls } from '../../src/druid/overlord-addresses.js';
import { systemFiles } from '../../src/journal/file-system.js';
import { Counters } from '../../src/observe/counters.js';
import { silentLogger } from '../../src/observe/logger.js';
import { HttpClient } from '../../src/transport/http-client.js';
import { flights } from '../support/configs.js';
import { ManualClock } from '../support/manual-clock.js';

let druid: ScriptedDruid;
let http: HttpClient;
let directory: string;
let plan: BatchPlan;
let clock: ManualClock;
let told: (string | undefined)[];
let ending: AbortController;

beforeEach(async () => {
  druid = await ScriptedDruid.start();
  http = new HttpClient();
  directory = await mkdtemp(join(tmpdir(), 'tranquility-run-'));
  plan = await BatchPlan.open(systemFiles, directory, 'flights.batches', 0);
  clock = new ManualClock();
  told = [];
  ending = new AbortController();
});
afterEach(async () => {
  ending.abort();
  await http.close();
  await druid[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const { spec } = chooseDataSource(readConfig(flights({ 'druid.overlord.urls': 'http://o:1' })), undefined);

/** A batch with rows until this time. */
async function runOf(latest: number): Promise<BatchRun> {
  const batch = await plan.add({ from: 0, to: 9, rows: 9, bytes: 99, earliest: clock.now(), latest });
  const overlord = new OverlordClient(http, overlordUrls([druid.url]));
  const task = (id: string) => Promise.resolve({ type: 'index_parallel', id });
  const driver = { spec, overlord, counters: new Counters(), task };
  return new BatchRun(
    {
      ...{ dataSource: 'flights', journal: '01234567-89ab', plan, clock, logger: silentLogger },
      driver: () => driver,
      onTrouble: (trouble) => void told.push(trouble?.message),
      onUnread: () => Promise.reject(new Error('Nothing is unread.')),
      rest: (millis) => clock.sleep(millis),
      signal: ending.signal,
    },
    batch,
  );
}

describe('the attempts of a batch', () => {
  it.each([Date.parse('2026-03-05T11:15:00Z'), 8.64e15])(
    'go on where one has failed, with rows until %d',
    async (latest) => {
      const run = await runOf(latest);
      druid.script = ({ path }) => {
        if (path.endsWith('/action')) return { status: 200, body: { result: [] } };
        if (path.endsWith('/reports')) return { status: 200, body: { ingestionStatsAndErrors: { payload: {} } } };
        if (path.endsWith('_1/status')) return { status: 200, body: { status: { statusCode: 'FAILED' } } };
        if (path.endsWith('_2/status')) return { status: 200, body: { status: { statusCode: 'SUCCESS' } } };
        return undefined;
      };
      await run.done(false);
      expect(run.batch.attempt).toBe(2);
      expect([...new Set(told)]).toEqual([expect.stringMatching(/_1 has failed: no reason is given$/)]);
    },
  );
});

describe('until a batch can be queried', () => {
  const segment = (taskId: string, partitionNum: number) => ({
    ...{ dataSource: 'flights', interval: '2026-03-05T10:00:00.000Z/2026-03-05T11:00:00.000Z', version: 'v' },
    ...{ shardSpec: { partitionNum }, lastCompactionState: { partitionsSpec: { maxTotalRows: markOf(taskId) } } },
  });

  /** Has two segments, of which the first is loaded at once and the second at a time. */
  async function follow(visible: (first: number) => number[], secondIsLoadedAt: number) {
    const run = await runOf(Date.parse('2026-03-05T10:40:00Z'));
    const began = clock.now();
    let looks = 0;
    const asked = new Map<string, number>();
    druid.script = ({ path }) => {
      if (path.endsWith('/action')) {
        const result = visible(++looks).map((partition) => segment(run.taskId, partition));
        return { status: 200, body: { result } };
      }
      const partition = /handoffComplete.*partitionNumber=(\d)/.exec(path)?.[1];
      if (partition === undefined) return undefined;
      asked.set(partition, (asked.get(partition) ?? 0) + 1);
      return { status: 200, body: partition === '0' || clock.now() - began >= secondIsLoadedAt };
    };
    await run.untilQueryable();
    return { looks, waited: clock.now() - began, firstWasAskedFor: asked.get('0') };
  }

  it('what is loaded is not asked for again, and the segments are asked for each half minute', async () => {
    const { looks, waited, firstWasAskedFor } = await follow(() => [0, 1], 65_000);
    expect({ looks, firstWasAskedFor }).toEqual({ looks: 3, firstWasAskedFor: 1 });
    expect(waited).toBeGreaterThanOrEqual(65_000);
    expect(waited).toBeLessThan(70_000);
  });

  it('what is replaced or taken out of use before it was loaded is waited for no longer', async () => {
    const { looks, waited } = await follow((look) => (look === 1 ? [0, 1] : [0]), Infinity);
    expect(looks).toBe(2);
    expect(waited).toBeLessThan(35_000);
  });
});
