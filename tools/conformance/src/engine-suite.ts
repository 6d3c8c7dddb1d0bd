import { createSender, type Sender } from '@tranquility-js/core';
import { afterEach, describe, expect, it } from 'vitest';
import { configOf, eventsAt, type ConfigParts } from './config.js';
import { Druid } from './druid.js';
import { newName, type Target } from './target.js';

const minute = 60_000;

/** What the engine makes of a Druid that has realtime tasks. */
export function engineSuite(target: () => Target): void {
  const open: { sender: Sender; dataSource: string }[] = [];

  afterEach(async () => {
    const druid = new Druid(target());
    for (const { sender, dataSource } of open.splice(0)) {
      await sender.close({ timeout: 0 });
      await druid.endTasks(dataSource);
    }
  });

  async function start(dataSource: string, parts: Partial<ConfigParts> = {}) {
    const { overlord, clock } = target();
    const undelivered: string[] = [];
    const sender = await createSender({
      config: configOf({ overlord, dataSource, ...parts }),
      ...(clock === undefined ? {} : { clock }),
      onUndelivered: (_, outcome) => undelivered.push('reason' in outcome ? outcome.reason : outcome.status),
    });
    open.push({ sender, dataSource });
    return { sender, undelivered, druid: new Druid(target()) };
  }

  describe('the engine', () => {
    it('sends what a query then counts, and after its segment has been handed over still counts', async () => {
      const dataSource = newName('life');
      const { sender, druid } = await start(dataSource, {
        segmentGranularity: 'MINUTE',
        windowPeriod: 'PT10S',
        properties: { 'druidBeam.firehoseGracePeriod': 'PT5S' },
      });
      const first = druid.now;
      expect(await sender.sendAll(eventsAt(first, 300))).toMatchObject({ sent: 300 });
      expect(await druid.countUntil(dataSource, 300)).toBe(300);
      const query = `SELECT d, SUM("count") AS c, SUM(n) AS n FROM "${dataSource}" GROUP BY 1 ORDER BY 1`;
      const whileRealtime = await druid.sql(query);
      const [id = ''] = Object.keys(await druid.tasksOf(dataSource));

      await target().pass(minute - (first % minute));
      expect(await sender.sendAll(eventsAt(druid.now, 100))).toMatchObject({ sent: 100 });
      expect(Object.keys(await druid.tasksOf(dataSource))).toHaveLength(2);
      await target().pass(20_000);

      const ended = await druid.until(
        () => druid.tasksOf(dataSource),
        (tasks) => tasks[id] !== 'RUNNING',
      );
      expect(ended[id]).toBe('SUCCESS');
      expect(await druid.countUntil(dataSource, 400)).toBe(400);
      const begin = new Date(first - (first % minute)).toISOString().replace('T', ' ').replace('Z', '');
      const firstOnly = query.replace('GROUP', `WHERE __time < TIMESTAMP '${begin}' + INTERVAL '1' MINUTE GROUP`);
      expect(await druid.sql(firstOnly)).toEqual(whileRealtime);
    });

    it('drops what Druid would not take, with the reason, and harms no neighbours', async () => {
      const dataSource = newName('drops');
      const { sender, undelivered, druid } = await start(dataSource);
      const { now } = druid;
      const bad = [
        { time: now - 180 * minute, d: 'late' },
        { time: now + 180 * minute, d: 'early' },
        { time: 'yesterday', d: 'x' },
        { d: 'without a time' },
      ];
      const events: unknown[] = eventsAt(now, 40);
      bad.forEach((event, index) => events.splice(index * 9, 0, event));
      expect(await sender.sendAll(events)).toMatchObject({ sent: 40 });
      expect(undelivered.sort()).toEqual(['early', 'late', 'unparseable', 'unparseable']);
      expect(await druid.countUntil(dataSource, 40)).toBe(40);
    });

    it('spreads over partitions, and counts no replica twice', async () => {
      const dataSource = newName('spread');
      const properties = { 'task.partitions': '2', 'task.replicants': '2' };
      const { sender, druid } = await start(dataSource, { properties });
      expect(await sender.sendAll(eventsAt(druid.now, 500))).toMatchObject({ sent: 500 });
      expect(Object.values(await druid.tasksOf(dataSource))).toEqual(Array(4).fill('RUNNING'));
      expect(await druid.countUntil(dataSource, 500)).toBe(500);
    });

    it('loses nothing with a replica', async () => {
      const dataSource = newName('replica');
      const { sender, druid } = await start(dataSource, { properties: { 'task.replicants': '2' } });
      const { now } = druid;
      expect(await sender.sendAll(eventsAt(now, 100))).toMatchObject({ sent: 100 });
      const [killed = ''] = Object.keys(await druid.tasksOf(dataSource));
      await target().killTask(killed);
      expect(await sender.sendAll(eventsAt(now, 100))).toMatchObject({ sent: 100 });
      expect(await druid.countUntil(dataSource, 200)).toBe(200);
      expect((await druid.tasksOf(dataSource))[killed]).toBe('FAILED');
      expect(sender.counters).toMatchObject({ sent: 200, failed: 0, lost: 0 });
    });

    it('counts what the only task had acknowledged as lost when that dies, and goes on with another', async () => {
      const dataSource = newName('alone');
      const { sender, druid } = await start(dataSource);
      const { now } = druid;
      expect(await sender.sendAll(eventsAt(now, 100))).toMatchObject({ sent: 100 });
      const [killed = ''] = Object.keys(await druid.tasksOf(dataSource));
      await target().killTask(killed);
      expect(await sender.sendAll(eventsAt(now, 70))).toMatchObject({ sent: 70 });
      expect(sender.counters).toMatchObject({ failed: 0, lost: 100 });
      expect(await druid.countUntil(dataSource, 70)).toBe(70);
      expect(await druid.tasksOf(dataSource)).toEqual({ [killed]: 'FAILED', [`${killed}_r1`]: 'RUNNING' });
    });

    it('shares a task with another process', async () => {
      const dataSource = newName('shared');
      const one = await start(dataSource);
      const other = await start(dataSource);
      const { now } = one.druid;
      const counts = await Promise.all([
        one.sender.sendAll(eventsAt(now, 50)),
        other.sender.sendAll(eventsAt(now, 60)),
      ]);
      expect(counts).toMatchObject([{ sent: 50 }, { sent: 60 }]);
      expect(await one.druid.countUntil(dataSource, 110)).toBe(110);
      expect(Object.values(await one.druid.tasksOf(dataSource))).toEqual(['RUNNING']);
    });

    it('may send an event again that Druid tells by its dedupColumn', async () => {
      const dataSource = newName('again');
      const { sender, druid } = await start(dataSource, { tuning: { dedupColumn: 'id' } });
      const events = eventsAt(druid.now, 120);
      expect(await sender.sendAll(events)).toMatchObject({ sent: 120 });
      expect(await sender.sendAll(events)).toMatchObject({ sent: 120 });
      expect(await druid.countUntil(dataSource, 120)).toBe(120);
    });

    for (const [format, compression] of [
      ['smile', 'none'],
      ['smile', 'gzip'],
      ['json', 'gzip'],
    ] as const) {
      it(`is understood in ${format}, compressed: ${compression}`, async () => {
        const dataSource = newName(`${format}_${compression}`);
        const properties = { 'serialization.format': format, 'druidBeam.compression': compression };
        const { sender, druid } = await start(dataSource, { properties });
        const events = eventsAt(druid.now, 200).map((event, index) => ({
          ...event,
          d: `Straße ${index % 5} 🚀`,
          n: -index,
        }));
        expect(await sender.sendAll(events)).toMatchObject({ sent: 200 });
        expect(await druid.countUntil(dataSource, 200)).toBe(200);
        expect(await druid.sql(`SELECT d, SUM(n) AS n FROM "${dataSource}" WHERE d LIKE '%4 🚀' GROUP BY 1`)).toEqual([
          { d: 'Straße 4 🚀', n: -4060 },
        ]);
      });
    }
  });
}
