import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AdapterDruid } from './adapter-druid.js';
import { configOf, eventsAt } from './config.js';

/** An adapter that is connected. */
export interface Adapter {
  /** Hands in events; resolves when each of them is acknowledged. */
  deliver(events: readonly Record<string, unknown>[]): Promise<void>;
  /** Ends it as a user would, so that what was handed in arrives. */
  close(): Promise<void>;
  /** Ends it as a crash would: what is under way may arrive or not. */
  crash(): Promise<void>;
}

/** Connects an adapter to the dataSource of a Tranquility config. */
export type OpenAdapter = (config: object) => Promise<Adapter>;

/** What every adapter owes its users, on any Druid and any lane. */
export function adapterSuite(name: string, startDruid: () => Promise<AdapterDruid>, open: OpenAdapter): void {
  describe(name, () => {
    let druid: AdapterDruid;
    const adapters: Adapter[] = [];

    beforeEach(async () => {
      druid = await startDruid();
    });
    afterEach(async () => {
      await Promise.all(adapters.splice(0).map((adapter) => adapter.crash()));
      await druid[Symbol.asyncDispose]();
    });

    async function adapter(tuning = {}, properties = {}): Promise<Adapter> {
      const { overlord, dataSource } = druid;
      const made = await open(
        configOf({ overlord, dataSource, tuning, properties: { ...druid.properties, ...properties } }),
      );
      adapters.push(made);
      return made;
    }

    it('has delivered what it acknowledged', async () => {
      const sink = await adapter();
      await sink.deliver(eventsAt(Date.now(), 3_000));
      expect(await druid.count(3_000)).toBe(3_000);
    });

    it('waits while Druid takes no more, and goes on when it does', async () => {
      const sink = await adapter({}, { 'druidBeam.firehoseBufferSize': '10' });
      const now = Date.now();
      await sink.deliver(eventsAt(now, 1));
      await druid.pause();
      let isDone = false;
      const delivery = sink.deliver(eventsAt(now, 200, 1)).then(() => {
        isDone = true;
      });
      await druid.settled();
      expect(isDone).toBe(false);
      await druid.resume();
      await delivery;
      expect(await druid.count(201)).toBe(201);
    });

    it('connects again, and loses nothing', async () => {
      const sink = await adapter();
      const now = Date.now();
      await sink.deliver(eventsAt(now, 1));
      await druid.disturb();
      for (let round = 0; round < 5; round++) await sink.deliver(eventsAt(now, 100, round * 100));
      expect(await druid.count(501)).toBe(501);
    });

    it('closes when all is delivered', async () => {
      const sink = await adapter();
      const delivery = sink.deliver(eventsAt(Date.now(), 1_000));
      await sink.close();
      await delivery;
      expect(await druid.count(1_000)).toBe(1_000);
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
      expect(await druid.count(500)).toBe(500);
    });
  });
}
