import { getEventListeners, once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createSender, type Sender } from '@tranquility-js/core';
import { type Click, clicks, clicksOf, ScriptedDruid, upTo, usersIn } from '@tranquility-js/scripted-druid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDruidTransform, createDruidWritable, createDruidWritableStream, sendFrom } from '../src/index.js';

let druid: ScriptedDruid;
beforeEach(async () => {
  druid = await ScriptedDruid.start();
});
afterEach(() => druid[Symbol.asyncDispose]());

const narrow = { 'tranquility.maxBatchSize': 10, 'tranquility.maxPendingBatches': 1 };

/** Lets no push through until it is told to. */
function holdPushes(): { letGo: () => void; held: Promise<void> } {
  let [letGo, hold] = [(): void => undefined, (): void => undefined];
  const isFree = new Promise<void>((resolve) => (letGo = resolve));
  const held = new Promise<void>((resolve) => (hold = resolve));
  druid.script = async ({ path }) => {
    if (!path.endsWith('push-events')) return undefined;
    hold();
    await isFree;
    return undefined;
  };
  return { letGo, held };
}

describe('a stream that is destroyed', () => {
  it('closes, whether it is not open yet, is ending, or is destroyed again', async () => {
    const unopened = createDruidWritable(clicksOf(druid));
    unopened.destroy();
    unopened.destroy();
    await once(unopened, 'close');
    const { held, letGo } = holdPushes();
    const ending = createDruidWritable(clicksOf(druid));
    ending.end(clicks(1)[0]);
    await held;
    ending.destroy();
    await once(ending, 'close');
    expect(ending.counters).toMatchObject({ received: 1, failed: 1 });
    expect(ending.writableFinished).toBe(false);
    letGo();
  });

  it('lets go of a sender that is not its own, and that is full', async () => {
    const { held, letGo } = holdPushes();
    await using sender = await createSender(clicksOf(druid, narrow));
    const streams = [createDruidWritable(sender), createDruidTransform(sender)];
    for (const stream of streams) for (const click of clicks(40)) stream.write(click);
    await held;
    for (const stream of streams) {
      stream.destroy();
      await once(stream, 'close');
    }
    letGo();
    await sender.flush();
    expect(sender.counters).toMatchObject({ failed: 0, sent: sender.counters.received });
  });

  it('is disposed of without a word', async () => {
    const writable = createDruidWritable(clicksOf(druid));
    writable.destroy();
    await writable[Symbol.asyncDispose]();
    const broken = createDruidWritable({ config: '/nowhere/tranquility.json' });
    await expect(broken[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'TRQ_CONFIG_UNREADABLE' });
  });
});

describe('a sender that would rather refuse than wait', () => {
  it('is waited for', async () => {
    await using sender = await createSender(clicksOf(druid, { ...narrow, 'tranquility.blockOnFull': false }));
    const events = clicks(600);
    const text = events.slice(400).map((click) => `${JSON.stringify(click)}\n`);
    const passed: Click[] = [];
    await Promise.all([
      pipeline(Readable.from(events.slice(0, 200)), createDruidWritable(sender)),
      pipeline(Readable.from(events.slice(200, 400)), createDruidTransform(sender), async (source) => {
        for await (const click of source) passed.push(click as Click);
      }),
      pipeline(Readable.from([text.join('')]), createDruidWritable(sender, { format: 'ndjson' })),
    ]);
    expect(usersIn(druid)).toEqual(upTo(600));
    expect(passed).toEqual(events.slice(200, 400));
  });
});

describe('a sender that is closed by its owner', () => {
  it('ends the stream', async () => {
    const sender: Sender = await createSender(clicksOf(druid));
    await sender.close();
    for (const stream of [createDruidWritable(sender), createDruidTransform(sender)]) {
      await expect(pipeline(Readable.from(clicks(3)), stream)).rejects.toMatchObject({ code: 'TRQ_SENDER_CLOSED' });
    }
    await expect(sendFrom(clicks(3), sender)).rejects.toMatchObject({ code: 'TRQ_SENDER_CLOSED' });
  });
});

describe('a Druid that is away for a while', () => {
  it('gets everything when it is back', async () => {
    let away = 3;
    druid.script = ({ path }) => (path.endsWith('push-events') && away-- > 0 ? 'reset' : undefined);
    await pipeline(Readable.from(clicks(100)), createDruidWritable(clicksOf(druid)));
    expect(usersIn(druid)).toEqual(upTo(100));
  });
});

describe('a DruidTransform', () => {
  it('does not wait for a batch that its own limit keeps from being full', async () => {
    const transform = createDruidTransform(clicksOf(druid, { 'tranquility.lingerMillis': -1 }), { highWaterMark: 7 });
    const passed = (await Readable.from(clicks(100)).pipe(transform).toArray()) as Click[];
    expect(passed.map(({ user }) => user)).toEqual(upTo(100));
  });

  it('passes on nothing that was not sent', async () => {
    druid.script = ({ path, body }) => {
      return path.endsWith('push-events') && body.includes('"user":60') ? { status: 403, body: 'no' } : undefined;
    };
    const transform = createDruidTransform(clicksOf(druid, narrow));
    const passed: Click[] = [];
    await expect(
      pipeline(Readable.from(clicks(100)), transform, async (source) => {
        for await (const click of source) passed.push(click as Click);
      }),
    ).rejects.toMatchObject({ code: 'TRQ_PUSH_REFUSED' });
    expect(passed).toEqual(
      clicks(100)
        .slice(0, passed.length)
        .map(({ user }) => expect.objectContaining({ user }) as Click),
    );
    expect(passed.length).toBeLessThanOrEqual(60);
  });
});

describe('a web stream', () => {
  it('is aborted at once, even while it waits for room', async () => {
    const { held, letGo } = holdPushes();
    const stream = createDruidWritableStream(clicksOf(druid, narrow));
    const writer = stream.getWriter();
    const writes = Promise.allSettled(clicks(100).map((click) => writer.write(click)));
    const closed = expect(writer.closed).rejects.toThrow('enough');
    await held;
    await writer.abort(new Error('enough'));
    await closed;
    expect((await writes).at(-1)).toMatchObject({ status: 'rejected' });
    letGo();
  });

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController();
    const writer = createDruidWritableStream(clicksOf(druid), { signal }).getWriter();
    await writer.write(clicks(1)[0]);
    await writer.close();
    await sendFrom(clicks(1), clicksOf(druid), { signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('counts bytes of NDJSON', () => {
    const writer = createDruidWritableStream(clicksOf(druid), { format: 'ndjson', highWaterMark: 100 }).getWriter();
    expect(writer.desiredSize).toBe(100);
    void writer.write(`${JSON.stringify(clicks(1)[0])}\n`);
    expect(writer.desiredSize).toBeLessThan(80);
  });
});

describe('sendFrom', () => {
  it('does not wait for a source that gives nothing when its signal aborts', async () => {
    const abort = new AbortController();
    const silent = (async function* () {
      yield clicks(1)[0];
      abort.abort(new Error('enough'));
      await new Promise(() => undefined);
    })();
    await expect(sendFrom(silent, clicksOf(druid), { signal: abort.signal })).rejects.toThrow('enough');
  });
});
