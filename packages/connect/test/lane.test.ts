import { decoderFor, TranquilityError, type Decoder, type Receipt, type Sender } from '@tranquility-js/core';
import type { FoundEvent } from '@tranquility-js/core/internal';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Destination } from '../src/destination.js';
import { Lane } from '../src/lane.js';
import type { Letters } from '../src/letter.js';
import type { StreamProperties } from '../src/properties.js';
import type { StreamRecord } from '../src/record.js';
import type { StoppedFault } from '../src/stopped-fault.js';
import { StreamTally } from '../src/tally.js';

/** How often the sender was to send what waits for a batch to be full. */
let flushes = 0;
/** What was handed to the sender, and who is to be told. */
let taken: { readonly event: unknown; readonly receipt: Receipt; readonly place: number | undefined }[] = [];
let stopped: StoppedFault | undefined;
let fatal: TranquilityError | undefined;

beforeEach(() => {
  flushes = 0;
  taken = [];
  stopped = undefined;
  fatal = undefined;
});

const take = (event: unknown, receipt: Receipt, place?: number): boolean => taken.push({ event, receipt, place }) > 0;

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });

const jsonDecoder = (): Decoder => decoderFor({ inputFormat: { type: 'json' } } as Parameters<typeof decoderFor>[0]);

/** A lane into a sender that tells outcomes when the test says so. */
function laneTo({
  isStaged = false,
  hasRoom = (): boolean => true,
  decoder = jsonDecoder(),
  letters = undefined as Letters<number> | undefined,
  maxWaitingBytes = 1_000_000,
  tally = new StreamTally(),
  onLeftOut = undefined as ((record: StreamRecord<number>) => void) | undefined,
} = {}): Lane<number> {
  const sender = {
    ...{ dataSource: 'clicks', staging: isStaged ? {} : undefined },
    offer: (event: FoundEvent, receipt: Receipt) => take(event.copy(), receipt, event.place) && hasRoom(),
    write: (event: unknown, receipt: Receipt) => take(event, receipt),
    drained: ({ signal }: { signal: AbortSignal }) => (hasRoom() ? Promise.resolve() : aborted(signal)),
    flush: () => Promise.resolve(flushes++),
  } as unknown as Sender;
  const remedy = letters === undefined ? 'stop' : 'dead-letter';
  const properties = { onUnparseable: remedy, onDrop: remedy } as StreamProperties;
  const place = { stream: 'topic', partition: '0' };
  return new Lane<number>({
    ...place,
    destination: new Destination(
      { sender, decoder, properties, hasLetters: letters !== undefined, onTrouble: () => undefined },
      place,
    ),
    tally,
    letters,
    maxWaitingBytes,
    ...(onLeftOut === undefined ? {} : { onLeftOut }),
    onRoom: () => undefined,
    onStopped: (fault) => (stopped = fault),
    onFatal: (error) => (fatal = error),
  });
}

const record = (position: number, text = `{"n":${position}}`): StreamRecord<number> => ({
  ...{ position, next: position + 1, key: null, value: Buffer.from(text), headers: {}, timestamp: 0 },
});
const settle = (): void => {
  for (const { event, receipt } of taken) receipt.sent(1, [event], 0);
};
const nobodyKnows = new TranquilityError('TRQ_ABORTED', 'Nobody knows.');
const ever = new AbortController().signal;
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('a lane', () => {
  it('is quiet when what it sent has its outcome, and sends nothing more until it is released', async () => {
    const lane = laneTo();
    lane.push(Array.from({ length: 700 }, (_, position) => record(position)));
    let isQuiet: boolean | undefined;
    void lane.quiet(ever).then((quiet) => (isQuiet = quiet));
    await turns();
    lane.push([record(700)]);
    await turns();
    expect([taken.length, isQuiet]).toEqual([500, undefined]);
    settle();
    await turns();
    expect([lane.settled, isQuiet]).toEqual([500, true]);
    taken = [];
    lane.release();
    await turns();
    settle();
    expect([taken.length, lane.settled]).toEqual([201, 701]);
  });

  it('held, stops before a record that waits for what it needs to be read, and goes on there', async () => {
    let prepared = 0;
    let arrive = (): void => undefined;
    let schema: Promise<void> | undefined = new Promise((resolve) => (arrive = resolve));
    const decoder: Decoder = {
      prepare: (payload) => {
        if (!String(payload).includes('2')) return undefined;
        prepared++;
        return schema;
      },
      decode: (payload) => ({ events: [{ text: String(payload) }], refused: [], lines: [] }),
    };
    const lane = laneTo({ decoder });
    lane.push([record(0), record(1), record(2), record(3)]);
    await turns();
    const quiet = lane.quiet(ever);
    settle();
    expect([await quiet, taken.length, lane.settled, prepared]).toEqual([true, 2, 2, 1]);
    lane.release();
    await turns();
    arrive();
    schema = undefined;
    taken = [];
    await turns();
    settle();
    expect([taken.length, lane.settled, prepared]).toEqual([2, 4, 1]);
  });

  it('held, stops behind a record that waits for room', async () => {
    let hasRoom = false;
    const lane = laneTo({ hasRoom: () => hasRoom });
    lane.push([record(0), record(1)]);
    await turns();
    const quiet = lane.quiet(ever);
    settle();
    expect([await quiet, taken.length, lane.settled]).toEqual([true, 1, 1]);
    taken = [];
    hasRoom = true;
    lane.release();
    await turns();
    settle();
    expect([taken.length, lane.settled]).toEqual([1, 2]);
  });

  it('is not quiet when it is closed, nor when the wait is ended', async () => {
    const lane = laneTo();
    lane.push([record(0)]);
    await turns();
    expect(await lane.quiet(AbortSignal.abort())).toBe(false);
    const quiet = lane.quiet(ever);
    lane.close();
    expect(await quiet).toBe(false);
  });

  it('has the sender send what it holds back once, however often it is waited for, and again after more', async () => {
    const lane = laneTo();
    const wait = async (): Promise<void> => {
      for (let time = 0; time < 3; time++) await lane.quiet(AbortSignal.abort());
    };
    lane.push([record(0)]);
    await turns();
    await wait();
    expect(flushes).toBe(1);
    taken[0]?.receipt.undelivered(taken[0].event, { status: 'failed', error: nobodyKnows }, taken[0].place);
    await vi.waitFor(() => expect(taken.length).toBe(2), 20_000);
    await wait();
    expect(flushes).toBe(2);
    lane.close();
  });

  it('stands still exactly before the record that is to blame', async () => {
    const lane = laneTo({ isStaged: true });
    lane.push([record(0), record(1), record(2, 'no JSON'), record(3)]);
    await turns();
    settle();
    expect([stopped?.position, taken.length, lane.settled]).toEqual(['2', 2, 2]);
    expect(await lane.quiet(ever)).toBe(true);
  });

  it('the first record too', async () => {
    const lane = laneTo();
    lane.push([record(0, 'no JSON'), record(1)]);
    await turns();
    expect([stopped?.position, taken.length, lane.settled]).toEqual(['0', 0, undefined]);
    expect(await lane.quiet(ever)).toBe(true);
  });

  it('ends where it would have to stand still before what is on its way, and must not come twice', async () => {
    const late = { status: 'dropped', reason: 'late', message: 'It is late.' } as const;
    for (const isStaged of [false, true]) {
      taken = [];
      const lane = laneTo({ isStaged });
      lane.push([record(0), record(1)]);
      await turns();
      taken[0]?.receipt.undelivered(taken[0].event, late, taken[0].place);
      expect([stopped?.position, fatal?.code]).toEqual(isStaged ? ['0', 'TRQ_EVENT_DROPPED'] : ['0', undefined]);
      expect(lane.settled).toBeUndefined();
    }
  });

  it('keeps its place before the last record that it sent, where it stands still for that one', async () => {
    const lane = laneTo();
    lane.push([record(0), record(1)]);
    await turns();
    const late = { status: 'dropped', reason: 'late', message: 'It is late.' } as const;
    taken[1]?.receipt.undelivered(taken[1].event, late, taken[1].place);
    taken[0]?.receipt.sent(1, [taken[0].event], 0);
    expect([stopped?.position, lane.settled]).toEqual(['1', undefined]);
  });

  it('is full of what waits for its dead letter, until that is kept', async () => {
    const keeping: (() => void)[] = [];
    const letters = { keep: () => new Promise<void>((resolve) => keeping.push(resolve)) };
    const lane = laneTo({ letters, maxWaitingBytes: 200 });
    lane.push([record(0, 'no JSON'), record(1, 'no JSON')]);
    await turns();
    expect([lane.waitingBytes, lane.isFull]).toEqual([142, false]);
    lane.push([record(2, 'no JSON')]);
    await turns();
    expect([lane.waitingBytes, lane.isFull, lane.settled]).toEqual([213, true, undefined]);
    const room = lane.room();
    for (const keep of keeping) keep();
    await room;
    await turns();
    expect([lane.waitingBytes, lane.isFull, lane.settled]).toEqual([0, false, 3]);
  });

  it('finds the record of what was not sent, though it keeps none, also when that was sent again', async () => {
    const bytes = Buffer.from('{"n":0}{"n":1}{"n":2}');
    const at = (position: number): StreamRecord<number> => {
      const [start, end] = [7 * position, 7 * position + 7];
      return { ...record(position), value: bytes.subarray(start, end), spot: { bytes, start, end } };
    };
    const kept: unknown[] = [];
    const letters: Letters<number> = {
      keep: ({ record: { position, value } }) => {
        kept.push(position, String(value));
        return Promise.resolve();
      },
    };
    const lane = laneTo({ letters });
    lane.push({ length: 3, at });
    await turns();
    vi.useFakeTimers();
    taken[1]?.receipt.undelivered(taken[1].event, { status: 'failed', error: nobodyKnows }, taken[1].place);
    await vi.runAllTimersAsync();
    vi.useRealTimers();
    const [first, , third, again] = taken;
    expect([String(again?.event), again?.place]).toEqual(['{"n":1}', undefined]);
    again?.receipt.undelivered(again.event, { status: 'dropped', reason: 'late', message: 'It is late.' });
    for (const one of [first, third]) one?.receipt.sent(1, [], 0);
    await turns();
    expect([kept, lane.settled]).toEqual([[1, '{"n":1}'], 3]);
  });

  it('has many events sent again without a warning of a leak', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    const lane = laneTo();
    lane.push(Array.from({ length: 50 }, (_, position) => record(position)));
    await turns();
    const error = new TranquilityError('TRQ_OVERLORD_UNREACHABLE', 'Nobody answers.');
    for (const { event, receipt } of taken) receipt.undelivered(event, { status: 'failed', error });
    await turns();
    lane.close();
    process.off('warning', note);
    expect([taken.length, warnings]).toEqual([50, []]);
  });

  it('only counts what is to be left out, whatever is wished for drops, and goes on', async () => {
    const tally = new StreamTally();
    const leftOut: number[] = [];
    const lane = laneTo({ tally, onLeftOut: ({ position }) => void leftOut.push(position) });
    lane.push([record(0), { ...record(1), value: null, leftOut: 'elsewhere' }, record(2)]);
    await turns();
    settle();
    expect([taken.map(({ event }) => String(event)), stopped]).toEqual([['{"n":0}', '{"n":2}'], undefined]);
    expect([leftOut, tally.snapshot().dropped, lane.settled]).toEqual([[1], { elsewhere: 1 }, 3]);
  });

  it('reads what is not one event', async () => {
    const lane = laneTo();
    lane.push([record(0, '[{"a":1},{"a":2}]'), record(1), record(2)]);
    await turns();
    expect(taken.map(({ event }) => String(event))).toEqual(['{"a":1}', '{"a":2}', '{"n":1}', '{"n":2}']);
    settle();
    expect(lane.settled).toBe(3);
  });
});
