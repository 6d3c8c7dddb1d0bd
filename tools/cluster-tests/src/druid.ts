import { setTimeout as sleep } from 'node:timers/promises';
import { endpoints } from './cluster.js';
import { groupBy } from './group-by.js';

export type SqlRow = Record<string, unknown>;

/** How long Druid is asked again that fails or does not answer, in milliseconds: a broker keeps connections to tasks that were killed. */
const patience = 15_000;

interface Reply {
  readonly status: number;
  readonly text: string;
}

/**
 * The rows that a SQL query gives through the router; none while Druid does not know the table or the column yet.
 * @param context of the query, besides that nothing comes from a cache.
 * @throws Error with Druid's words when it refuses the query, or fails it for longer than 15 seconds.
 */
export async function sql(query: string, context: Readonly<Record<string, unknown>> = {}): Promise<SqlRow[]> {
  const reply = await ask(`${endpoints().router}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, context: { useCache: false, ...context } }),
  });
  if (reply.status === 200) return JSON.parse(reply.text) as SqlRow[];
  if (isUnknownObject(reply)) return [];
  throw new Error(`SQL was answered ${reply.status}: ${reply.text}`);
}

/** What Druid answers, when it has come to an answer. */
function ask(url: string, init: RequestInit = {}): Promise<Reply> {
  return until(
    async () => {
      try {
        const response = await fetch(url, init);
        return { status: response.status, text: await response.text() };
      } catch (error) {
        return { status: 503, text: String(error instanceof Error ? (error.cause ?? error) : error) };
      }
    },
    (reply) => reply.status < 500 || isUnknownObject(reply),
    patience,
  );
}

function isUnknownObject({ text }: Reply): boolean {
  return /not found (within|in any table)|INVALID_INPUT.*Object/s.test(text);
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
  /** Of one that has not ended: whether a worker has it. */
  readonly runnerStatusCode?: string;
  readonly createdTime: string;
}

/** All tasks of a dataSource, by id. */
export async function tasksOf(dataSource: string): Promise<Map<string, Task>> {
  const { overlord } = endpoints();
  const { status, text } = await ask(`${overlord}/druid/indexer/v1/tasks?datasource=${encodeURIComponent(dataSource)}`);
  if (status !== 200) throw new Error(`The tasks of ${dataSource}: ${status} ${text}`);
  return new Map((JSON.parse(text) as Task[]).map((task) => [task.id, task]));
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

/** Ends all tasks of a dataSource, and who would start others, and waits until they take no worker's slot any more. */
export async function endTasks(dataSource: string): Promise<void> {
  // A Druid that reads from nobody knows no supervisors.
  await ask(`${supervisorUrl(dataSource)}/terminate`, { method: 'POST' });
  const url = `${endpoints().overlord}/druid/indexer/v1/datasources/${encodeURIComponent(dataSource)}/shutdownAllTasks`;
  const { status, text } = await ask(url, { method: 'POST' });
  // 404 says that none runs.
  if (status !== 200 && status !== 404) throw new Error(`Ending the tasks of ${dataSource}: ${status} ${text}`);
  await until(
    () => tasksOf(dataSource),
    (tasks) => [...tasks.values()].every(({ statusCode }) => statusCode !== 'RUNNING'),
    30_000,
  );
}

/** Where the overlord answers for a supervisor. */
export function supervisorUrl(dataSource: string): string {
  return `${endpoints().overlord}/druid/indexer/v1/supervisor/${encodeURIComponent(dataSource)}`;
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
