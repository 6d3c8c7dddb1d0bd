import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TransformStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Click, clicks, clicksOf, ScriptedDruid, upTo, usersIn } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDruidTransform, createDruidWritableStream, sendFrom, type DropReport } from '../src/index.js';

let druid: ScriptedDruid;
beforeEach(async () => {
  druid = await ScriptedDruid.start();
});
afterEach(() => druid[Symbol.asyncDispose]());

const refusePushes = (): void => {
  druid.script = ({ path }) => (path.endsWith('push-events') ? { status: 403, body: 'no' } : undefined);
};

describe('a web stream', () => {
  it('takes the body of a response', async () => {
    const body = new Response(
      clicks(500)
        .map((click) => `${JSON.stringify(click)}\n`)
        .join(''),
    ).body;
    const deliveries: number[] = [];
    const delivered = ({ count }: { count: number }): number => deliveries.push(count);
    await body?.pipeTo(createDruidWritableStream(clicksOf(druid), { format: 'ndjson', delivered }));
    expect(usersIn(druid)).toEqual(upTo(500));
    expect(deliveries.reduce((sum, count) => sum + count, 0)).toBe(500);
  });

  it('stands behind a TransformStream, and reports drops', async () => {
    const drops: DropReport[] = [];
    const stamp = new TransformStream<number, object>({
      transform(user, controller) {
        controller.enqueue({ time: user === 7 ? null : Date.now(), user });
      },
    });
    const numbers = Readable.toWeb(Readable.from(upTo(20)));
    await numbers.pipeThrough(stamp).pipeTo(
      createDruidWritableStream(clicksOf(druid), {
        dropped: (report) => {
          drops.push(report);
        },
      }),
    );
    expect(usersIn(druid)).toEqual(upTo(20).filter((user) => user !== 7));
    expect(drops).toMatchObject([{ event: { user: 7 }, reason: 'unparseable' }]);
  });

  it('fails with what could not be delivered', async () => {
    refusePushes();
    const writer = createDruidWritableStream(clicksOf(druid)).getWriter();
    await writer.ready;
    await writer.write(clicks(1)[0]);
    await expect(writer.close()).rejects.toMatchObject({ code: 'TRQ_PUSH_REFUSED' });
  });

  it('fails with its signal, and lets go when it is aborted', async () => {
    const abort = new AbortController();
    const writer = createDruidWritableStream(clicksOf(druid), { signal: abort.signal }).getWriter();
    await writer.ready;
    abort.abort(new Error('enough'));
    await expect(writer.write(clicks(1)[0])).rejects.toThrow('enough');
    const other = createDruidWritableStream(clicksOf(druid));
    await other.abort(new Error('no more'));
    await expect(other.getWriter().closed).rejects.toThrow('no more');
  });
});

describe('a DruidTransform', () => {
  it('passes each event on once it is acknowledged, in order', async () => {
    const seen: Click[] = [];
    const acknowledgedBefore: boolean[] = [];
    const transform = createDruidTransform(clicksOf(druid, { 'tranquility.maxBatchSize': 50 }));
    const events = clicks(2_000);
    await pipeline(Readable.from(events), transform, async function (source: AsyncIterable<Click>) {
      for await (const click of source) {
        acknowledgedBefore.push(transform.counters.sent >= seen.length);
        seen.push(click);
      }
    });
    expect(seen).toEqual(events);
    expect(acknowledgedBefore.every(Boolean)).toBe(true);
    expect(usersIn(druid)).toEqual(upTo(2_000));
  });

  it('leaves out what was dropped, and tells', async () => {
    const drops: DropReport[] = [];
    const transform = createDruidTransform(clicksOf(druid)).on('drop', (report) => drops.push(report));
    const [good, other] = clicks(2);
    const passed = await Readable.from([good, { time: 1, user: 9 }, other])
      .pipe(transform)
      .toArray();
    expect(passed).toEqual([good, other]);
    expect(drops).toMatchObject([{ reason: 'late', event: { user: 9 } }]);
    const strict = createDruidTransform(clicksOf(druid), { onDrop: 'error' });
    await expect(
      Readable.from([{ time: 1 }])
        .pipe(strict)
        .toArray(),
    ).rejects.toMatchObject({
      code: 'TRQ_EVENT_DROPPED',
    });
  });

  it('holds its source back while nobody reads from it', async () => {
    const transform = createDruidTransform(clicksOf(druid), { highWaterMark: 100 });
    let given = 0;
    const source = Readable.from(
      (function* () {
        for (const click of clicks(5_000)) {
          given++;
          yield click;
        }
      })(),
    );
    source.pipe(transform);
    await expect.poll(() => given).toBeGreaterThan(100);
    await sleep(50);
    expect(given).toBeLessThan(100 + 4 * 16 + 10);
    const passed = (await transform.toArray()) as Click[];
    expect(passed.map(({ user }) => user)).toEqual(upTo(5_000));
  });

  it('ends with what could not be delivered', async () => {
    refusePushes();
    const transform = createDruidTransform(clicksOf(druid));
    await expect(Readable.from(clicks(3)).pipe(transform).toArray()).rejects.toMatchObject({
      code: 'TRQ_PUSH_REFUSED',
    });
  });
});

describe('sendFrom', () => {
  it('sends what is iterable, sync or async, and tells how far it is', async () => {
    const progress: number[] = [];
    const options = { progress: ({ sent }: { sent: number }): number => progress.push(sent) };
    const target = clicksOf(druid, { 'tranquility.maxBatchSize': 100 });
    expect(await sendFrom(clicks(1_000), target, options)).toEqual({
      received: 1_000,
      sent: 1_000,
      dropped: {},
      failed: 0,
    });
    expect(await sendFrom(Readable.from(clicks(100)), target)).toMatchObject({ sent: 100 });
    expect(progress.at(-1)).toBe(1_000);
    expect(progress.length).toBeGreaterThan(5);
  });

  it('tells of drops and failures', async () => {
    const drops: DropReport[] = [];
    const tally = await sendFrom([{ time: 1 }, ...clicks(1)], clicksOf(druid), {
      dropped: (report) => drops.push(report),
    });
    expect(tally).toMatchObject({ received: 2, sent: 1, dropped: { late: 1 } });
    expect(drops).toMatchObject([{ event: { time: 1 }, reason: 'late' }]);
    refusePushes();
    expect(await sendFrom(clicks(2), clicksOf(druid))).toMatchObject({
      failed: 2,
      error: { code: 'TRQ_PUSH_REFUSED' },
    });
  });

  it('passes on what the source throws, and the reason of its signal', async () => {
    const broken = (function* () {
      yield clicks(1)[0];
      throw new Error('the source broke');
    })();
    await expect(sendFrom(broken, clicksOf(druid))).rejects.toThrow('the source broke');
    const abort = new AbortController();
    druid.script = async ({ path }) => {
      if (path.endsWith('push-events')) {
        abort.abort(new Error('enough'));
        await sleep(60_000, undefined, { ref: false });
      }
      return undefined;
    };
    await expect(sendFrom(clicks(5), clicksOf(druid), { signal: abort.signal })).rejects.toThrow('enough');
    await expect(sendFrom(clicks(5), clicksOf(druid), { signal: abort.signal })).rejects.toThrow('enough');
  });
});
