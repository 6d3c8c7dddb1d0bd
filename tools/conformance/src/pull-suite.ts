import { isDeepStrictEqual } from 'node:util';
import { MemoryLog } from '@tranquility-js/scripted-druid';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { Druid } from './druid.js';
import { NumberedRows, type Tally } from './numbered-rows.js';
import { aMinute, PullLane } from './pull-lane.js';
import { newName, type Target } from './target.js';

/** A Druid with its Kafka extension, for one suite. */
export interface PullDruid extends AsyncDisposable {
  readonly target: Target;
}

const root = '/druid/indexer/v1/supervisor';
const base = 7_350_000_000_000_000;

/**
 * What a Kafka supervisor makes of our endpoint, by the same requests for the sandbox and for a real Druid 33: every row is seen once,
 * whatever happens to tasks, endpoint and schema. The tests follow each other.
 */
export function pullSuite(startDruid: () => Promise<PullDruid>): void {
  const dataSource = newName('pulled');
  let started: PullDruid;
  let druid: Druid;
  let lane: PullLane;
  const logs = [new MemoryLog(), new MemoryLog(base)] as const;
  const rows = new NumberedRows(2, (partition, batch) => {
    logs[partition === 0 ? 0 : 1].append(batch, { timestamp: Date.now() });
  });
  /** Rows that are there without a number that counts. */
  let zeros = 0;

  beforeAll(async () => {
    started = await startDruid();
    druid = new Druid(started.target);
    const partitions = logs.map((log) => ({ leader: 0, log }));
    lane = await PullLane.open({ overlord: started.target.overlord, dataSource, partitions, taskCount: 2 });
  });
  beforeEach(() => {
    onTestFailed(async () => {
      const [status, tasks] = [await druid.get(`${root}/${dataSource}/status`), await druid.tasksOf(dataSource)];
      process.stderr.write(`The supervisor: ${status.text}\nIts tasks: ${JSON.stringify(tasks)}\n`);
    });
  });
  afterAll(async () => {
    await druid.endTasks(dataSource);
    await lane[Symbol.asyncDispose]();
    await started[Symbol.asyncDispose]();
  });

  /** While tasks change places, Druid fails queries for a moment. */
  const found = async (): Promise<Tally> => {
    const reply = await druid.sqlReply({
      query: `SELECT COUNT(*) AS c, SUM("n") AS s FROM "${dataSource}"`,
      context: { useCache: false },
    });
    const [row] = reply.status === 200 ? (reply.json as { c: unknown; s: unknown }[]) : [];
    return { rows: Number(row?.c ?? 0) - zeros, sum: Number(row?.s ?? 0) };
  };
  /** While tasks begin, Druid may count rows, and have no sum yet. */
  const arrived = (): Promise<Tally> => druid.until(found, (tally) => isDeepStrictEqual(tally, rows.expected));
  const tasksIn = async (status: string): Promise<string[]> =>
    Object.entries(await druid.tasksOf(dataSource)).flatMap(([id, code]) => (code === status ? [id] : []));
  /** No task has read, or publishes. */
  const noneRuns = async (): Promise<void> => {
    const left = await druid.until(
      () => tasksIn('RUNNING'),
      (tasks) => tasks.length === 0,
    );
    expect(left).toEqual([]);
  };
  /** Lets the tasks that are there publish, and waits until they have. */
  const handOver = async (): Promise<void> => {
    const before = await tasksIn('RUNNING');
    expect((await act('taskGroups/handoff', { taskGroupIds: [0, 1] })).status).toBe(200);
    const left = await druid.until(
      async () => (await tasksIn('RUNNING')).filter((task) => before.includes(task)),
      (tasks) => tasks.length === 0,
    );
    expect(left).toEqual([]);
  };
  const isAllRead = (offsets: ReadonlyMap<number, number>): boolean =>
    logs.every(({ endOffset }, partition) => offsets.get(partition) === endOffset);
  const act = (what: string, body: unknown = {}) => druid.post(`${root}/${dataSource}/${what}`, body);

  describe('a Kafka supervisor', () => {
    it('is refused where its spec says no servers, and is not known where there is none', async () => {
      const { status, json } = await druid.post(root, {
        type: 'kafka',
        spec: {
          dataSchema: { dataSource, timestampSpec: {}, dimensionsSpec: {}, metricsSpec: [], granularitySpec: {} },
          ioConfig: { topic: dataSource, consumerProperties: {}, inputFormat: { type: 'json' } },
          tuningConfig: { type: 'kafka' },
        },
      });
      expect(status).toBe(400);
      expect((json as { error: string }).error).toContain('must contain entry for [bootstrap.servers]');
      const unknown = { status: 404, text: `Cannot find any supervisor with id: [${dataSource}]` };
      expect(await druid.get(`${root}/${dataSource}`)).toMatchObject(unknown);
      expect(await druid.get(`${root}/${dataSource}/status`)).toMatchObject(unknown);
      expect(await act('suspend')).toMatchObject(unknown);
      expect(await act('terminate')).toMatchObject(unknown);
      expect(await act('taskGroups/handoff', { taskGroupIds: [0] })).toMatchObject(unknown);
      expect((await druid.get(root)).json).not.toContain(dataSource);
    });

    it('reads what was there before it, and what comes, though two make it at once', async () => {
      await rows.append(20_000);
      const both = [lane.supervisor(['page']), lane.supervisor(['page'])];
      expect(await Promise.all(both.map((each) => each.ensure(aMinute())))).toContain('created');
      expect(await arrived()).toEqual(rows.expected);
      expect(Object.values(await druid.tasksOf(dataSource))).toEqual(['RUNNING', 'RUNNING']);
      await rows.append(20_000);
      expect(await arrived()).toEqual(rows.expected);
      expect(lane.endpoint.reading(dataSource, 1)?.gaps).toEqual([]);
      expect((await druid.get(root)).json).toContain(dataSource);
    });

    it('is left alone when it is as it should be, and says how far it is', async () => {
      const before = await tasksIn('RUNNING');
      expect(before).toHaveLength(2);
      const other = lane.supervisor(['page']);
      expect(await other.ensure(aMinute())).toBe('unchanged');
      expect(await tasksIn('RUNNING')).toEqual(before);
      const status = await druid.until(
        () => other.status(aMinute()),
        (told) => told !== undefined && isAllRead(told.currentOffsets),
      );
      expect(status).toMatchObject({ state: 'RUNNING', detailedState: 'RUNNING', healthy: true, errors: [] });
      expect([...(status?.tasks ?? [])].sort()).toEqual(before);
      expect(status?.oldestNeeded.get(0)).toBe(0);
      expect(await druid.get(`${root}/${dataSource}/health`)).toMatchObject({ status: 200, json: { healthy: true } });
    });

    it('tells of its tasks and of its stream', async () => {
      const { json } = await druid.until(
        () => druid.get(`${root}/${dataSource}/status`),
        (reply) => latestOf(reply.json)?.['0'] === logs[0].endOffset,
      );
      expect(json).toMatchObject({
        id: dataSource,
        payload: {
          ...{ dataSource, stream: dataSource, partitions: 2, replicas: 1, durationSeconds: 3_600, suspended: false },
          latestOffsets: { 0: logs[0].endOffset, 1: logs[1].endOffset },
          minimumLag: { 0: 0, 1: 0 },
          publishingTasks: [],
        },
      });
      const { activeTasks } = (json as { payload: { activeTasks: Record<string, unknown>[] } }).payload;
      expect(activeTasks).toHaveLength(2);
      for (const task of activeTasks) {
        expect(Object.keys(task).sort()).toEqual([
          ...['currentOffsets', 'id', 'lag', 'remainingSeconds', 'startTime', 'startingOffsets', 'type'],
        ]);
        expect(task['type']).toBe('ACTIVE');
      }
    });

    it('reads on from an endpoint that ends and comes back', async () => {
      await lane.restart(() => rows.append(5_000));
      await rows.append(5_000);
      expect(await arrived()).toEqual(rows.expected);
    });

    it('reads again what a task had that is gone', async () => {
      const [lost = ''] = await tasksIn('RUNNING');
      expect((await druid.post(`/druid/indexer/v1/task/${lost}/shutdown`, {})).status).toBe(200);
      await rows.append(2_000);
      const told = await druid.until(
        () => lane.supervisor(['page']).status(aMinute()),
        (status) => status?.tasks.includes(lost) === false && isAllRead(status.currentOffsets),
      );
      // An Indexer may answer from what the lost task had, as long as the next one has not published the same segments.
      await handOver();
      expect(await tasksIn('SUCCESS')).toEqual(expect.arrayContaining([...(told?.tasks ?? [])]));
      expect(await arrived()).toEqual(rows.expected);
      expect(await tasksIn('FAILED')).toEqual([lost]);
    });

    it('hands a group over to the next, early', async () => {
      // A task that has read nothing has nothing to publish.
      await rows.append(2_000);
      expect(await arrived()).toEqual(rows.expected);
      const before = await tasksIn('RUNNING');
      const done = await tasksIn('SUCCESS');
      expect(await act('taskGroups/handoff', { taskGroupIds: [] })).toMatchObject({
        status: 400,
        json: { error: "List of task groups to handoff can't be empty" },
      });
      expect((await act('taskGroups/handoff', { taskGroupIds: [0] })).status).toBe(200);
      const ended = await druid.until(
        async () => (await tasksIn('SUCCESS')).filter((task) => !done.includes(task)),
        (tasks) => tasks.length > 0,
      );
      expect(ended).toEqual([expect.toBeOneOf(before)]);
      await rows.append(2_000);
      expect(await arrived()).toEqual(rows.expected);
    });

    it('with another schema loses no event, and has it for those behind', async () => {
      await rows.append(2_000, { user: 'of no column yet' });
      expect(await arrived()).toEqual(rows.expected);
      expect(await lane.supervisor(['page', 'user']).ensure(aMinute())).toBe('updated');
      await rows.append(3_000, { user: 'somebody' });
      expect(await arrived()).toEqual(rows.expected);
      const query = `SELECT "user" AS who, COUNT(*) AS c FROM "${dataSource}" WHERE "user" IS NOT NULL GROUP BY 1`;
      const users = await druid.until(
        () => druid.sqlReply({ query, context: { useCache: false } }),
        ({ status, json }) => status === 200 && (json as unknown[]).length > 0,
      );
      expect(users.json).toEqual([{ who: 'somebody', c: 3_000 }]);
    });

    it('reads on where a log that was lost begins, and its gap is told', async () => {
      // Should a task fail, Druid asks again for all that is not published: that is gone then.
      await handOver();
      const end = logs[0].endOffset;
      logs[0].append(['{"time":"2030-01-01T00:00:00Z","n":0,"page":"p"}'], { offset: base });
      logs[0].trim(base);
      zeros = 1;
      await rows.append(1, {}, 1);
      expect(await arrived()).toEqual(rows.expected);
      expect(lane.endpoint.reading(dataSource, 0)?.gaps).toEqual([{ from: end, to: base }]);
    });

    it('suspended publishes, and resumed goes on where it was', async () => {
      const supervisor = lane.supervisor(['page', 'user']);
      await lane.act('suspend');
      expect(await act('suspend')).toMatchObject({
        status: 400,
        json: { error: `[${dataSource}] is already suspended` },
      });
      await noneRuns();
      const status = await druid.until(
        () => supervisor.status(aMinute()),
        (told) => told?.state === 'SUSPENDED' && told.tasks.length === 0,
      );
      expect(status).toMatchObject({ state: 'SUSPENDED', healthy: true, tasks: [] });
      await rows.append(1_000);
      await lane.act('resume');
      expect(await arrived()).toEqual(rows.expected);
      expect(await act('resume')).toMatchObject({ status: 400, json: { error: `[${dataSource}] is already running` } });
    });

    it('terminated leaves its place to the next', async () => {
      const supervisor = lane.supervisor(['page', 'user']);
      await lane.act('terminate');
      const gone = await druid.until(
        () => supervisor.status(aMinute()),
        (told) => told === undefined,
      );
      expect(gone).toBeUndefined();
      await noneRuns();
      await rows.append(1_000);
      expect(await supervisor.ensure(aMinute())).toBe('created');
      expect(await arrived()).toEqual(rows.expected);
      await lane.act('terminate');
    });
  });
}

function latestOf(status: unknown): Readonly<Record<string, unknown>> | undefined {
  return (status as { payload: { latestOffsets?: Record<string, unknown> } }).payload.latestOffsets;
}
