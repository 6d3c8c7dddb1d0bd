import { setTimeout as sleep } from 'node:timers/promises';
import { endpoints } from './cluster.js';
import { groupBy } from './group-by.js';

export type SqlRow = Record<string, unknown>;

/** The rows that a SQL query gives through the router; none while Druid does not know the table or the column yet. */
export async function sql(query: string): Promise<SqlRow[]> {
  const response = await fetch(`${endpoints().router}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, context: { useCache: false } }),
  });
  const text = await response.text();
  if (response.ok) return JSON.parse(text) as SqlRow[];
  if (/not found (within|in any table)|INVALID_INPUT.*Object/s.test(text)) return [];
  throw new Error(`SQL was answered ${response.status}: ${text}`);
}

/** How many events Druid counts in a dataSource, however they are rolled up. */
export async function countOf(dataSource: string): Promise<number> {
  const [row] = await sql(`SELECT SUM("count") AS n FROM "${dataSource}"`);
  return Number(row?.['n'] ?? 0);
}

/** Waits until Druid counts so many events, and gives back the last count when it does not. */
export async function countUntil(dataSource: string, expected: number, millis = 60_000): Promise<number> {
  return until(
    () => countOf(dataSource),
    (count) => count === expected,
    millis,
  );
}

/** Asks until the answer is right or the time is up; gives back the last answer. */
export async function until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean, millis: number): Promise<T> {
  const deadline = Date.now() + millis;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || Date.now() > deadline) return answer;
    await sleep(500);
  }
}

/** A task as the overlord lists it. */
export interface Task {
  readonly id: string;
  readonly statusCode: string;
  readonly createdTime: string;
}

/** All tasks of a dataSource, by id. */
export async function tasksOf(dataSource: string): Promise<Map<string, Task>> {
  const response = await fetch(
    `${endpoints().overlord}/druid/indexer/v1/tasks?datasource=${encodeURIComponent(dataSource)}`,
  );
  if (!response.ok) throw new Error(`The tasks of ${dataSource}: ${response.status} ${await response.text()}`);
  return new Map(((await response.json()) as Task[]).map((task) => [task.id, task]));
}

/** The tasks of a dataSource by the start of their bucket, in the order of their partitions and replicas. */
export async function tasksByBucket(dataSource: string): Promise<Map<string, Task[]>> {
  const tasks = [...(await tasksOf(dataSource)).values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return groupBy(tasks, ({ id }) => /_(\d{4}-\d\d-\d\dT[\d:.]+Z)_/.exec(id)?.[1] ?? id);
}

/** How many rows of a dataSource's segments the historicals serve, by the segment's start. */
export async function servedByHistoricals(dataSource: string): Promise<Map<string, number>> {
  const rows = await sql(
    `SELECT seg."start" AS "start", seg.num_rows AS n FROM sys.segments seg
     JOIN sys.server_segments link ON link.segment_id = seg.segment_id
     JOIN sys.servers server ON server.server = link.server
     WHERE seg.datasource = '${dataSource}' AND server.server_type = 'historical'`,
  );
  return new Map(rows.map((row) => [String(row['start']), Number(row['n'])]));
}

/** Ends all tasks of a dataSource, and waits until they take no worker's slot any more. */
export async function endTasks(dataSource: string): Promise<void> {
  const url = `${endpoints().overlord}/druid/indexer/v1/datasources/${encodeURIComponent(dataSource)}/shutdownAllTasks`;
  const response = await fetch(url, { method: 'POST' });
  // 404 says that none runs.
  if (!response.ok && response.status !== 404)
    throw new Error(`Ending the tasks of ${dataSource} was answered ${response.status}`);
  await until(
    () => tasksOf(dataSource),
    (tasks) => [...tasks.values()].every(({ statusCode }) => statusCode !== 'RUNNING'),
    30_000,
  );
}

/** Every `host:port` that a task may get, as the workers are set up to give them. */
export async function taskAddresses(): Promise<string[]> {
  const response = await fetch(`${endpoints().overlord}/druid/indexer/v1/workers`);
  const workers = (await response.json()) as { worker: { scheme: string; host: string } }[];
  const addresses = await Promise.all(
    workers.map(async ({ worker: { scheme, host } }) => {
      const properties = (await (await fetch(`${scheme}://${host}/status/properties`)).json()) as Record<
        string,
        string
      >;
      const ports = JSON.parse(properties['druid.indexer.runner.ports'] ?? '[]') as number[];
      return ports.map((port) => `${new URL(`${scheme}://${host}`).hostname}:${port}`);
    }),
  );
  return addresses.flat();
}
