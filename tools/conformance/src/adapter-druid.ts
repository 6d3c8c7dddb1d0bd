import { setTimeout as sleep } from 'node:timers/promises';
import type { PullAdapterDruid } from './pull-adapter-suite.js';

/** A Druid for one test of an adapter. */
export interface AdapterDruid extends AsyncDisposable {
  /** `http://host:port` */
  readonly overlord: string;
  /** Nobody else uses it. */
  readonly dataSource: string;
  /** On top of those of the test. */
  readonly properties?: Readonly<Record<string, string>>;
  /** How many events SQL counts once it counts so many, or the time for that is up. */
  count(expected: number): Promise<number>;
  /** Its tasks answer no pushes until they are resumed. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Resolves when what could have happened while they are paused has happened. */
  settled(): Promise<void>;
  /** Some of the next pushes break off or are refused, with none of their rows taken. */
  disturb(): Promise<void>;
}

/** What such a Druid needs of a sandbox. */
export interface SandboxLike extends AsyncDisposable {
  readonly url: string;
  readonly tasks: readonly { readonly id: string }[];
  readonly faults: {
    add(rule: {
      server: 'task' | 'druid';
      path: string;
      times?: number;
      after?: number;
      action: { kind: 'reset'; when: 'after-body' } | { kind: 'status'; status: number };
    }): number;
    remove(id: number): void;
  };
  sql(query: string): Promise<Record<string, unknown>[]>;
  pauseTask(id: string): void;
  resumeTask(id: string): void;
}

/** Such a sandbox as a Druid that pulls, for each test. */
export function inPullingSandbox(
  startSandbox: (options: { version: string }) => Promise<SandboxLike>,
): () => Promise<PullAdapterDruid> {
  return async () => {
    const sandbox = await startSandbox({ version: '33.0.0' });
    const dataSource = 'adapted';
    let paused: number | undefined;
    return {
      overlord: sandbox.url,
      dataSource,
      async count(expected) {
        for (let tries = 0; ; tries++) {
          const [row] = await sandbox.sql(`SELECT SUM("count") AS c FROM ${dataSource}`).catch(() => []);
          const found = Number(row?.['c'] ?? 0);
          if (found >= expected || tries === 400) return found;
          await sleep(50);
        }
      },
      pause: () => {
        paused = sandbox.faults.add({
          server: 'druid',
          path: 'druid/indexer',
          action: { kind: 'status', status: 503 },
        });
        return Promise.resolve();
      },
      resume: () => {
        if (paused !== undefined) sandbox.faults.remove(paused);
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  };
}

/** A sandbox for each test. */
export function inSandbox(startSandbox: () => Promise<SandboxLike>): () => Promise<AdapterDruid> {
  return async () => {
    const sandbox = await startSandbox();
    const dataSource = 'adapted';
    const count = async (): Promise<number> => {
      const [row] = await sandbox.sql(`SELECT SUM("count") AS c FROM ${dataSource}`);
      return Number(row?.['c']);
    };
    return {
      overlord: sandbox.url,
      dataSource,
      count,
      pause: () => Promise.resolve(sandbox.tasks.forEach(({ id }) => sandbox.pauseTask(id))),
      resume: () => Promise.resolve(sandbox.tasks.forEach(({ id }) => sandbox.resumeTask(id))),
      // A query takes its way through the same server: what could have gone on by itself has.
      settled: async () => {
        await count();
      },
      disturb: () => {
        const pushes = { server: 'task', path: 'push-events', times: 2, after: 1 } as const;
        sandbox.faults.add({ ...pushes, action: { kind: 'reset', when: 'after-body' } });
        sandbox.faults.add({ ...pushes, action: { kind: 'status', status: 503 } });
        return Promise.resolve();
      },
      [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
    };
  };
}
