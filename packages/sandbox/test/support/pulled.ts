import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NumberedRows, PullLane, type Tally } from '@tranquility-js/conformance';
import { encodeBatch, Journal } from '@tranquility-js/core/internal';
import { afterEach } from 'vitest';
import type { Sandbox, SandboxOptions } from '../../src/index.js';
import { get, post, sandboxOf } from './sandboxes.js';

/** A sandbox that reads numbered rows from a journal. */
export interface Pulled {
  readonly sandbox: Sandbox;
  readonly lane: PullLane;
  readonly rows: NumberedRows;
  /** What SQL says, as soon as it has as many rows as there are; else what it says in the end. */
  readonly arrived: () => Promise<Tally>;
  readonly found: () => Promise<Tally>;
  readonly payload: () => Promise<StatusPayload>;
  /** What is done to the supervisor over HTTP. */
  readonly act: (what: string, body?: unknown) => Promise<[number, unknown]>;
  readonly running: () => string[];
}

interface StatusTask {
  readonly id: string;
  readonly startingOffsets: Readonly<Record<string, number>>;
  readonly currentOffsets?: Readonly<Record<string, number>>;
}

interface StatusPayload {
  readonly state: string;
  readonly detailedState: string;
  readonly healthy: boolean;
  readonly activeTasks: readonly StatusTask[];
  readonly publishingTasks: readonly StatusTask[];
  readonly recentErrors: readonly { readonly message: string; readonly streamException: boolean }[];
}

const root = '/druid/indexer/v1/supervisor';
export const dataSource = 'pulled';

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});

/** All of it ends with the test. */
export async function pulled(
  options: SandboxOptions = {},
  { partitions = 1, taskCount = 1, replicas = 1 } = {},
): Promise<Pulled> {
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-journal-'));
  opened.push(() => rm(directory, { recursive: true }));
  const journal = await Journal.open({ directory, minFreeBytes: 0 });
  opened.push(() => journal.close());
  const logs = await Promise.all(Array.from({ length: partitions }, (_, index) => journal.log(dataSource, index)));
  const rows = new NumberedRows(partitions, async (partition, texts) => {
    const timestamps = texts.map(() => Date.now());
    await logs[partition]?.append(encodeBatch({ rows: texts.map((text) => Buffer.from(text)), timestamps }));
  });
  const sandbox = await sandboxOf({ version: '33.0.0', ...options });
  const lane = await PullLane.open({
    ...{ overlord: sandbox.url, dataSource, taskCount, replicas },
    partitions: logs.map((log) => ({ leader: 0, log })),
  });
  opened.push(() => lane[Symbol.asyncDispose]());
  const found = async (): Promise<Tally> => {
    const answer = await sandbox.sql(`SELECT COUNT(*) AS c, SUM("n") AS s FROM ${dataSource}`).catch(() => []);
    return { rows: Number(answer[0]?.['c'] ?? 0), sum: Number(answer[0]?.['s'] ?? 0) };
  };
  return {
    sandbox,
    lane,
    rows,
    found,
    arrived: () => until(found, (tally) => tally.rows === rows.expected.rows),
    payload: async () => {
      const [, status] = await get(sandbox, `${root}/${dataSource}/status`);
      return (status as { payload: StatusPayload }).payload;
    },
    act: (what, body = {}) => post(sandbox, `${root}/${dataSource}/${what}`, body),
    running: () => sandbox.tasks.flatMap(({ id, status }) => (status === 'RUNNING' ? [id] : [])),
  };
}

/** Asks until the answer is right or half a minute is over; gives back the last answer. */
export async function until<T>(ask: () => Promise<T> | T, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer) || performance.now() > deadline) return answer;
    await sleep(5);
  }
}
