import { createRequire } from 'node:module';
import type { Batch } from 'kafkajs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readFetchAnswer } from '../src/source/fetch/fetch-answer.js';
import type { Bounds } from '../src/source/next-step.js';
import { PartitionReading } from '../src/source/partition-reading.js';
import type { Witness } from '../src/source/known-log.js';
import type { SourceListener, SourceTrouble } from '../src/source/source.js';
import { answerOf, batchOf, marked, sealed } from './fetch/answers.js';

/** What kafkajs makes of an answer for one partition. */
const KafkajsBatch = createRequire(import.meta.url)('kafkajs/src/consumer/batch.js') as new (
  topic: string,
  fetchedOffset: string,
  partition: object,
) => Batch & { isEmpty(): boolean };

const place = { topic: 'clicks', partition: 0 };
let bounds: Bounds | undefined;
let handed: number[] = [];
let troubles: SourceTrouble[] = [];
let resolved: number[] = [];
let sought: number[] = [];
let runs: boolean[] = [];
let kept: number[] = [];
let reading: PartitionReading;
let readFrom: (offset: number, witness?: Witness) => void;

beforeEach(() => {
  vi.useFakeTimers();
  bounds = undefined;
  [handed, troubles, resolved, sought, runs, kept] = [[], [], [], [], [], []];
  const fetching = {
    run: (isOn: boolean) => void runs.push(isOn),
    seek: (offset: number) => void sought.push(offset),
    keep: (offset: number) => void kept.push(offset),
    bounds: () => Promise.resolve(bounds),
  };
  const listener: Pick<SourceListener, 'records' | 'trouble'> = {
    records: (_topic, _partition, records) => {
      for (let at = 0; at < records.length; at++) handed.push(records.at(at)?.position ?? -1);
      return Promise.resolve();
    },
    trouble: (trouble) => void troubles.push(trouble),
  };
  readFrom = (offset, witness) => {
    reading = new PartitionReading({ ...place, offset }, fetching, listener, witness);
    reading.want(true);
  };
  readFrom(100);
});
afterEach(() => {
  vi.useRealTimers();
});

/** A batch of records, of which each has the time of the batch. */
async function setOf(firstOffset: number, count: number, epoch = 0, timestamp = 0): Promise<Buffer> {
  const set = await batchOf({
    ...{ firstOffset, lastOffsetDelta: count - 1 },
    records: Array.from({ length: count }, (_, offsetDelta) => ({ offsetDelta, value: Buffer.from('{}') })),
  });
  set.writeInt32BE(epoch, 12);
  set.writeBigInt64BE(BigInt(timestamp), 27);
  return sealed(set);
}

/** An answer as it comes from a broker, through kafkajs. */
async function take(fetched: number, set: Buffer | null, end = 1_000, errorCode = 0): Promise<void> {
  const answer = await readFetchAnswer(answerOf(place.topic, [{ partition: 0, set, errorCode }]));
  const data = { ...answer?.responses[0]?.partitions[0], highWatermark: String(end) };
  const batch = new KafkajsBatch(place.topic, String(fetched), data);
  expect(batch.isEmpty()).toBe(false);
  await reading.take({ batch, resolveOffset: (offset) => void resolved.push(Number(offset)) });
}

it('hands on what comes next, and has kafkajs go on behind it', async () => {
  await take(100, await setOf(98, 5));
  await take(103, await setOf(103, 2));
  expect([handed, resolved, sought, troubles]).toEqual([[100, 101, 102, 103, 104], [102, 104], [], []]);
});

it('an answer that comes twice is passed over, and what it has more is handed on', async () => {
  await take(100, await setOf(100, 3), 103);
  await take(100, await setOf(100, 3), 103);
  await take(101, await setOf(100, 5), 105);
  expect([handed, resolved, sought, troubles]).toEqual([[100, 101, 102, 103, 104], [102, 102, 104], [], []]);
});

it('one from a leader that knows less is no other log', async () => {
  bounds = { low: 0, high: 100 };
  await take(90, await setOf(90, 5), 95);
  expect([handed, resolved, troubles]).toEqual([[], [99], []]);
});

it('one that was asked for further on is passed over, and what comes next is asked for', async () => {
  bounds = { low: 0, high: 1_000 };
  await take(110, await setOf(110, 5));
  await take(100, await setOf(100, 10));
  await take(110, await setOf(110, 5));
  expect([handed.length, handed[0], handed.at(-1)]).toEqual([15, 100, 114]);
  expect([sought, resolved, troubles]).toEqual([[100], [109, 114], []]);
});

it('so are all that come before what was asked for anew', async () => {
  bounds = { low: 0, high: 1_000 };
  await take(110, await setOf(110, 5));
  await take(115, await setOf(115, 5));
  expect([handed, sought]).toEqual([[], [100, 100]]);
  // Its answer held nothing for us.
  reading.answered(100);
  await take(112, await setOf(112, 3));
  expect([handed, troubles]).toEqual([[112, 113, 114], []]);
});

it('a log that begins further on is read from there, and what is lost is told', async () => {
  bounds = { low: 110, high: 120 };
  await take(110, await setOf(110, 2));
  expect(handed).toEqual([110, 111]);
  expect(troubles).toMatchObject([{ kind: 'lost-records', ...place, count: 10 }]);
});

it('a log that ends before our place is read from its beginning', async () => {
  bounds = { low: 0, high: 2 };
  await take(0, await setOf(0, 2), 2);
  await take(2, await setOf(2, 1), 3);
  expect(handed).toEqual([0, 1, 2]);
  expect(troubles).toMatchObject([{ kind: 'another-log', ...place }]);
  expect(kept).toEqual([0]);
});

it('so is one that was out of range, and has grown past our place by the time we look', async () => {
  bounds = { low: 0, high: 160 };
  await reading.outOfRange(100);
  expect([sought, kept, runs]).toEqual([[0], [0], [true, false, true]]);
  await take(0, await setOf(0, 160), 160);
  expect([handed.length, handed[0], handed.at(-1)]).toEqual([160, 0, 159]);
  expect(troubles).toMatchObject([{ kind: 'another-log', ...place }]);
  expect(troubles[0]?.message).toContain('ended before the group’s place 100, and has grown to 160 since');
});

it('a place whose records were deleted while it was out of range is passed, and what is lost is told', async () => {
  bounds = { low: 120, high: 160 };
  await reading.outOfRange(100);
  expect([sought, kept]).toEqual([[120], [120]]);
  expect(troubles).toMatchObject([{ kind: 'lost-records', ...place, count: 20 }]);
});

it('that another offset than our place is out of range says nothing of it', async () => {
  bounds = { low: 0, high: 160 };
  await reading.outOfRange(90);
  expect([sought, kept, troubles, runs.at(-1)]).toEqual([[100], [], [], true]);
});

it('a place that is out of range is asked for again while the leader does not say what it has', async () => {
  await reading.outOfRange(100);
  expect([sought, kept, troubles, runs.at(-1)]).toEqual([[100], [], [], true]);
});

it('nothing is passed over while the leader does not say what it has', async () => {
  await take(110, await setOf(110, 5));
  await take(0, await setOf(0, 5), 5);
  expect([handed, sought, resolved, troubles]).toEqual([[], [100, 100], [], []]);
});

it('where there is nothing for us, reading goes on behind it', async () => {
  const control = 0x20;
  await take(100, marked(await setOf(100, 1), control));
  await take(101, await setOf(101, 2));
  expect([handed, resolved, sought]).toEqual([[101, 102], [100, 102], []]);
});

async function brokenSet(): Promise<Buffer> {
  const set = await setOf(103, 3);
  set.writeInt32BE(-1, 57);
  return set;
}

it('waits before a batch that is broken, tells of it, and tries again', async () => {
  await take(100, Buffer.concat([await setOf(100, 3), await brokenSet()]));
  expect([handed, reading.broken]).toEqual([[100, 101, 102], undefined]);
  await take(103, await brokenSet());
  expect(troubles).toMatchObject([{ kind: 'broken-batch', ...place, offset: 103 }]);
  expect(troubles[0]?.message).toContain('kafka-consumer-groups --reset-offsets');
  expect([reading.broken, resolved, runs.at(-1)]).toEqual([troubles[0], [102], false]);
  // Room that comes meanwhile changes nothing.
  reading.want(true);
  expect(runs.at(-1)).toBe(false);
  vi.advanceTimersByTime(30_000);
  expect([runs.at(-1), reading.broken]).toEqual([true, troubles[0]]);
  await take(103, await setOf(103, 3));
  expect([handed, reading.broken, troubles.length]).toEqual([[100, 101, 102, 103, 104, 105], undefined, 1]);
});

it('waits where the broker cannot read the batch, and so says nothing of the end', async () => {
  bounds = { low: 0, high: 1_000 };
  await take(100, null, -1, 2);
  expect(troubles).toMatchObject([{ kind: 'broken-batch', ...place, offset: 100 }]);
  expect([sought, resolved, runs.at(-1)]).toEqual([[], [], false]);
});

it('a broken batch that was passed already holds up nothing', async () => {
  await take(90, await brokenSet());
  expect([resolved, troubles, reading.broken]).toEqual([[99], [], undefined]);
});

it('asks for nothing when it is ours no longer', async () => {
  await take(100, await brokenSet());
  const before = runs.length;
  reading.end();
  reading.want(true);
  vi.advanceTimersByTime(60_000);
  expect(runs).toHaveLength(before);
});

const witness = { offset: 99, epoch: 3, timestamp: 7 };

it('a log whose last record is as it was is gone on with, and no record is handed on twice', async () => {
  bounds = { low: 0, high: 110 };
  readFrom(100, witness);
  reading.begin();
  await take(99, await setOf(95, 15, 3, 7));
  await take(110, await setOf(110, 1, 3, 8));
  expect([sought, troubles]).toEqual([[99], []]);
  expect([handed.length, handed[0], handed.at(-1)]).toEqual([11, 100, 110]);
  expect(reading.witnessBefore(111)).toEqual({ offset: 110, epoch: 3, timestamp: 8 });
});

it.each([
  ['leader', 1, 7],
  ['time', 3, 8],
])('one whose last record has another %s is another log, though it is as long', async (_, epoch, timestamp) => {
  bounds = { low: 0, high: 110 };
  readFrom(100, witness);
  reading.begin();
  await take(99, await setOf(95, 15, epoch, timestamp));
  expect([handed, sought, kept]).toEqual([[], [99, 0], [0]]);
  expect(troubles).toMatchObject([{ kind: 'another-log', ...place }]);
  await take(0, await setOf(0, 110, epoch, timestamp), 110);
  expect([handed.length, handed[0], handed.at(-1)]).toEqual([110, 0, 109]);
});

it('nothing is said of one whose last record is gone', async () => {
  bounds = { low: 0, high: 110 };
  readFrom(100, witness);
  reading.begin();
  await take(99, await setOf(100, 10, 3, 9));
  readFrom(100, witness);
  reading.begin();
  // Or deleted with all that were before our place.
  bounds = { low: 100, high: 110 };
  await reading.outOfRange(99);
  await take(100, await setOf(100, 10, 3, 9));
  expect([handed.length, sought, troubles]).toEqual([20, [99, 99, 100], []]);
});

it('a log that has no longer what was known of it, though it has our place, has grown again', async () => {
  bounds = { low: 0, high: 110 };
  readFrom(100, witness);
  reading.begin();
  await reading.outOfRange(99);
  expect([sought, kept]).toEqual([[99, 0], [0]]);
  expect(troubles).toMatchObject([{ kind: 'another-log', ...place }]);
});

it('where another leader took what comes next, what was read last is looked at once', async () => {
  bounds = { low: 0, high: 120 };
  await take(100, await setOf(100, 5, 0, 1));
  await take(105, await setOf(105, 5, 1, 2));
  expect([handed.length, sought]).toEqual([5, [104]]);
  await take(104, await setOf(100, 5, 0, 1));
  await take(105, await setOf(105, 5, 1, 2));
  expect([handed, troubles]).toEqual([[100, 101, 102, 103, 104, 105, 106, 107, 108, 109], []]);
  // Of a log that was made anew, the leader has begun to count again.
  await take(110, await setOf(110, 5, 0, 3));
  await take(109, await setOf(105, 5, 0, 3));
  expect([handed.length, sought, kept]).toEqual([10, [104, 109, 0], [0]]);
  expect(troubles).toMatchObject([{ kind: 'another-log', ...place }]);
});

it('after a rest what was read last is looked at', async () => {
  await take(100, await setOf(100, 5));
  reading.hold(true);
  vi.advanceTimersByTime(100);
  reading.hold(false);
  expect(sought).toEqual([]);
  reading.hold(true);
  vi.advanceTimersByTime(1_000);
  reading.hold(false);
  expect(sought).toEqual([104]);
  await take(104, await setOf(100, 10));
  expect(handed).toEqual([100, 101, 102, 103, 104, 105, 106, 107, 108, 109]);
});

it('rests while it is not wanted, or held', () => {
  expect(reading.isResting).toBe(false);
  reading.want(false);
  expect(reading.isResting).toBe(true);
  reading.want(true);
  reading.hold(true);
  expect(reading.isResting).toBe(true);
});
