import { once } from 'node:events';
import stream, { Readable, Transform, type Duplex, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSender } from '@tranquility-js/core';
import { clicks, clicksOf, ScriptedDruid, upTo, usersIn } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDruidWritable, type DropReport } from '../src/index.js';

describe('a DruidWritable', () => {
  let druid: ScriptedDruid;
  beforeEach(async () => {
    druid = await ScriptedDruid.start();
  });
  afterEach(() => druid[Symbol.asyncDispose]());

  it('is the end of a pipeline, which is done when Druid has acknowledged everything', async () => {
    const druidWritable = createDruidWritable(clicksOf(druid));
    await pipeline(Readable.from(clicks(5_000)), druidWritable);
    expect(usersIn(druid)).toEqual(upTo(5_000));
    expect(druidWritable.counters).toEqual({ received: 5_000, sent: 5_000, dropped: {}, failed: 0 });
  });

  it('takes NDJSON as bytes and texts, cut anywhere', async () => {
    const text = clicks(1_000)
      .map((click) => `${JSON.stringify(click)}\n`)
      .join('');
    const bytes = Buffer.from(text);
    const chunks = Array.from({ length: Math.ceil(bytes.length / 777) }, (_, i) =>
      bytes.subarray(i * 777, i * 777 + 777),
    );
    await pipeline(
      Readable.from(chunks, { objectMode: false }),
      createDruidWritable(clicksOf(druid), { format: 'ndjson' }),
    );
    await pipeline(Readable.from([text]), createDruidWritable(clicksOf(druid), { format: 'ndjson' }));
    expect(usersIn(druid)).toEqual(upTo(1_000).flatMap((user) => [user, user]));
  });

  it('reports what it drops, and goes on', async () => {
    const writable = createDruidWritable(clicksOf(druid), { format: 'ndjson' });
    const drops: DropReport[] = [];
    writable.on('drop', (report) => drops.push(report));
    const good = JSON.stringify(clicks(1)[0]);
    writable.write(`${good}\n{"time": broken\n{"time": 1}\n`);
    writable.end(good);
    await once(writable, 'finish');
    expect(drops.map(({ event, reason }) => [String(event), reason])).toEqual([
      ['{"time": broken', 'unparseable'],
      ['{"time": 1}', 'late'],
    ]);
    expect(writable.counters).toMatchObject({ received: 4, sent: 2, dropped: { late: 1, unparseable: 1 } });
  });

  it('fails on a drop, if it is told to', async () => {
    const writable = createDruidWritable(clicksOf(druid), { onDrop: 'error' });
    await expect(pipeline(Readable.from([{ time: 'nonsense' }]), writable)).rejects.toMatchObject({
      code: 'TRQ_EVENT_DROPPED',
      details: { reason: 'unparseable' },
    });
  });

  it('tells of each batch that was acknowledged', async () => {
    const writable = createDruidWritable(clicksOf(druid, { 'tranquility.maxBatchSize': 100 }));
    const counts: number[] = [];
    writable.on('delivery', ({ count }) => counts.push(count));
    await pipeline(Readable.from(clicks(1_000)), writable);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    expect(Math.max(...counts)).toBeLessThanOrEqual(100);
  });

  it('holds its source back while Druid takes nothing', async () => {
    let isOpen = false;
    druid.script = async ({ path }) => {
      while (path.endsWith('push-events') && !isOpen) await sleep(5);
      return undefined;
    };
    const limits = { 'tranquility.maxBatchSize': 10, 'tranquility.maxPendingBatches': 2 };
    const writable = createDruidWritable(clicksOf(druid, limits));
    let given = 0;
    const source = Readable.from(
      (function* () {
        for (const click of clicks(1_000)) {
          given++;
          yield click;
        }
      })(),
    );
    const done = pipeline(source, writable);
    await expect.poll(() => writable.writableNeedDrain).toBe(true);
    const held = given;
    await sleep(50);
    expect(given).toBe(held);
    // Two batches under way, one full and waiting, and what both streams hold.
    expect(given).toBeLessThanOrEqual(3 * 10 + 16 * 2 + 2);
    isOpen = true;
    await done;
    expect(usersIn(druid)).toEqual(upTo(1_000));
  });

  it('ends with what could not be delivered', async () => {
    druid.script = ({ path }) => (path.endsWith('push-events') ? { status: 403, body: 'no' } : undefined);
    const writable = createDruidWritable(clicksOf(druid));
    await expect(pipeline(Readable.from(clicks(3)), writable)).rejects.toMatchObject({ code: 'TRQ_PUSH_REFUSED' });
    expect(writable.counters).toMatchObject({ received: 3, failed: 3 });
  });

  it('shows a mistake in its config as its error', async () => {
    const writable = createDruidWritable({ config: '/nowhere/tranquility.json' });
    const [error] = (await once(writable, 'error')) as unknown[];
    expect(error).toMatchObject({ code: 'TRQ_CONFIG_UNREADABLE' });
  });

  it('gives up what is under way when it is destroyed, by its signal too', async () => {
    let pushes = 0;
    druid.script = async ({ path }) => {
      if (!path.endsWith('push-events')) return undefined;
      pushes++;
      await sleep(60_000, undefined, { ref: false });
      return undefined;
    };
    const abort = new AbortController();
    const writable = createDruidWritable(clicksOf(druid), { signal: abort.signal });
    const done = pipeline(Readable.from(clicks(10)), writable);
    await expect.poll(() => pushes).toBeGreaterThan(0);
    abort.abort();
    await expect(done).rejects.toMatchObject({ name: 'AbortError' });
    expect(writable.closed).toBe(true);
    expect(writable.counters).toMatchObject({ received: 10, failed: 10 });
  });

  it('passes on the error of its source', async () => {
    const broken = new Readable({
      objectMode: true,
      read() {
        this.destroy(new Error('the source broke'));
      },
    });
    const writable = createDruidWritable(clicksOf(druid));
    await expect(pipeline(broken, writable)).rejects.toThrow('the source broke');
    expect(writable.destroyed).toBe(true);
  });

  it('refuses writes after its end', async () => {
    const writable = createDruidWritable(clicksOf(druid));
    writable.end(clicks(1)[0]);
    const failed = once(writable, 'error');
    writable.write(clicks(1)[0]);
    expect((await failed)[0]).toMatchObject({ code: 'ERR_STREAM_WRITE_AFTER_END' });
  });

  it('takes two sources, one after the other or at once', async () => {
    const writable = createDruidWritable(clicksOf(druid));
    const events = clicks(200);
    const sources = [Readable.from(events.slice(0, 100)), Readable.from(events.slice(100))];
    await Promise.all(sources.map((source) => pipeline(source, writable, { end: false })));
    writable.end();
    await once(writable, 'finish');
    expect(usersIn(druid)).toEqual(upTo(200));
  });

  it('leaves open a sender that it was given, and counts its own events only', async () => {
    await using sender = await createSender(clicksOf(druid));
    const [one, other] = [createDruidWritable(sender), createDruidWritable(sender)];
    const events = clicks(300);
    await Promise.all([
      pipeline(Readable.from(events.slice(0, 100)), one),
      pipeline(Readable.from(events.slice(100)), other),
    ]);
    expect([one.counters.sent, other.counters.sent]).toEqual([100, 200]);
    expect(await sender.send(events[0])).toEqual({ status: 'sent' });
  });

  it('is disposed of when everything is acknowledged', async () => {
    {
      await using writable = createDruidWritable(clicksOf(druid));
      for (const click of clicks(10)) writable.write(click);
    }
    expect(usersIn(druid)).toEqual(upTo(10));
  });

  it('is composed with other streams', async () => {
    const named = new Transform({
      objectMode: true,
      transform: (user: number, _, callback) => {
        callback(null, { time: Date.now(), user });
      },
    });
    // The types of Node 20 do not know it.
    const { compose } = stream as unknown as { compose: (...streams: Writable[]) => Duplex };
    await pipeline(Readable.from(upTo(50)), compose(named, createDruidWritable(clicksOf(druid))));
    expect(usersIn(druid)).toEqual(upTo(50));
  });

  it('says what it cannot read in the format ndjson', async () => {
    const writable = createDruidWritable(clicksOf(druid), { format: 'ndjson' });
    const failed = once(writable, 'error');
    expect(() => writable.write({ time: 1 })).toThrow(/chunk/);
    writable.destroy(new Error('done'));
    await failed;
  });
});
