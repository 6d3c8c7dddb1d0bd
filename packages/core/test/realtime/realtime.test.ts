import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createSender,
  silentLogger,
  type Partitioner,
  type Sender,
  type SenderTarget,
  type Undelivered,
} from '../../src/index.js';
import { systemClock } from '../../src/time/clock.js';
import { flights } from '../support/configs.js';
import { ManualClock } from '../support/manual-clock.js';
import { ScriptedDruid } from '@tranquility-js/scripted-druid';

const id = 'index_realtime_flights_2026-03-05T10:00:00.000Z_0_0';
const at = (time: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  time: `2026-03-05T${time}Z`,
  origin: 'SFO',
  destination: 'JFK',
  delay: 1,
  ...more,
});

describe('the realtime lane', () => {
  let druid: ScriptedDruid;
  let clock: ManualClock;
  let undelivered: Undelivered[];
  let logs: string[];
  const senders: Sender[] = [];

  beforeEach(async () => {
    druid = await ScriptedDruid.start();
    clock = new ManualClock('2026-03-05T10:20:00Z');
    undelivered = [];
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.close({ timeout: 0 })));
    await druid[Symbol.asyncDispose]();
  });

  async function sender(properties: Record<string, unknown> = {}, target: Partial<SenderTarget> = {}): Promise<Sender> {
    const made = await createSender({
      config: flights({ 'druid.overlord.urls': druid.url, ...properties }),
      clock,
      onUndelivered: (_, outcome) => undelivered.push(outcome),
      logger: {
        ...silentLogger,
        error: (message) => logs.push(`error ${message}`),
        warn: (message) => logs.push(`warn ${message}`),
      },
      ...target,
    });
    senders.push(made);
    return made;
  }

  it('creates the task of the bucket with the first event, and pushes to it', async () => {
    const flow = await sender();
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect([...druid.tasks.keys()]).toEqual([id]);
    expect(druid.rows).toEqual([at('10:05:00')]);
    expect(flow.counters).toMatchObject({ received: 1, sent: 1, tasksCreated: 1, tasksAdopted: 0, failed: 0 });
  });

  it('submits the task as Tranquility does', async () => {
    await (await sender()).send(at('10:05:00'));
    expect(druid.tasks.get(id)?.payload).toEqual({
      type: 'index_realtime',
      id,
      resource: { availabilityGroup: 'flights-2026-03-05T10:00:00.000Z-0000', requiredCapacity: 1 },
      spec: {
        dataSchema: {
          dataSource: 'flights',
          parser: {
            type: 'map',
            parseSpec: {
              format: 'json',
              timestampSpec: { column: 'time', format: 'auto', missingValue: null },
              dimensionsSpec: { dimensions: ['origin', 'destination'] },
            },
          },
          metricsSpec: [
            { type: 'count', name: 'count' },
            { type: 'longSum', name: 'delay', fieldName: 'delay' },
          ],
          granularitySpec: { type: 'uniform', segmentGranularity: 'HOUR', queryGranularity: 'MINUTE', rollup: true },
        },
        ioConfig: {
          type: 'realtime',
          plumber: null,
          firehose: {
            type: 'clipped',
            interval: '2026-03-05T10:00:00.000Z/2026-03-05T11:00:00.000Z',
            delegate: {
              type: 'timed',
              shutoffTime: '2026-03-05T11:15:00.000Z',
              delegate: {
                type: 'receiver',
                serviceName: 'firehose:druid:overlord:flights-010-0000-0000',
                bufferSize: 100_000,
              },
            },
          },
        },
        tuningConfig: {
          type: 'realtime',
          maxRowsInMemory: 75_000,
          intermediatePersistPeriod: 'PT10M',
          maxPendingPersists: 0,
          windowPeriod: 'PT10M',
          shardSpec: { type: 'linear', partitionNum: 0 },
          rejectionPolicy: { type: 'none' },
        },
      },
    });
  });

  it('hands on granularities that are objects as they are, and cuts buckets by them', async () => {
    const segmentGranularity = { type: 'period', period: 'P1D', timeZone: 'America/Los_Angeles' };
    const queryGranularity = { type: 'duration', duration: 30_000 };
    const granularitySpec = { segmentGranularity, queryGranularity };
    const properties = { 'druid.overlord.urls': druid.url };
    const flow = await sender({}, { config: flights(properties, { dataSchema: { granularitySpec } }) });
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(druid.tasks.get('index_realtime_flights_2026-03-05T08:00:00.000Z_0_0')?.payload).toMatchObject({
      spec: {
        dataSchema: { granularitySpec: { type: 'uniform', segmentGranularity, queryGranularity, rollup: true } },
        ioConfig: {
          firehose: {
            interval: '2026-03-05T08:00:00.000Z/2026-03-06T08:00:00.000Z',
            delegate: { delegate: { serviceName: 'firehose:druid:overlord:flights-416-0000-0000' } },
          },
        },
      },
    });
  });

  it('reads times by a pattern of Joda, and has the task read milliseconds', async () => {
    const properties = { 'druid.overlord.urls': druid.url };
    const config = flights(properties, { timestampSpec: { format: 'dd/MM/yyyy HH:mm' } });
    const flow = await sender({}, { config });
    expect(await flow.send(at('', { time: '05/03/2026 10:05' }))).toEqual({ status: 'sent' });
    expect(druid.rows[0]).toMatchObject({ time: Date.parse('2026-03-05T10:05:00Z') });
    expect(JSON.stringify(druid.tasks.get(id)?.payload)).toContain('"format":"millis"');
  });

  it('takes whole buckets within the window, and drops what is late or early', async () => {
    const flow = await sender();
    clock.advance(35 * 60_000); // 10:55, so that 11h is open and 9h is closed
    const outcomes = await Promise.all(
      ['09:59:59', '10:00:00', '11:59:59', '12:00:00'].map((time) => flow.send(at(time))),
    );
    expect(outcomes.map((outcome) => (outcome.status === 'dropped' ? outcome.reason : outcome.status))).toEqual([
      'late',
      'sent',
      'sent',
      'early',
    ]);
    expect(druid.tasks.size).toBe(2);
    expect(flow.counters.dropped).toEqual({ late: 1, early: 1 });
  });

  it('drops events that it cannot read, and sends their neighbours', async () => {
    const flow = await sender();
    const circular: Record<string, unknown> = at('10:01:00');
    circular['origin'] = circular;
    const tally = await flow.sendAll([
      at('10:01:00'),
      { time: 'soon' },
      { origin: 'SFO' },
      null,
      7,
      circular,
      at('10:02:00'),
    ]);
    expect(tally).toEqual({ received: 7, sent: 2, dropped: { unparseable: 4, unserializable: 1 }, failed: 0 });
    expect(druid.rows).toHaveLength(2);
    expect(undelivered).toHaveLength(5);
  });

  it('writes times that Druid might read otherwise as epoch milliseconds', async () => {
    const flow = await sender();
    const millis = Date.parse('2026-03-05T10:05:00Z');
    const times = [
      '2026-03-05T10:05:00Z',
      millis,
      '2026-03-05T11:05:00+01:00',
      '2026-03-05 10:05:00',
      new Date(millis),
    ];
    await flow.sendAll(times.map((time) => ({ time })));
    expect(druid.rows.map((row) => row['time'])).toEqual([times[0], millis, millis, millis, millis]);
  });

  it('gives tasks the format millis where the user’s would not read the events of others', async () => {
    const flow = await sender(
      {},
      {
        config: flights({ 'druid.overlord.urls': druid.url }, { timestampSpec: { format: 'posix' } }),
      },
    );
    const seconds = Date.parse('2026-03-05T10:05:00Z') / 1000;
    expect(await flow.send({ time: seconds })).toEqual({ status: 'sent' });
    expect(druid.rows).toEqual([{ time: seconds * 1000 }]);
    expect(JSON.stringify(druid.tasks.get(id)?.payload)).toContain('"format":"millis"');
  });

  it('takes over a task that exists, and rewrites times for one that reads only milliseconds', async () => {
    await (await sender()).send(at('10:05:00'));
    const payload = JSON.parse(JSON.stringify(druid.tasks.get(id)?.payload).replace('"auto"', '"millis"')) as Record<
      string,
      unknown
    >;
    druid.tasks.clear();
    const task = druid.addTask(payload);
    const flow = await sender();
    expect(await flow.send(at('10:06:00'))).toEqual({ status: 'sent' });
    expect(flow.counters).toMatchObject({ tasksCreated: 0, tasksAdopted: 1 });
    expect(task.rows[0]?.['time']).toBe(Date.parse('2026-03-05T10:06:00Z'));
  });

  it('refuses a task of its id that does something else', async () => {
    druid.addTask({ type: 'noop', id });
    const outcome = await (await sender()).send(at('10:05:00'));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_TASK_CONFLICT' } });
  });

  it('creates each task once although the answer was lost', async () => {
    let lost = false;
    druid.script = ({ method, path }) => {
      if (lost || method !== 'POST' || !path.endsWith('/task')) return undefined;
      lost = true;
      return 'reset after doing it';
    };
    const flow = await sender();
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(flow.counters).toMatchObject({ tasksCreated: 0, tasksAdopted: 1 });
  });

  it('waits for a task that starts', async () => {
    let polls = 0;
    druid.script = ({ path }) => {
      const task = druid.tasks.get(id);
      if (task !== undefined && path.endsWith('/status') && path.includes(id))
        task.runnerStatus = ++polls < 5 ? 'PENDING' : 'RUNNING';
      return undefined;
    };
    expect(await (await sender()).send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(polls).toBeGreaterThanOrEqual(5);
  });

  it('waits for a task whose receiver is not there yet', async () => {
    let refusals = 4;
    druid.script = ({ path }) =>
      path.endsWith('/push-events') && refusals-- > 0
        ? { status: 400, body: { error: "Can't find chatHandler for handler[x]" } }
        : undefined;
    expect(await (await sender()).send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(druid.rows).toHaveLength(1);
  });

  it.each([
    ['5xx', { status: 503, body: 'busy' } as const],
    ['a reset connection', 'reset' as const],
    ['another task at the place', { status: 200, body: {}, headers: { 'x-druid-task-id': 'another' } } as const],
  ])('tries a push again after %s', async (_, answer) => {
    let failures = 3;
    druid.script = ({ path, body }) =>
      path.endsWith('/push-events') && body !== '[]' && failures-- > 0 ? answer : undefined;
    const flow = await sender();
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(flow.counters.retries).toBe(3);
    expect(druid.rows).toHaveLength(1);
  });

  it('tries until the window closes, and then says that the event failed', async () => {
    druid.script = ({ path, body }) => (path.endsWith('/push-events') && body !== '[]' ? { status: 503 } : undefined);
    const outcome = await (await sender()).send(at('10:05:00'));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_PUSH_FAILED', retryable: true } });
    expect(new Date(clock.now()).toISOString()).toBe('2026-03-05T11:10:00.000Z');
  });

  it('tries only as long as firehoseRetryPeriod says', async () => {
    druid.script = ({ path, body }) => (path.endsWith('/push-events') && body !== '[]' ? { status: 503 } : undefined);
    const before = clock.now();
    await (await sender({ 'druidBeam.firehoseRetryPeriod': 'PT2M' })).send(at('10:05:00'));
    expect(clock.now() - before).toBe(120_000);
  });

  it('finds a single row that Druid cannot read, and sends the others', async () => {
    const events = Array.from({ length: 100 }, (_, index) =>
      at('10:05:00', index === 41 ? { poison: true } : { index }),
    );
    const dimensionsSpec = { dimensions: ['origin', 'index', 'poison'] };
    const flow = await sender(
      {},
      { config: flights({ 'druid.overlord.urls': druid.url }, { dataSchema: { dimensionsSpec } }) },
    );
    const tally = await flow.sendAll(events);
    expect(tally).toMatchObject({ sent: 99, dropped: { refused: 1 }, failed: 0 });
    expect(new Set(druid.rows.map((row) => row['index'])).size).toBe(99);
  });

  it('replaces a task that has failed, and counts what it had acknowledged as lost', async () => {
    const flow = await sender();
    await flow.send(at('10:05:00'));
    Object.assign(druid.tasks.get(id) ?? {}, { status: 'FAILED', errorMsg: 'out of disk' });
    expect(await flow.sendAll([at('10:06:00'), at('10:07:00')])).toMatchObject({ sent: 2, failed: 0 });
    expect([...druid.tasks.keys()]).toEqual([id, `${id}_r1`]);
    expect(druid.tasks.get(`${id}_r1`)?.rows).toHaveLength(2);
    expect(flow.counters).toMatchObject({ sent: 3, lost: 1 });
    expect(logs.join()).toMatch(/error .*out of disk.* It had acknowledged 1 rows/);
  });

  it('replaces a task that the overlord has forgotten', async () => {
    const flow = await sender();
    await flow.send(at('10:05:00'));
    druid.tasks.delete(id);
    expect(await flow.send(at('10:06:00'))).toEqual({ status: 'sent' });
    expect([...druid.tasks.keys()]).toEqual([`${id}_r1`]);
    expect(flow.counters.lost).toBe(1);
    expect(logs.join()).toContain('not known to the overlord any more');
  });

  it('keeps a task that the overlord did not know for a moment, however often', async () => {
    const flow = await sender();
    await flow.send(at('10:05:00'));
    for (const time of ['10:06:00', '10:07:00']) {
      let isAway = true;
      druid.script = ({ path, body }) => {
        if (path.endsWith('/push-events') && body !== '[]' && isAway) return 'reset';
        if (!path.endsWith('/status')) return undefined;
        isAway = false;
        return { status: 404, body: {} };
      };
      expect(await flow.send(at(time))).toEqual({ status: 'sent' });
      clock.advance(20_000);
    }
    expect([...druid.tasks.keys()]).toEqual([id]);
    expect(flow.counters).toMatchObject({ sent: 3, lost: 0 });
  });

  it('finds the replacement that another instance has made', async () => {
    const [one, two] = [await sender(), await sender()];
    await one.send(at('10:05:00'));
    await two.send(at('10:05:00'));
    Object.assign(druid.tasks.get(id) ?? {}, { status: 'FAILED' });
    expect(await one.send(at('10:06:00'))).toEqual({ status: 'sent' });
    expect(await two.send(at('10:06:00'))).toEqual({ status: 'sent' });
    expect(druid.tasks.size).toBe(2);
    expect(two.counters).toMatchObject({ tasksCreated: 0, tasksAdopted: 2 });
  });

  it('replaces a task a few times only: one that keeps failing has a reason', async () => {
    druid.script = () => {
      for (const task of druid.tasks.values()) Object.assign(task, { status: 'FAILED', errorMsg: 'no such extension' });
      return undefined;
    };
    const outcome = await (await sender()).send(at('10:05:00'));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_TASK_GONE' } });
    expect(outcome.status === 'failed' && outcome.error.message).toContain('no such extension');
    expect(druid.tasks.size).toBe(4);
  });

  it.each([
    ['has ended well', 'SUCCESS', 0],
    ['fails after the window has closed', 'FAILED', 55 * 60_000],
  ])('does not replace a task that %s: the new one would hide what it published', async (_, status, later) => {
    const flow = await sender({ 'druidBeam.firehoseRetryPeriod': 'PT1H' });
    await flow.send(at('10:05:00'));
    const late = flow.send(at('10:06:00'));
    clock.advance(later);
    Object.assign(druid.tasks.get(id) ?? {}, { status });
    expect(await late).toMatchObject({ status: 'failed', error: { code: 'TRQ_TASK_GONE' } });
    expect(druid.tasks.size).toBe(1);
  });

  it('spreads events over partitions by their dimensions, each to all replicas', async () => {
    const flow = await sender({ 'task.partitions': 2, 'task.replicants': 2 });
    const events = Array.from({ length: 60 }, (_, index) => at('10:05:00', { origin: `o${index % 6}`, delay: index }));
    expect(await flow.sendAll(events)).toMatchObject({ sent: 60, failed: 0 });
    expect([...druid.tasks.keys()].sort()).toEqual(
      ['_0_0', '_0_1', '_1_0', '_1_1'].map((grid) => id.replace('_0_0', grid)),
    );
    const rows = (grid: string): unknown[] =>
      druid.tasks.get(id.replace('_0_0', grid))?.rows.map((row) => row['delay']) ?? [];
    expect(rows('_0_0')).toEqual(rows('_0_1'));
    expect(rows('_1_0')).toEqual(rows('_1_1'));
    expect([...rows('_0_0'), ...rows('_1_0')].sort((a, b) => Number(a) - Number(b))).toEqual(
      events.map((_, index) => index),
    );
    const partitionOf = new Map(druid.rows.map((row) => [row['origin'], rows('_0_0').includes(row['delay'])]));
    for (const row of druid.rows) expect(rows('_0_0').includes(row['delay'])).toBe(partitionOf.get(row['origin']));
    expect(new Set(partitionOf.values()).size).toBe(2);
  });

  it('goes on with the replica that lives when the other has failed', async () => {
    const flow = await sender({ 'task.replicants': 2 });
    await flow.send(at('10:05:00'));
    Object.assign(druid.tasks.get(id) ?? {}, { status: 'FAILED', errorMsg: 'killed' });
    expect(await flow.send(at('10:06:00'))).toEqual({ status: 'sent' });
    expect(druid.tasks.get(id.replace(/0$/, '1'))?.rows).toHaveLength(2);
    expect(druid.tasks.size).toBe(2);
    expect(flow.counters.lost).toBe(0);
    expect(logs.join()).toMatch(/error The task index_realtime_flights_.*_0_0 failed: killed/);
  });

  it('ends a replica that lives but misses rows, since it might be the one that publishes', async () => {
    druid.script = ({ path, body, headers }) =>
      path.endsWith('/push-events') && body !== '[]' && String(headers['x-druid-task-id']).endsWith('_0_1')
        ? { status: 503 }
        : undefined;
    const flow = await sender({ 'task.replicants': 2 });
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(druid.count(/POST .*_0_1\/shutdown/)).toBe(1);
    expect(logs.join()).toMatch(/error The task .*_0_1 misses rows/);
    expect(await flow.send(at('10:06:00'))).toEqual({ status: 'sent' });
    expect(druid.tasks.get(id)?.rows).toHaveLength(2);
  });

  it('calls nothing sent that a replica misses when the sender is closed, and lets it live', async () => {
    const flow = await sender({ 'task.replicants': 2 }, { clock: systemClock });
    await flow.send({ time: Date.now() });
    const [first, second] = [...druid.tasks.values()];
    druid.script = ({ path }) => (path.endsWith('-0001/push-events') ? { status: 503 } : undefined);
    const outcome = flow.send({ time: Date.now() });
    await vi.waitFor(() => expect(first?.rows).toHaveLength(2));
    await flow.close({ timeout: 0 });
    expect(await outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_ABORTED' } });
    expect(second?.rows).toHaveLength(1);
    expect(druid.count(/POST .*\/shutdown/)).toBe(0);
  });

  it('creates the tasks of the next bucket ahead of time, by the clock', async () => {
    const flow = await sender(
      { 'task.warmingPeriod': 'PT1S' },
      {
        config: flights(
          { 'druid.overlord.urls': druid.url, 'task.warmingPeriod': 'PT1S' },
          {
            dataSchema: { granularitySpec: { segmentGranularity: 'SECOND' } },
          },
        ),
        clock: systemClock,
      },
    );
    await flow.send({ time: Date.now() });
    while (druid.tasks.size < 3) await clock.sleep(1);
    const starts = [...druid.tasks.keys()].map((task) => Date.parse(task.split('_')[3] ?? '')).sort((a, b) => a - b);
    const [first = 0, second = 0, third = 0] = starts;
    expect(second).toBeGreaterThan(first);
    expect(third - second).toBe(1000);
    expect(druid.rows).toHaveLength(1);
  });

  it('closes in time although tasks are being warmed', async () => {
    druid.script = ({ method, path }) => (method === 'POST' && path.endsWith('/task') ? { status: 503 } : undefined);
    const properties = { 'druid.overlord.urls': druid.url, 'task.warmingPeriod': 'PT1S' };
    const flow = await sender(
      {},
      {
        config: flights(properties, { dataSchema: { granularitySpec: { segmentGranularity: 'SECOND' } } }),
        clock: systemClock,
      },
    );
    const now = Date.now();
    const outcomes = [0, 1000, 2000].map((later) => flow.send({ time: now + later }));
    while (druid.count(/POST .*\/task$/) < 3) await systemClock.sleep(5);
    expect(await flow.close({ timeout: 100 })).toMatchObject({ drained: false, failed: 3 });
    for (const outcome of await Promise.all(outcomes))
      expect(outcome).toMatchObject({ error: { code: 'TRQ_ABORTED' } });
  });

  it('asks a partitioner of the caller, with the fields that it wants and no more', async () => {
    const seen: unknown[] = [];
    const partitioner: Partitioner = {
      fields: ['delay'],
      partition: (fields, timestamp, partitions) => {
        seen.push([{ ...fields }, timestamp, partitions]);
        return (fields['delay'] as number) % partitions;
      },
    };
    const flow = await sender({ 'task.partitions': 2 }, { partitioner });
    const events = [4, 5, 6].map((delay) => at('10:05:00', { delay }));
    const bytes = Buffer.from(JSON.stringify(at('10:05:00', { delay: 7 })));
    expect(await flow.sendAll([...events, bytes])).toMatchObject({ received: 4, sent: 4 });
    const delays = (task: string): unknown[] =>
      [...druid.tasks.values()].flatMap((one) => (one.id.endsWith(task) ? one.rows.map((row) => row['delay']) : []));
    expect([delays('_0_0').sort(), delays('_1_0').sort()]).toEqual([
      [4, 6],
      [5, 7],
    ]);
    expect(seen.at(-1)).toEqual([{ delay: 7 }, Date.parse('2026-03-05T10:05:00Z'), 2]);
  });

  it.each<[what: string, choose: () => number, reason: string, message: RegExp]>([
    [
      'throws',
      () => {
        throw new Error('no such airport');
      },
      'unserializable',
      /No partition can be chosen for it: no such airport/,
    ],
    ['gives one that does not exist', () => 2, 'unparseable', /The partitioner chose 2 of 2 partitions/],
    ['gives one below the first', () => -1, 'unparseable', /chose -1 of 2/],
    ['gives a fraction', () => 0.5, 'unparseable', /chose 0\.5 of 2/],
    ['gives no number', () => NaN, 'unparseable', /chose NaN of 2/],
  ])('drops the event for which a partitioner of the caller %s, and no other', async (_, choose, reason, message) => {
    const partitioner: Partitioner = { partition: ({ delay }) => (delay === 13 ? choose() : 1) };
    const flow = await sender({ 'task.partitions': 2 }, { partitioner });
    const tally = await flow.sendAll([1, 13, 2].map((delay) => at('10:05:00', { delay })));
    expect(tally).toMatchObject({ sent: 2, dropped: { [reason]: 1 }, failed: 0 });
    expect(undelivered).toEqual([{ status: 'dropped', reason, message: expect.stringMatching(message) as string }]);
  });

  it('drops an event for which no partition can be chosen, and sends its neighbours', async () => {
    const hostile = {
      ...at('10:05:00'),
      get origin(): string {
        throw new Error('no');
      },
    };
    const tally = await (await sender({ 'task.partitions': 2 })).sendAll([at('10:05:00'), hostile, at('10:06:00')]);
    expect(tally).toMatchObject({ received: 3, sent: 2, dropped: { unserializable: 1 } });
  });

  it('shows what the overlord says when it refuses the task', async () => {
    druid.script = ({ method, path }) =>
      method === 'POST' && path.endsWith('/task')
        ? { status: 400, body: { error: 'Instantiation of Foo failed' } }
        : undefined;
    const outcome = await (await sender()).send(at('10:05:00'));
    expect(outcome).toMatchObject({ status: 'failed', error: { code: 'TRQ_OVERLORD_REFUSED' } });
    expect(outcome.status === 'failed' && outcome.error.message).toContain('Instantiation of Foo failed');
  });

  it('bridges an overlord that is away', async () => {
    let failures = 6;
    druid.script = ({ path }) => (path.startsWith('/druid/indexer') && failures-- > 0 ? 'reset' : undefined);
    expect(await (await sender()).send(at('10:05:00'))).toEqual({ status: 'sent' });
  });

  it('follows the leader', async () => {
    await using follower = await ScriptedDruid.start();
    follower.leads = false;
    follower.script = ({ path }) => (path.endsWith('/leader') ? { status: 200, body: druid.url } : undefined);
    const flow = await sender({ 'druid.overlord.urls': follower.url });
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect(druid.rows).toHaveLength(1);
  });

  it('says when Druid is too new for realtime tasks', async () => {
    druid.version = '33.0.0';
    const flow = await sender({ 'tranquility.lane': 'realtime' });
    await expect(flow.connect()).rejects.toMatchObject({ code: 'TRQ_DRUID_UNSUPPORTED' });
    expect(await flow.send(at('10:05:00'))).toMatchObject({
      status: 'failed',
      error: { code: 'TRQ_DRUID_UNSUPPORTED' },
    });
    expect(druid.tasks.size).toBe(0);
  });

  it('says where it looked when no overlord answers', async () => {
    const flow = await sender({ 'druid.overlord.urls': 'http://127.0.0.1:1' });
    await expect(flow.connect({ timeout: 1_000 })).rejects.toMatchObject({
      code: 'TRQ_OVERLORD_UNREACHABLE',
      message: expect.stringMatching(/http:\/\/127\.0\.0\.1:1.*ECONNREFUSED.*druid\.overlord\.urls/s) as string,
    });
  });

  it('sends Basic credentials with every request', async () => {
    const credentials = new Set<string | undefined>();
    druid.script = ({ headers }) => {
      credentials.add(headers.authorization);
      return undefined;
    };
    const flow = await sender({ 'druidBeam.basicAuthUser': 'u', 'druidBeam.basicAuthPass': 'p:w' });
    expect(await flow.send(at('10:05:00'))).toEqual({ status: 'sent' });
    expect([...credentials]).toEqual([`Basic ${Buffer.from('u:p:w').toString('base64')}`]);
  });

  it.each([
    ['the overlord', '/druid/indexer/v1/task', 'TRQ_OVERLORD_REFUSED'],
    ['the task', '/push-events', 'TRQ_PUSH_REFUSED'],
  ])('gives up at once when %s refuses the credentials, and keeps them out of the error', async (_, place, code) => {
    druid.script = ({ path }) => (path.endsWith(place) ? { status: 401, body: 'Unauthorized' } : undefined);
    const before = clock.now();
    const flow = await sender({ 'druidBeam.basicAuthUser': 'u', 'druidBeam.basicAuthPass': 'hidden' });
    const outcome = await flow.send(at('10:05:00'));
    expect(outcome).toMatchObject({ status: 'failed', error: { code } });
    expect(outcome.status === 'failed' && outcome.error.message).toMatch(/basicAuthUser/);
    expect(inspect(outcome, { depth: Infinity })).not.toContain('hidden');
    expect(clock.now() - before).toBe(0);
  });
});
