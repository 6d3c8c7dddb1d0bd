import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@tranquility-js/ports';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdapterDruid } from './adapter-druid.js';
import type { Adapter, OpenAdapter } from './adapter-suite.js';
import { configOf, eventsAt } from './config.js';

/** A Druid that pulls, for one test of an adapter. */
export type PullAdapterDruid = Pick<AdapterDruid, 'overlord' | 'dataSource' | 'count'> &
  AsyncDisposable & {
    /** Nothing of Druid answers until it is resumed. */
    pause(): Promise<void>;
    resume(): Promise<void>;
  };

const anHour = 3_600_000;

/** What every adapter owes its users where Druid pulls from the journal. */
export function pullAdapterSuite(name: string, startDruid: () => Promise<PullAdapterDruid>, open: OpenAdapter): void {
  journalAdapterSuite(`${name}, where Druid pulls`, startDruid, open, {});
}

/** The same where events are appended in batches from the journal. */
export function appendAdapterSuite(name: string, startDruid: () => Promise<PullAdapterDruid>, open: OpenAdapter): void {
  const properties = {
    'tranquility.lane': 'append',
    'append.endpoint.port': '0',
    // So that both ways of input are used.
    'append.inlineBytes': '20000',
    'append.maxAge': 'PT0.5S',
  };
  journalAdapterSuite(`${name}, where events are appended`, startDruid, open, properties);
}

function journalAdapterSuite(
  title: string,
  startDruid: () => Promise<PullAdapterDruid>,
  open: OpenAdapter,
  more: Readonly<Record<string, string>>,
): void {
  describe(title, () => {
    let druid: PullAdapterDruid;
    let directory: string;
    let port: number;
    const adapters: Adapter[] = [];

    beforeEach(async () => {
      druid = await startDruid();
      directory = await mkdtemp(join(tmpdir(), 'tranquility-pull-'));
      port = await freePort();
    });
    afterEach(async () => {
      await Promise.all(adapters.splice(0).map((adapter) => adapter.crash()));
      await druid[Symbol.asyncDispose]();
      // An adapter that crashed may still be letting go of it.
      await rm(directory, { recursive: true, maxRetries: 20, retryDelay: 100 });
    });

    async function adapter(partitions = 1): Promise<Adapter> {
      const { overlord, dataSource } = druid;
      const properties = {
        'journal.directory': join(directory, 'journal'),
        // The same for all lives of a process: another address is another supervisor.
        'pull.endpoint.port': String(port),
        'pull.startDelay': 'PT0S',
        'pull.supervisorPeriod': 'PT2S',
        'task.partitions': String(partitions),
        ...more,
      };
      const made = await open(configOf({ overlord, dataSource, properties }));
      adapters.push(made);
      return made;
    }

    it('has events in Druid when it is closed, of any age', async () => {
      const sink = await adapter(2);
      const times = [0, anHour, 400 * 24 * anHour].map((age) => Date.now() - age);
      for (const [index, time] of times.entries()) await sink.deliver(eventsAt(time, 1_000, index * 1_000));
      await sink.close();
      expect(await druid.count(3_000)).toBe(3_000);
    });

    it('takes events while Druid does not answer, and Druid has them when it does', async () => {
      const sink = await adapter();
      await sink.deliver(eventsAt(Date.now(), 100));
      expect(await druid.count(100)).toBe(100);
      await druid.pause();
      await sink.deliver(eventsAt(Date.now(), 500, 100));
      await druid.resume();
      expect(await druid.count(600)).toBe(600);
    });

    it('has what it acknowledged in Druid once, though it crashed at once', async () => {
      const first = await adapter();
      await first.deliver(eventsAt(Date.now(), 1_000));
      await first.crash();
      const second = await adapter();
      await second.deliver(eventsAt(Date.now(), 500, 1_000));
      await second.close();
      expect(await druid.count(1_500)).toBe(1_500);
    });
  });
}
