import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ManualClock, type Sandbox, type SandboxOptions } from '../src/index.js';
import { get, post, sandboxOf } from './support/sandboxes.js';

const minute = 60_000;
const start = Date.parse('2026-03-05T10:00:00Z');

interface Parts {
  readonly firehose?: object;
  readonly tuning?: object;
  readonly options?: SandboxOptions;
  readonly dimensions?: readonly string[];
}

/** A sandbox at twenty past ten, with one task for the hour. */
async function begin({
  firehose = {},
  tuning = { rejectionPolicy: { type: 'none' } },
  options = {},
  dimensions = ['d'],
}: Parts = {}) {
  const clock = new ManualClock(start + 20 * minute);
  const sandbox = await sandboxOf({ clock, ...options });
  const receiver = { type: 'receiver', serviceName: 'life', bufferSize: 3, ...firehose };
  const timed = { type: 'timed', shutoffTime: new Date(start + 75 * minute).toISOString(), delegate: receiver };
  await post(sandbox, '/druid/indexer/v1/task', {
    type: 'index_realtime',
    id: 'task',
    spec: {
      dataSchema: {
        dataSource: 'life',
        parser: {
          type: 'map',
          parseSpec: { format: 'json', timestampSpec: { column: 't' }, dimensionsSpec: { dimensions } },
        },
        metricsSpec: [{ type: 'count', name: 'count' }],
        granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'NONE' },
      },
      ioConfig: { type: 'realtime', firehose: timed },
      tuningConfig: tuning,
    },
  });
  const { location } = await statusOf(sandbox);
  const chat = `http://127.0.0.1:${location.port}/druid/worker/v1/chat/life`;
  const call = async (path: string, body = ''): Promise<[number, string]> => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${chat}${path}`, { method: 'POST', headers, body });
    return [response.status, await response.text()];
  };
  return {
    clock,
    sandbox,
    push: (...times: number[]) => call('/push-events', JSON.stringify(times.map((t) => ({ t, d: 'x' })))),
    call,
    advance: async (millis: number) => {
      clock.advance(millis);
      await sandbox.settled();
    },
    count: async () => Number((await sandbox.sql('SELECT SUM("count") AS n FROM life'))[0]?.['n']),
  };
}

async function statusOf(
  sandbox: Sandbox,
): Promise<{ statusCode: string; runnerStatusCode: string; location: { port: number } }> {
  const [, answer] = await get(sandbox, '/druid/indexer/v1/task/task/status');
  return (answer as { status: Awaited<ReturnType<typeof statusOf>> }).status;
}

describe('the life of a task', () => {
  it('ends at its shutoff, when its segments are handed over; what it published stays', async () => {
    const { sandbox, push, advance, count } = await begin({ options: { handoffMillis: 5_000 } });
    expect(await push(start, start + 1)).toEqual([200, '{"eventCount":2}']);
    await advance(55 * minute - 1);
    expect((await push())[0]).toBe(200);
    await advance(1);
    expect(await push()).toEqual([400, `{"error":"Can't find chatHandler for handler[life]"}`]);
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'RUNNING' });
    expect(await get(sandbox, '/druid/coordinator/v1/metadata/datasources')).toEqual([200, ['life']]);
    await advance(5_000);
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'SUCCESS', runnerStatusCode: 'NONE' });
    await expect(push()).rejects.toThrow('fetch failed');
    expect(await count()).toBe(2);
  });

  it('may be told another time for its shutoff, again and again', async () => {
    const { sandbox, call, advance } = await begin();
    const at = (minutes: number) => `/shutdown?shutoffTime=${new Date(start + minutes * minute).toISOString()}`;
    expect(await call(at(30))).toEqual([200, '']);
    expect(await call(at(40))).toEqual([200, '']);
    await advance(15 * minute);
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'RUNNING' });
    await advance(5 * minute);
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'SUCCESS' });
  });

  it('ends when nothing was pushed for its maxIdleTime', async () => {
    const { sandbox, push, advance } = await begin({ firehose: { maxIdleTime: 2 * minute } });
    await advance(minute);
    await push(start);
    await advance(minute + 1);
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'RUNNING' });
    await advance(minute);
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'SUCCESS' });
  });

  it('takes by default only what is within its windowPeriod of the clock', async () => {
    const { push, count } = await begin({ tuning: { windowPeriod: 'PT5M' } });
    const now = start + 20 * minute;
    const times = [now - 5 * minute - 1, now - 5 * minute, now, now + 5 * minute, now + 5 * minute + 1];
    expect(await push(...times.slice(0, 3))).toEqual([200, '{"eventCount":3}']);
    expect(await push(...times.slice(3))).toEqual([200, '{"eventCount":2}']);
    expect(await count()).toBe(3);
  });

  it('blocks pushes while its buffer is full, and takes them when it reads on', async () => {
    const { sandbox, push, count } = await begin();
    sandbox.pauseTask('task');
    expect(await push(1, 2, 3)).toEqual([200, '{"eventCount":3}']);
    let answered = false;
    const blocked = push(4, 5).then((answer) => {
      answered = true;
      return answer;
    });
    await sleep(50);
    expect(answered).toBe(false);
    sandbox.resumeTask('task');
    expect(await blocked).toEqual([200, '{"eventCount":2}']);
    expect(await count()).toBe(5);
  });

  it('answers 500 to a push that waits for its buffer when it shuts off; a part of it may be in', async () => {
    const { sandbox, push, call, count } = await begin();
    sandbox.pauseTask('task');
    const blocked = push(1, 2, 3, 4, 5);
    await sleep(50);
    await call('/shutdown');
    const [status, text] = await blocked;
    expect([status, text]).toEqual([500, expect.stringContaining('Cannot add events to closed firehose!')]);
    sandbox.resumeTask('task');
    await sandbox.settled();
    expect(await count()).toBe(3);
  });

  it('is gone at once when it is killed, though the overlord may not have noticed', async () => {
    const { sandbox, push, advance } = await begin();
    await push(start);
    await sandbox.killTask('task', { noticeMillis: 5_000 });
    await expect(push()).rejects.toThrow('fetch failed');
    await expect(sandbox.sql('SELECT * FROM life')).rejects.toThrow("Object 'life' not found");
    expect(await statusOf(sandbox)).toMatchObject({ statusCode: 'RUNNING' });
    await advance(5_000);
    expect(await statusOf(sandbox)).toMatchObject({
      statusCode: 'FAILED',
      errorMsg: expect.stringContaining('exited unsuccessfully with code[137]') as string,
    });
  });

  it('has the same columns in several indexes, in whatever order events name them', async () => {
    const tuning = { rejectionPolicy: { type: 'none' }, maxRowsInMemory: 1 };
    const { sandbox, call } = await begin({ tuning, dimensions: [] });
    for (const event of [
      { a: 'a', b: 'b' },
      { b: 'b', c: 'c' },
      { c: 'c', a: 'a' },
    ]) {
      await call('/push-events', JSON.stringify([{ t: start, ...event }]));
    }
    const rows = [
      { a: null, b: 'b', c: 'c' },
      { a: 'a', b: null, c: 'c' },
      { a: 'a', b: 'b', c: null },
    ];
    expect(await sandbox.sql('SELECT a, b, c FROM life ORDER BY 1, 2, 3')).toEqual(rows);
    await call('/shutdown');
    expect(await sandbox.sql('SELECT a, b, c FROM life ORDER BY 1, 2, 3')).toEqual(rows);
  });

  it('merges what lay in several indexes when it publishes', async () => {
    const tuning = { rejectionPolicy: { type: 'none' }, maxRowsInMemory: 2 };
    const { sandbox, push, call, count } = await begin({ tuning });
    for (let round = 0; round < 3; round++) await push(start, start + 1, start + 2);
    const rows = async () => (await sandbox.sql('SELECT COUNT(*) AS n FROM life'))[0]?.['n'];
    expect(await count()).toBe(9);
    expect(await rows()).toBeGreaterThan(3);
    await call('/shutdown');
    expect(await count()).toBe(9);
    expect(await rows()).toBe(3);
    const [, segments] = await get(sandbox, '/druid/coordinator/v1/datasources/life/segments?full');
    expect(segments).toMatchObject([
      { dimensions: 'd', metrics: 'count', shardSpec: { type: 'linear', partitionNum: 0 } },
    ]);
    const [, simple] = await get(sandbox, '/druid/coordinator/v1/datasources?simple');
    expect(simple).toMatchObject([{ name: 'life', properties: { segments: { count: 1 } } }]);
  });
});
