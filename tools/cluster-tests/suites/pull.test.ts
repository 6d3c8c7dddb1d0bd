import { startCluster, type Cluster } from '@tranquility-js/cluster';
import { MemoryLog } from '@tranquility-js/scripted-druid';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { useCluster } from '../src/cluster.js';
import { sql, tasksOf, until } from '../src/druid.js';
import { numberedConfig, NumberedRows, numberedIn, patience, PullLane } from '../src/pull.js';

const dataSource = 'pulled';
const base = 7_350_000_000_000_000;

let cluster: Cluster;
let lane: PullLane;
let rows: NumberedRows;

beforeAll(async () => {
  cluster = await startCluster({ druid: '33.0.0', worker: 'indexer', kafkaExtension: true });
  useCluster({ endpoints: cluster.endpoints, control: '' });
  lane = await PullLane.start(dataSource, [new MemoryLog(), new MemoryLog(base)]);
  rows = new NumberedRows(lane.logs);
});
afterAll(async () => {
  await lane[Symbol.asyncDispose]();
  await cluster.stop();
});

const arrived = (): Promise<{ rows: number; sum: number }> =>
  until(
    () => numberedIn(dataSource),
    ({ rows: found }) => found === rows.expected.rows,
    90_000,
  );
const runningTasks = async (): Promise<string[]> =>
  [...(await tasksOf(dataSource)).values()]
    .flatMap(({ id, statusCode }) => (statusCode === 'RUNNING' ? [id] : []))
    .sort();

it('Druid reads what was there before its supervisor, and what comes, exactly', async () => {
  rows.append(20_000);
  const supervisor = lane.supervisor(numberedConfig(dataSource, ['page'], 2));
  expect(await supervisor.ensure(patience())).toBe('created');
  expect(await arrived()).toEqual(rows.expected);
  rows.append(20_000);
  expect(await arrived()).toEqual(rows.expected);
  expect(lane.endpoint.reading(dataSource, 1)?.gaps).toEqual([]);
});

it('a supervisor that is as it should be is left alone, with its tasks', async () => {
  const before = await runningTasks();
  const other = lane.supervisor(numberedConfig(dataSource, ['page'], 2));
  expect(await other.ensure(patience())).toBe('unchanged');
  expect(await runningTasks()).toEqual(before);
  const status = await until(
    () => other.status(patience()),
    (found) => found?.currentOffsets.get(0) === lane.logs[0]?.endOffset,
    60_000,
  );
  expect(status).toMatchObject({ state: 'RUNNING', healthy: true, errors: [] });
  expect(status?.oldestNeeded.get(0)).toBe(0);
});

it('an endpoint that ends and comes back is read on from where it was', async () => {
  const { port } = lane.endpoint;
  const { logs } = lane;
  await lane[Symbol.asyncDispose]();
  rows.append(5_000);
  lane = await PullLane.start(dataSource, logs, port);
  rows.append(5_000);
  expect(await arrived()).toEqual(rows.expected);
});

it('another schema loses no event, and is that of the events behind it', async () => {
  const supervisor = lane.supervisor(numberedConfig(dataSource, ['page'], 2));
  rows.append(2_000, { user: 'of no column yet' });
  expect(await arrived()).toEqual(rows.expected);
  expect(await supervisor.change(numberedConfig(dataSource, ['page', 'user'], 2).spec, patience())).toBe('updated');
  rows.append(3_000, { user: 'somebody' });
  expect(await arrived()).toEqual(rows.expected);
  const users = await until(
    () => sql(`SELECT "user" AS who, COUNT(*) AS c FROM "${dataSource}" WHERE "user" IS NOT NULL GROUP BY 1`),
    (found) => found.length > 0,
    60_000,
  );
  expect(users).toEqual([{ who: 'somebody', c: 3_000 }]);
});

it('a log that was lost and begins further on is read on, and its gap is told', async () => {
  const [first] = lane.logs;
  if (first === undefined) throw new Error('There is no log.');
  const end = first.endOffset;
  first.append(['{"time":"2030-01-01T00:00:00Z","n":0,"page":"p"}'], { offset: base });
  first.trim(base);
  rows.append(1, {}, 1);
  await until(
    () => numberedIn(dataSource),
    ({ rows: found }) => found === rows.expected.rows + 1,
    90_000,
  );
  expect((await numberedIn(dataSource)).sum).toBe(rows.expected.sum);
  expect(lane.endpoint.reading(dataSource, 0)?.gaps).toEqual([{ from: end, to: base }]);
});

it('a suspended supervisor publishes, and goes on where it was', async () => {
  const supervisor = lane.supervisor(numberedConfig(dataSource, ['page', 'user'], 2));
  await supervisor.suspend(patience());
  await until(runningTasks, (tasks) => tasks.length === 0, 90_000);
  expect((await supervisor.status(patience()))?.state).toBe('SUSPENDED');
  rows.append(1_000);
  await supervisor.resume(patience());
  const found = await until(
    () => numberedIn(dataSource),
    ({ rows: count }) => count === rows.expected.rows + 1,
    90_000,
  );
  expect(found).toEqual({ rows: rows.expected.rows + 1, sum: rows.expected.sum });
  await supervisor.terminate(patience());
  expect(
    await until(
      () => supervisor.status(patience()),
      (status) => status === undefined,
      60_000,
    ),
  ).toBeUndefined();
  await expect(supervisor.suspend(patience())).rejects.toMatchObject({ code: 'TRQ_SUPERVISOR_UNKNOWN' });
});
