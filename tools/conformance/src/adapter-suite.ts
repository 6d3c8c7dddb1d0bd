import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configOf, eventsAt } from './config.js';

/** What an adapter's tests need of a sandbox. */
export interface SandboxLike extends AsyncDisposable {
  readonly url: string;
  readonly tasks: readonly { readonly id: string; readonly status: string }[];
  readonly faults: {
    add(rule: {
      server: 'task';
      path: string;
      times: number;
      after: number;
      action: { kind: 'reset'; when: 'after-body' } | { kind: 'status'; status: number };
    }): number;
  };
  sql(query: string): Promise<Record<string, unknown>[]>;
  pauseTask(id: string): void;
  resumeTask(id: string): void;
}

/** An adapter that is connected. */
export interface OpenAdapter {
  /** Hands in events; resolves when each of them is acknowledged. */
  deliver(events: readonly Record<string, unknown>[]): Promise<void>;
  /** Ends it as a user would, so that what was handed in arrives. */
  close(): Promise<void>;
  /** Ends it as a crash would: what is under way may arrive or not. */
  crash(): Promise<void>;
}

export interface AdapterCase {
  readonly startSandbox: () => Promise<SandboxLike>;
  /** Connects the adapter to the dataSource of a Tranquility config. */
  readonly open: (config: object) => Promise<OpenAdapter>;
}

const dataSource = 'adapted';

/** What every adapter owes its users. */
export function adapterSuite(name: string, { startSandbox, open }: AdapterCase): void {
  describe(name, () => {
    let sandbox: SandboxLike;
    const adapters: OpenAdapter[] = [];

    beforeEach(async () => {
      sandbox = await startSandbox();
    });
    afterEach(async () => {
      await Promise.all(adapters.splice(0).map((adapter) => adapter.crash()));
      await sandbox[Symbol.asyncDispose]();
    });

    async function adapter(tuning = {}, properties = {}): Promise<OpenAdapter> {
      const made = await open(configOf({ overlord: sandbox.url, dataSource, tuning, properties }));
      adapters.push(made);
      return made;
    }

    const count = async (): Promise<number> => {
      const [row] = await sandbox.sql(`SELECT SUM("count") AS c FROM ${dataSource}`);
      return Number(row?.['c']);
    };

    it('has delivered what it acknowledged', async () => {
      const sink = await adapter();
      await sink.deliver(eventsAt(Date.now(), 3_000));
      expect(await count()).toBe(3_000);
    });

    it('waits while Druid takes no more, and goes on when it does', async () => {
      const sink = await adapter({}, { 'druidBeam.firehoseBufferSize': '10' });
      const now = Date.now();
      await sink.deliver(eventsAt(now, 1));
      const [task] = sandbox.tasks;
      sandbox.pauseTask(task?.id ?? '');
      let isDone = false;
      const delivery = sink.deliver(eventsAt(now, 200, 1)).then(() => {
        isDone = true;
      });
      // A query takes its way through the same server: what could have gone on by itself has.
      expect(await count()).toBe(1);
      expect(isDone).toBe(false);
      sandbox.resumeTask(task?.id ?? '');
      await delivery;
      expect(await count()).toBe(201);
    });

    it('connects again, and loses nothing', async () => {
      const sink = await adapter();
      const now = Date.now();
      await sink.deliver(eventsAt(now, 1));
      const pushes = { server: 'task', path: 'push-events', times: 2, after: 1 } as const;
      sandbox.faults.add({ ...pushes, action: { kind: 'reset', when: 'after-body' } });
      sandbox.faults.add({ ...pushes, action: { kind: 'status', status: 503 } });
      for (let round = 0; round < 5; round++) await sink.deliver(eventsAt(now, 100, round * 100));
      expect(await count()).toBe(501);
    });

    it('closes when all is delivered', async () => {
      const sink = await adapter();
      const delivery = sink.deliver(eventsAt(Date.now(), 1_000));
      await sink.close();
      await delivery;
      expect(await count()).toBe(1_000);
    });

    it('may be given everything again after a crash, where Druid tells events by their id', async () => {
      const tuning = { dedupColumn: 'id' };
      const now = Date.now();
      const first = await adapter(tuning);
      await first.deliver(eventsAt(now, 100));
      const broken = first.deliver(eventsAt(now, 400, 100)).catch(() => undefined);
      await first.crash();
      await broken;
      const second = await adapter(tuning);
      await second.deliver(eventsAt(now, 500));
      expect(await count()).toBe(500);
    });
  });
}
