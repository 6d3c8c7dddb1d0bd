import { mkdtemp, open, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSender, silentLogger, type Outcome, type Sender } from '@tranquility-js/core';
import { configOf, eventsAt } from '@tranquility-js/conformance';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startSandbox, type Sandbox } from '../src/index.js';

const patient = { timeout: 60_000, interval: 20 };

describe('the lane append', () => {
  let sandbox: Sandbox;
  let directory: string;
  let logs: string[];
  const senders: Sender[] = [];

  beforeEach(async () => {
    sandbox = await startSandbox({ version: '33.0.0', kafkaExtension: false });
    directory = await mkdtemp(join(tmpdir(), 'tranquility-append-'));
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(senders.splice(0).map((sender) => sender.close({ timeout: 0, until: 'accepted' })));
    await sandbox.close();
    await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 50 });
  });

  async function sender(
    properties: Record<string, string> = {},
    staged = false,
    dataSource = 'clicks',
  ): Promise<Sender> {
    const config = configOf({
      overlord: sandbox.url,
      dataSource,
      properties: {
        'journal.directory': join(directory, 'journal'),
        'append.endpoint.port': '0',
        'append.maxAge': 'PT0.1S',
        ...properties,
      },
    });
    const log = (level: string) => (message: string) => void logs.push(`${level} ${message}`);
    const made = await createSender({
      config,
      staged,
      logger: { ...silentLogger, error: log('error'), warn: log('warn'), info: log('info') },
    });
    senders.push(made);
    return made;
  }

  const count = async (): Promise<number> => {
    const [row] = await sandbox.sql('SELECT SUM("count") AS c FROM clicks').catch(() => []);
    return Number(row?.['c'] ?? 0);
  };
  const published = (from: Sender): Promise<unknown> => from.close({ timeout: 60_000, until: 'published' });
  const ids = (): string[] => sandbox.tasks.map(({ id }) => id);

  it('is taken where Druid has no realtime tasks, and no Kafka extension', async () => {
    const sink = await sender();
    await sink.sendAll(eventsAt(Date.now(), 10));
    expect(sink.lane).toMatchObject({ lane: 'append', alarms: [], append: { unpublished: 10 } });
    await published(sink);
    expect(await count()).toBe(10);
    expect(logs).toEqual([
      'info clicks goes to Druid by the lane append. Druid 33.0.0 has no realtime tasks, and does not load its Kafka extension.',
    ]);
  });

  it('serves what is too large for a task, to those who show who they are', async () => {
    const properties = {
      'append.inlineBytes': '1000',
      'append.endpoint.user': 'druid',
      'append.endpoint.password': 'secret',
    };
    const sink = await sender(properties);
    await sink.sendAll(eventsAt(Date.now(), 5_000));
    await published(sink);
    expect(await count()).toBe(5_000);
    const [task] = sandbox.tasks;
    const source = JSON.stringify(task?.payload['spec']);
    const [url = ''] = /http:\/\/[^"]+/.exec(source) ?? [];
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/append\/[\w-]{32}\/rows\.json\.gz$/);
  });

  it('has each event once, though answers are lost', async () => {
    const lost = { kind: 'lose-answer' } as const;
    sandbox.faults.add({ server: 'druid', method: 'POST', path: /indexer\/v1\/task$/, action: lost });
    sandbox.faults.add({ server: 'druid', path: /v1\/task\/.*\/status/, times: 2, action: lost });
    const sink = await sender();
    await sink.sendAll(eventsAt(Date.now(), 100));
    await published(sink);
    expect(await count()).toBe(100);
    expect(ids()).toHaveLength(1);
  });

  it('makes no second attempt of what was published, though its task has failed', async () => {
    sandbox.failTasksAtEnd(1);
    const sink = await sender();
    await sink.sendAll(eventsAt(Date.now(), 100));
    await published(sink);
    expect(sandbox.tasks.map(({ status }) => status)).toEqual(['FAILED']);
    expect(await count()).toBe(100);
    expect(logs.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringMatching(/^warn A batch of clicks is not published yet\. The task append_clicks_\S+_1 has failed: /),
    ]);
  });

  it('makes another attempt when a task dies before it has published', async () => {
    sandbox.delayTaskStarts(300);
    const sink = await sender();
    await sink.sendAll(eventsAt(Date.now(), 100));
    await vi.waitFor(() => expect(ids()).toHaveLength(1), patient);
    await sandbox.killTask(ids()[0] ?? '');
    sandbox.delayTaskStarts(0);
    await vi.waitFor(() => expect(sink.lane?.alarms[0]?.message).toContain('has failed'), patient);
    await published(sink);
    expect(sandbox.tasks.map(({ id, status }) => `${id.slice(-1)} ${status}`)).toEqual(['1 FAILED', '2 SUCCESS']);
    expect(await count()).toBe(100);
  });

  it('goes on after a crash with the batches that were under way, under their names', async () => {
    sandbox.delayTaskStarts(500);
    const first = await sender();
    await first.sendAll(eventsAt(Date.now(), 100));
    await vi.waitFor(() => expect(ids()).toHaveLength(1), patient);
    await first.close({ timeout: 0, until: 'accepted' });
    const second = await sender();
    await second.sendAll(eventsAt(Date.now(), 50, 100));
    await published(second);
    expect(await count()).toBe(150);
    expect(ids()).toHaveLength(2);
  });

  it('knows by its segments what was published when Druid has forgotten the task', async () => {
    sandbox.delayTaskStarts(100);
    const first = await sender();
    await first.sendAll(eventsAt(Date.now(), 100));
    await vi.waitFor(() => expect(ids()).toHaveLength(1), patient);
    await first.close({ timeout: 0, until: 'accepted' });
    await vi.waitFor(async () => expect(await count()).toBe(100), patient);
    const [id = ''] = ids();
    const gone = { kind: 'status', status: 404, body: '{}' } as const;
    sandbox.faults.add({ server: 'druid', path: `${id}/status`, action: gone });
    const second = await sender();
    await published(second);
    expect(second.counters.tasksAdopted).toBe(0);
    expect(await count()).toBe(100);
    expect(ids()).toEqual([id]);
  });

  it('waits for a slot, and makes one batch of what comes meanwhile', async () => {
    sandbox.setWorkerCapacity(2);
    sandbox.delayTaskStarts(300);
    const sink = await sender();
    for (let round = 0; round < 5; round++) {
      await sink.sendAll(eventsAt(Date.now(), 100, round * 100));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await published(sink);
    expect(await count()).toBe(500);
    expect(ids().length).toBeLessThan(5);
  });

  it('calls events sent when they are published, where that is asked for', async () => {
    sandbox.delayTaskStarts(300);
    const sink = await sender({ 'append.acknowledge': 'published' });
    expect(await sink.sendAll(eventsAt(Date.now(), 100))).toMatchObject({ sent: 100 });
    expect(await count()).toBe(100);
  });

  it('waits for no others while somebody waits for it', async () => {
    const properties = {
      ...{ 'append.acknowledge': 'published', 'append.maxAge': 'PT1H' },
      ...{ 'tranquility.maxBatchSize': '10', 'tranquility.maxPendingBatches': '2' },
    };
    const sink = await sender(properties);
    const all = sink.sendAll(eventsAt(Date.now(), 100));
    await vi.waitFor(() => expect(sink.counters.sent).toBeGreaterThanOrEqual(80), patient);
    await sink.flush();
    expect(await all).toMatchObject({ sent: 100 });
    expect(await count()).toBe(100);
  });

  it('says of events that are not published at the end that the journal has them', async () => {
    sandbox.delayTaskStarts(60_000);
    const first = await sender({ 'append.acknowledge': 'published' });
    const outcome = first.send(eventsAt(Date.now(), 1)[0]);
    await vi.waitFor(() => expect(ids()).toHaveLength(1), patient);
    expect(await first.close({ timeout: 0 })).toMatchObject({ drained: false, failed: 1 });
    expect(await outcome).toMatchObject({
      status: 'failed',
      error: { code: 'TRQ_ABORTED', message: expect.stringContaining('It is in the journal') as string },
    });
    sandbox.delayTaskStarts(0);
    await sandbox.killTask(ids()[0] ?? '');
    await published(await sender({ 'append.acknowledge': 'published' }));
    expect(await count()).toBe(1);
  });

  it('calls events sent when they can be queried, where that is asked for', async () => {
    const path = /handoffComplete/;
    const notYet = { kind: 'status', status: 200, body: 'false' } as const;
    const fault = sandbox.faults.add({ server: 'druid', path, times: 1_000, action: notYet });
    const sink = await sender({ 'append.acknowledge': 'queryable' });
    const all = sink.sendAll(eventsAt(Date.now(), 100));
    await vi.waitFor(() => expect(sandbox.tasks[0]?.status).toBe('SUCCESS'), patient);
    await vi.waitFor(() => expect(sink.lane?.append?.unpublished).toBe(0), patient);
    expect(sink.counters.sent).toBe(0);
    sandbox.faults.remove(fault);
    const gone = { kind: 'status', status: 404, body: '' } as const;
    const absent = sandbox.faults.add({ server: 'druid', path, times: 1_000, action: gone });
    await vi.waitFor(() => expect(sink.lane?.alarms[0]?.message).toContain('no coordinator'), patient);
    sandbox.faults.remove(absent);
    expect(await all).toMatchObject({ sent: 100 });
    expect(sink.lane?.alarms).toEqual([]);
  });

  it('tells of rows that Druid could not read, and keeps them', async () => {
    const details = ['It is of no use (Record: 3, Line: 3)'];
    const buildSegments = [
      { input: '{n=3}', errorType: 'unparseable', details },
      { input: '{n=4}', errorType: 'processedWithError', details: ['Not a number'] },
    ];
    const rowStats = { buildSegments: { unparseable: 1, processedWithError: 1 } };
    const payload = { rowStats, unparseableEvents: { buildSegments } };
    const body = JSON.stringify({ ingestionStatsAndErrors: { payload } });
    const action = { kind: 'status', status: 200, body } as const;
    sandbox.faults.add({ server: 'druid', path: /reports$/, times: 2, action });
    const path = join(directory, 'letters.jsonl');
    const events = [...eventsAt(Date.now(), 5)];
    const kept = await sender({ 'tranquility.deadLetterPath': path });
    expect(await kept.sendAll(events)).toMatchObject({ sent: 5 });
    await vi.waitFor(
      () => expect(kept.lane?.append).toMatchObject({ unread: 1, partlyRead: 1, unpublished: 0 }),
      patient,
    );
    await published(kept);
    const [letter = '', ...others] = (await readFile(path, 'utf8')).trim().split('\n');
    expect(others).toEqual([]);
    expect(JSON.parse(letter)).toMatchObject({ reason: 'refused', message: details[0], event: { d: 'd2', n: 1 } });
    expect(logs.filter((line) => line.startsWith('error'))).toEqual([
      expect.stringMatching(/Druid could not read 1 rows of clicks, and 1 in part, such as: It is of no use/),
    ]);
    const awaited = await sender({ 'append.acknowledge': 'published' });
    expect(await awaited.sendAll(events)).toMatchObject({ sent: 4, dropped: { refused: 1 } });
  });

  /** A report that says of the third row of a batch that it could not be read. */
  const reportOfThird = (): string => {
    const unparseableEvents = {
      buildSegments: [{ input: '{n=3}', errorType: 'unparseable', details: ['It is of no use (Record: 3, Line: 3)'] }],
    };
    const payload = { rowStats: { buildSegments: { unparseable: 1, processedWithError: 0 } }, unparseableEvents };
    return JSON.stringify({ ingestionStatsAndErrors: { payload } });
  };
  const reports = { server: 'druid', path: /reports$/ } as const;

  it('asks for a report again that is not given at once', async () => {
    sandbox.faults.add({ ...reports, times: 1, action: { kind: 'status', status: 500, body: '' } });
    sandbox.faults.add({ ...reports, times: 1, action: { kind: 'lose-answer' } });
    sandbox.faults.add({ ...reports, times: 1, action: { kind: 'status', status: 404, body: 'not yet' } });
    sandbox.faults.add({ ...reports, times: 1, action: { kind: 'status', status: 200, body: reportOfThird() } });
    const sink = await sender({ 'append.acknowledge': 'published' });
    expect(await sink.sendAll(eventsAt(Date.now(), 5))).toMatchObject({ sent: 4, dropped: { refused: 1 } });
    expect(logs.filter((line) => line.startsWith('warn'))).toEqual([]);
  });

  it('asks for the report of a task, too, that has failed when it had published', async () => {
    sandbox.failTasksAtEnd(1);
    sandbox.faults.add({ ...reports, times: 2, action: { kind: 'status', status: 200, body: reportOfThird() } });
    const sink = await sender({ 'append.acknowledge': 'published' });
    expect(await sink.sendAll(eventsAt(Date.now(), 5))).toMatchObject({ sent: 4, dropped: { refused: 1 } });
    expect(sandbox.tasks.map(({ status }) => status)).toEqual(['FAILED']);
  });

  it('asks for the report of a task, too, that Druid has forgotten', async () => {
    sandbox.delayTaskStarts(100);
    const first = await sender();
    await first.sendAll(eventsAt(Date.now(), 5));
    await vi.waitFor(() => expect(ids()).toHaveLength(1), patient);
    await first.close({ timeout: 0, until: 'accepted' });
    await vi.waitFor(async () => expect(await count()).toBe(5), patient);
    const gone = { kind: 'status', status: 404, body: '{}' } as const;
    sandbox.faults.add({ server: 'druid', path: `${ids()[0] ?? ''}/status`, action: gone });
    sandbox.faults.add({ ...reports, times: 1, action: { kind: 'status', status: 200, body: reportOfThird() } });
    const second = await sender();
    await published(second);
    expect(second.lane?.append).toMatchObject({ unread: 1 });
  });

  it('says of a batch without a report that it is not known whether all its rows could be read', async () => {
    const none = { kind: 'status', status: 404, body: 'No task reports were found.' } as const;
    sandbox.faults.add({ ...reports, times: 1_000, action: none });
    const sink = await sender();
    await sink.sendAll(eventsAt(Date.now(), 5));
    await published(sink);
    expect(logs.filter((line) => line.startsWith('warn'))).toEqual([
      expect.stringMatching(
        /^warn append_clicks_\S+ is published, but its report cannot be had \(.*404 No task reports were found\.\): whether Druid could read all of its 5 rows is not known\./,
      ),
    ]);
  });

  describe('of events that are damaged on disk', () => {
    const lost = { status: 'failed', error: { code: 'TRQ_JOURNAL_FAILED' } };
    const awaited = { 'append.acknowledge': 'published', 'append.maxAge': 'PT1H' };
    const refused = {
      server: 'druid',
      method: 'POST',
      path: /indexer\/v1\/task$/,
      times: 1_000,
      action: { kind: 'status', status: 400, body: '{"error":"not now"}' },
    } as const;
    const running = {
      server: 'druid',
      path: /v1\/task\/.*\/status/,
      times: 1_000,
      action: { kind: 'status', status: 200, body: '{"status":{"statusCode":"RUNNING"}}' },
    } as const;

    /** The files of the journal that hold an event, by its dimension. */
    async function filesWith(dimension: string): Promise<string[]> {
      const partition = join(directory, 'journal', 'append', 'clicks-0');
      const names = await readdir(partition).catch(() => []);
      const paths = names.filter((name) => name.endsWith('.log')).map((name) => join(partition, name));
      const holds = await Promise.all(paths.map(async (path) => (await readFile(path)).includes(`"${dimension}"`)));
      return paths.filter((_, index) => holds[index]);
    }

    /** Sends events so that each is written by itself. */
    async function sendEach(sink: Sender, count: number): Promise<Promise<Outcome>[]> {
      const outcomes: Promise<Outcome>[] = [];
      for (const [index, event] of eventsAt(Date.now(), count).entries()) {
        outcomes.push(sink.send(event));
        await vi.waitFor(() => expect(sink.lane?.append?.unpublished).toBe(index + 1), patient);
      }
      return outcomes;
    }

    async function damage(dimension: string): Promise<void> {
      const [path = ''] = await filesWith(dimension);
      const at = (await readFile(path)).indexOf(`"${dimension}"`);
      const file = await open(path, 'r+');
      await file.write(Buffer.from('x'), 0, 1, at + 1);
      await file.close();
    }

    it('calls none sent, and the others are', async () => {
      const sink = await sender(awaited);
      const outcomes = await sendEach(sink, 4);
      await damage('d0');
      await damage('d2');
      await sink.flush();
      expect(await Promise.all(outcomes)).toMatchObject([lost, { status: 'sent' }, lost, { status: 'sent' }]);
      expect(await count()).toBe(2);
      expect(sink.lane?.append).toMatchObject({ damaged: 2, unread: 0, unpublished: 0 });
    });

    it('calls none of the last sent, and those before when they are published', async () => {
      const fault = sandbox.faults.add(running);
      const sink = await sender({ ...awaited, 'append.maxRows': '1', 'append.maxTasks': '1' });
      const outcomes = await sendEach(sink, 2);
      await vi.waitFor(() => expect(ids()).toHaveLength(1), patient);
      await damage('d1');
      sandbox.faults.remove(fault);
      expect(await Promise.all(outcomes)).toMatchObject([{ status: 'sent' }, lost]);
      expect(await count()).toBe(1);
    });

    it.each([
      ['stand in the task', {}],
      ['are served', { 'append.inlineBytes': '1' }],
    ])(
      'calls none sent that is missing in a batch that was cut off before, and says so, where rows %s',
      async (_, how) => {
        const fault = sandbox.faults.add(refused);
        const sink = await sender({ ...awaited, ...how });
        const outcomes = await sendEach(sink, 3);
        const flushed = sink.flush();
        await vi.waitFor(() => expect(sink.lane?.alarms).toHaveLength(1), patient);
        const [batch] = sink.lane?.append?.batches ?? [];
        expect(batch).toMatchObject({ rows: 3 });
        await damage('d1');
        sandbox.faults.remove(fault);
        await flushed;
        expect(await Promise.all(outcomes)).toMatchObject([{ status: 'sent' }, lost, { status: 'sent' }]);
        expect(await count()).toBe(2);
        expect(ids()).toEqual([batch?.task]);
        expect(sink.lane?.append).toMatchObject({ damaged: 1 });
        expect(logs.filter((line) => line.startsWith('error'))).toEqual([
          expect.stringMatching(/they were 1 rows from offset \d+ on/),
          expect.stringMatching(
            /^error append_clicks_\S+: 1 rows of clicks are not in Druid, as they were damaged in /,
          ),
        ]);
      },
    );

    it.each([
      ['stand in the task', {}, 0],
      ['are served', { 'append.inlineBytes': '1' }, 1],
    ])('is done with a batch of which nothing is left, where rows %s', async (_, how, tasks) => {
      const fault = sandbox.faults.add(refused);
      const sink = await sender({ ...awaited, ...how });
      const outcomes = await sendEach(sink, 1);
      const flushed = sink.flush();
      await vi.waitFor(() => expect(sink.lane?.alarms).toHaveLength(1), patient);
      await damage('d0');
      sandbox.faults.remove(fault);
      await flushed;
      expect(await Promise.all(outcomes)).toMatchObject([lost]);
      expect(ids()).toHaveLength(tasks);
      expect(sink.lane?.append).toMatchObject({ damaged: 1, unpublished: 0 });
      const others = sink.sendAll(eventsAt(Date.now(), 5));
      await sink.flush();
      expect(await others).toMatchObject({ sent: 5 });
      expect(await count()).toBe(5);
    });

    it('tells the right rows of those that Druid could not read, though others were damaged when it had read them', async () => {
      sandbox.faults.add({ ...reports, times: 2, action: { kind: 'status', status: 200, body: reportOfThird() } });
      const fault = sandbox.faults.add(running);
      const sink = await sender(awaited);
      const outcomes = await sendEach(sink, 4);
      const flushed = sink.flush();
      await vi.waitFor(() => expect(sandbox.tasks.map(({ status }) => status)).toEqual(['SUCCESS']), patient);
      await damage('d0');
      sandbox.faults.remove(fault);
      await flushed;
      const unread = { status: 'dropped', reason: 'refused' };
      const all = [{ status: 'sent' }, { status: 'sent' }, unread, { status: 'sent' }];
      expect(await Promise.all(outcomes)).toMatchObject(all);
      expect(sink.lane?.append).toMatchObject({ damaged: 0, unread: 1 });
    });
  });

  it('refuses to call staged events sent later than their source needs', async () => {
    await expect(sender({ 'append.acknowledge': 'published' }, true)).rejects.toMatchObject({
      code: 'TRQ_CONFIG_INVALID',
      message: expect.stringContaining('append.acknowledge is published, but must be journaled here') as string,
    });
  });

  it('appends staged events when their source has let go of them, and none that it gives again', async () => {
    const sink = await sender({}, true);
    await sink.sendAll(eventsAt(Date.now(), 10));
    await sink.staging?.stage('ten');
    await sink.staging?.show();
    await sink.sendAll(eventsAt(Date.now(), 10, 10));
    await vi.waitFor(async () => expect(await count()).toBe(10), patient);
    await sink.staging?.drop();
    await sink.sendAll(eventsAt(Date.now(), 20, 10));
    await sink.staging?.stage('thirty');
    await sink.staging?.show();
    await published(sink);
    expect(await count()).toBe(30);
  });

  it('takes any age, and cuts batches by rows', async () => {
    const day = 86_400_000;
    const sink = await sender({ 'append.maxRows': '100', 'append.maxAge': 'PT1H', 'tranquility.maxBatchSize': '50' });
    for (let round = 0; round < 4; round++) {
      await sink.sendAll(eventsAt(Date.now() - 400 * day - round * day, 100, round * 100));
    }
    await vi.waitFor(async () => expect(await count()).toBe(400), patient);
    await published(sink);
    expect(ids().length).toBeGreaterThanOrEqual(2);
  });

  it('lets others have the slot of a batch that cannot be published', async () => {
    const refused = { kind: 'status', status: 400, body: '{"error":"no such dimension type"}' } as const;
    const path = /indexer\/v1\/task$/;
    const fault = sandbox.faults.add({ server: 'druid', method: 'POST', path, times: 1_000, action: refused });
    const first = await sender({ 'append.maxTasks': '1' });
    await first.sendAll(eventsAt(Date.now(), 10));
    await vi.waitFor(() => expect(first.lane?.alarms).toHaveLength(1), patient);
    const second = await sender({ 'append.maxTasks': '1' }, false, 'views');
    await second.sendAll(eventsAt(Date.now(), 10));
    // It has come as far as Druid, while the other one is in trouble still.
    await vi.waitFor(() => expect(second.lane?.alarms).toHaveLength(1), patient);
    sandbox.faults.remove(fault);
    await Promise.all([published(first), published(second)]);
    expect(await count()).toBe(10);
  });

  it('keeps events while Druid refuses their task, and says why', async () => {
    const refused = { kind: 'status', status: 400, body: '{"error":"no such dimension type"}' } as const;
    const fault = sandbox.faults.add({
      server: 'druid',
      method: 'POST',
      path: /indexer\/v1\/task$/,
      times: 1_000,
      action: refused,
    });
    const sink = await sender();
    await sink.sendAll(eventsAt(Date.now(), 10));
    await vi.waitFor(() => expect(sink.lane?.alarms[0]?.message).toContain('no such dimension type'), patient);
    sandbox.faults.remove(fault);
    await published(sink);
    expect(await count()).toBe(10);
  });
});

describe('late events of the lane realtime', () => {
  const day = 86_400_000;
  let sandbox: Sandbox;
  let directory: string;

  beforeEach(async () => {
    sandbox = await startSandbox({ version: '28.0.0' });
    directory = await mkdtemp(join(tmpdir(), 'tranquility-late-'));
  });
  afterEach(async () => {
    await sandbox.close();
    await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 50 });
  });

  const openSender = (properties: Record<string, string>): Promise<Sender> =>
    createSender({
      config: configOf({
        overlord: sandbox.url,
        dataSource: 'clicks',
        properties: {
          'journal.directory': join(directory, 'journal'),
          'append.endpoint.port': '0',
          'append.maxAge': 'PT0.1S',
          ...properties,
        },
      }),
    });

  it('are appended, beside those that are pushed', async () => {
    const sender = await openSender({ 'tranquility.lateEvents': 'append' });
    const now = Date.now();
    for (const [index, time] of [now, now - 365 * day, now, now - day].entries()) {
      expect(await sender.sendAll(eventsAt(time, 10, index * 10))).toMatchObject({ sent: 10, dropped: {} });
    }
    expect(sender.lane).toMatchObject({ lane: 'realtime', append: {} });
    await sender.close({ timeout: 60_000, until: 'published' });
    const rows = await sandbox.sql('SELECT SUM("count") AS c FROM clicks');
    expect(rows).toEqual([{ c: 40 }]);
    expect(new Set(sandbox.tasks.map(({ type }) => type))).toEqual(new Set(['index_realtime', 'index_parallel']));
  });

  it('that are left over are appended before there is another event, be Druid there or not', async () => {
    const properties = { 'tranquility.lateEvents': 'append' };
    const taskPath = /indexer\/v1\/task$/;
    const refused = { kind: 'status', status: 400, body: '{"error":"not now"}' } as const;
    const fault = sandbox.faults.add({ server: 'druid', path: taskPath, times: 1_000, action: refused });
    const first = await openSender({ ...properties, 'tranquility.lane': 'auto' });
    expect(await first.sendAll(eventsAt(Date.now() - day, 10))).toMatchObject({ sent: 10 });
    await first.close({ timeout: 0, until: 'accepted' });
    sandbox.faults.remove(fault);
    await using second = await openSender(properties);
    await vi.waitFor(async () => {
      const rows = await sandbox.sql('SELECT SUM("count") AS c FROM clicks').catch(() => []);
      expect(rows).toEqual([{ c: 10 }]);
    }, patient);
    expect(second.lane).toBeUndefined();
  });

  it('are kept in a file', async () => {
    const path = join(directory, 'late.jsonl');
    const sender = await openSender({ 'tranquility.lateEvents': 'dead-letter', 'tranquility.deadLetterPath': path });
    const [event] = eventsAt(Date.now() - day, 1);
    expect(await sender.sendAll([event])).toMatchObject({ dropped: { late: 1 } });
    expect(await sender.sendAll([{ no: 'time' }])).toMatchObject({ dropped: { unparseable: 1 } });
    await sender.close();
    const lines = (await readFile(path, 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { dataSource: 'clicks', lane: 'realtime', reason: 'late', event },
    ]);
  });
});
