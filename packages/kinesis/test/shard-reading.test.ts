import { queryObjects } from 'node:v8';
import { gzipSync } from 'node:zlib';
import { Lane, StreamTally } from '@tranquility-js/connect';
import { TranquilityError, type Receipt, type Undelivered } from '@tranquility-js/core';
import { describe, expect, it } from 'vitest';
import { HeldLease } from '../src/leases/held-lease.js';
import type { Lease } from '../src/leases/lease.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease, type Start } from '../src/leases/shard-sync.js';
import type { Position } from '../src/position.js';
import { ShardReading } from '../src/shard-reading.js';
import type { Batch } from '../src/source/batch.js';
import type { Place } from '../src/source/stream-api.js';
import { recordOf, sealed } from './support/packing.js';
import { idOf, shard } from './support/shards.js';

interface Sent {
  readonly event: Uint8Array;
  readonly receipt: Receipt;
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const batch = (...numbers: number[]): Batch => ({
  records: numbers.map((number) => ({
    ...{ sequenceNumber: String(number), partitionKey: 'a', data: Buffer.from(`{"n":${number}}`), arrival: 0 },
  })),
  millisBehind: 0,
});

interface World {
  /** What each reading of the shard gives, from where on it begins: an error is thrown. */
  readonly answers: ((from: Place) => readonly Batch[] | Error)[];
  /** The shards of the stream. */
  readonly shards?: () => ReturnType<typeof shard>[];
  readonly start?: Start;
  readonly parents?: readonly number[];
  /** The leases of parents. */
  readonly leaseOf?: () => Promise<Lease | undefined>;
  /** How much of the shard may wait, and, behind each record, for what; nothing waits without it. */
  readonly maxWaitingBytes?: number;
  readonly drained?: () => Promise<void>;
  /** Where events are staged: the end of the turn that writes down their place. */
  readonly turn?: (held: HeldLease, lane: Lane<Position>) => Promise<void>;
}

/** The reading of shard 0 in a world in which each pause ends in the next turn of the event loop. */
function reading({
  answers,
  shards = () => [shard(0, [], true)],
  start = 'TRIM_HORIZON',
  parents = [],
  leaseOf = () => Promise.resolve(undefined),
  maxWaitingBytes = 1_000_000,
  drained,
  turn,
}: World) {
  const lease: Lease = { ...newLease(shard(0, parents), start), leaseOwner: 'me' };
  const store = new MemoryLeaseStore([lease]);
  const held = new HeldLease({ store, lease, me: 'me', since: 0, now: () => 0 });
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const troubles: string[] = [];
  const messages: string[] = [];
  const places: Place[] = [];
  let fatal: TranquilityError | undefined;
  const onFatal = (error: TranquilityError): void => {
    fatal = error;
  };
  const destination = {
    ...{ dataSource: 'clicks', isStaged: false, flush: () => undefined, remedyFor: () => 'fail' },
    offer: ({ value }: { value: Uint8Array }, receipt: Receipt) =>
      sent.push({ event: value, receipt }) > 0 && drained === undefined,
    drained,
  } as unknown as ConstructorParameters<typeof Lane<Position>>[0]['destination'];
  const tally = new StreamTally();
  const lane = new Lane<Position>({
    ...{ stream: 'clicks', partition: idOf(0), destination, tally, letters: undefined },
    ...{ maxWaitingBytes, onRoom: () => undefined, onStopped: () => undefined, onFatal },
  });
  const subject = new ShardReading({
    ...{ stream: 'clicks', held, lane, maxInflatedBytes: 200_000, checkpointRecords: undefined, lookMillis: 1 },
    read: async function* ({ from, signal }) {
      places.push(from);
      const answer = answers.shift()?.(from);
      if (answer instanceof Error) throw answer;
      yield* answer ?? [];
      if (answer === undefined) await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    clock: {
      now: () => 0,
      sleep: (millis) => {
        pauses.push(millis);
        return new Promise((resolve) => setImmediate(resolve));
      },
    },
    turns: {
      has: () => turn !== undefined,
      hurry: () => undefined,
      over: async () => turn?.(held, lane),
    },
    leaseOf,
    shards: () => Promise.resolve(shards()),
    sync: () => Promise.resolve(shards()),
    ...{ onWritten: () => undefined, onNotWritten: () => undefined },
    onTrouble: ({ kind, message }) => {
      troubles.push(kind);
      messages.push(message);
    },
    onThrottled: () => undefined,
    onExpiredIterator: () => undefined,
    onFatal,
  });
  return {
    ...{ subject, held, lane, tally, sent, pauses, troubles, messages, places, fatal: () => fatal },
    settle: () => {
      for (const { event, receipt } of sent.splice(0)) receipt.sent(1, [event], 0);
    },
    checkpoint: async () => (await store.get(idOf(0)))?.checkpoint,
  };
}

const fault = { status: 'dropped', reason: 'late', message: 'It is late.' } as Undelivered;

describe('the end of a shard', () => {
  it('is written down when all of its records have their outcome', async () => {
    const { settle, checkpoint, subject } = reading({ answers: [() => [batch(1, 2)]] });
    await turns();
    expect(await checkpoint()).toBe('TRIM_HORIZON');
    settle();
    await turns();
    expect(await checkpoint()).toBe('SHARD_END');
    expect(await subject.leave(AbortSignal.timeout(1000))).toBe(true);
  });

  it('is written down when a turn has written down its last record, where events are staged', async () => {
    const written: (string | undefined)[] = [];
    const { settle, checkpoint } = reading({
      answers: [() => [batch(1, 2)]],
      turn: async (held, lane) => {
        if (lane.settled !== undefined) await held.checkpoint(lane.settled, ['journal']);
        written.push(await checkpoint());
      },
    });
    await turns();
    expect(written).toEqual([]);
    settle();
    await turns();
    expect([written, await checkpoint()]).toEqual([['2'], 'SHARD_END']);
  });

  it('is not written down where the last turn has failed: nothing was shown', async () => {
    const { settle, subject, checkpoint } = reading({
      answers: [() => [batch(1, 2)]],
      turn: () => Promise.resolve(),
    });
    await turns();
    settle();
    await turns();
    expect(await checkpoint()).toBe('TRIM_HORIZON');
    expect(await subject.leave(AbortSignal.timeout(1000))).toBe(false);
    expect(await checkpoint()).toBe('TRIM_HORIZON');
  });

  it('is not written down over records whose lane a fatal error has closed', async () => {
    const { sent, checkpoint, subject, fatal } = reading({ answers: [() => [batch(1, 2)]] });
    await turns();
    const [first] = sent;
    first?.receipt.undelivered(first.event, fault, 0);
    await turns();
    expect([fatal()?.code, await checkpoint()]).toEqual(['TRQ_EVENT_DROPPED', 'TRIM_HORIZON']);
    expect(await subject.leave(AbortSignal.timeout(1000))).toBe(false);
    expect(await checkpoint()).toBe('TRIM_HORIZON');
  });

  it('is none where an answer says so of a shard that is listed as open: it is read on', async () => {
    let looks = 0;
    const { settle, checkpoint, places, pauses, troubles } = reading({
      answers: [() => [batch(1)], () => [batch(1)], () => [batch(1, 2)], () => [batch(2)]],
      shards: () => [shard(0, [], ++looks > 3)],
    });
    await turns();
    settle();
    await turns();
    settle();
    await turns();
    const at = (sequenceNumber: string): Place => ({ type: 'AT_SEQUENCE_NUMBER', sequenceNumber });
    expect(places).toEqual([{ type: 'TRIM_HORIZON' }, at('1'), at('1'), at('2')]);
    expect([pauses.length, new Set(troubles)]).toEqual([3, new Set(['disconnected'])]);
    expect(await checkpoint()).toBe('SHARD_END');
  });
});

describe('a place that Kinesis does not know', () => {
  const invalid = (): Error => Object.assign(new Error('no such place'), { name: 'InvalidArgumentException' });
  const start = { from: 'LATEST', timestamp: 5 } as const;
  const beginning: Place = { type: 'AT_TIMESTAMP', timestamp: 5 };

  it('is waited for where it is a time: our clock may be ahead', async () => {
    const { places, pauses, troubles } = reading({ answers: [invalid, invalid, () => [batch(1)]], start });
    await turns();
    expect(places).toEqual([beginning, beginning, beginning]);
    expect([pauses.length, troubles]).toEqual([2, ['disconnected']]);
  });

  it('is another stream where it is that of a record', async () => {
    const { settle, places, troubles } = reading({
      answers: [() => [batch(1)], invalid, () => [batch(7)]],
      shards: () => [shard(0)],
      start,
    });
    await turns();
    settle();
    await turns();
    expect(places.slice(1, 3)).toEqual([{ type: 'AT_SEQUENCE_NUMBER', sequenceNumber: '1' }, { type: 'TRIM_HORIZON' }]);
    expect(troubles).toContain('another-stream');
  });
});

it('its age is that of the oldest record that has no outcome, while reading waits for room too', async () => {
  const arrivedAt = (number: number, arrival: number): Batch => ({
    records: batch(number).records.map((record) => ({ ...record, arrival })),
    millisBehind: 0,
  });
  const waiting: (() => void)[] = [];
  const { subject, settle } = reading({
    answers: [() => [arrivedAt(1, -90_000), arrivedAt(2, -60_000), arrivedAt(3, -30_000)]],
    shards: () => [shard(0)],
    maxWaitingBytes: 1,
    drained: () => new Promise((resolve) => waiting.push(resolve)),
  });
  const ages = [subject.iteratorAgeMillis];
  for (let record = 0; record < 3; record++) {
    await turns();
    ages.push(subject.iteratorAgeMillis);
    settle();
    for (const go of waiting.splice(0)) go();
  }
  await turns();
  expect([...ages, subject.iteratorAgeMillis]).toEqual([0, 90_000, 60_000, 30_000, 0]);
});

it('an answer is unpacked as there is room for it', async () => {
  const size = 100_000;
  const numbers = Array.from({ length: 40 }, (_, at) => at);
  const records = numbers.map((n) => ({
    ...{ sequenceNumber: String(n), partitionKey: 'a', arrival: 0 },
    data: gzipSync(JSON.stringify({ n }).padEnd(size)),
  }));
  const waiting: (() => void)[] = [];
  const maxWaitingBytes = 3 * size;
  const { lane, sent, settle, checkpoint } = reading({
    ...{ answers: [() => [{ records, millisBehind: 0 }]], maxWaitingBytes },
    drained: () => new Promise((resolve) => waiting.push(resolve)),
  });
  const seen: number[] = [];
  let most = 0;
  while ((await checkpoint()) !== 'SHARD_END') {
    await turns();
    most = Math.max(most, lane.waitingBytes);
    seen.push(...sent.map(({ event }) => (JSON.parse(String(Buffer.from(event))) as { n: number }).n));
    settle();
    for (const go of waiting.splice(0)) go();
  }
  expect(seen).toEqual(numbers);
  expect(most).toBeGreaterThan(2 * size);
  expect(most).toBeLessThan(maxWaitingBytes + 2 * size);
});

it('an answer of many pieces lets whatever else is due go first between them', async () => {
  const count = 50_000;
  const message = Buffer.concat([
    Buffer.from('0a0161', 'hex'),
    Buffer.alloc(4 * count, Buffer.from('1a021a00', 'hex')),
  ]);
  const { tally } = reading({
    answers: [() => [{ records: [recordOf(sealed(message))], millisBehind: 0 }]],
    maxWaitingBytes: 1_000_000_000,
  });
  const steps: number[] = [];
  for (let before = 0; before < count; before = tally.received) {
    await new Promise((resolve) => setImmediate(resolve));
    if (tally.received > before) steps.push(tally.received - before);
  }
  expect(Math.max(...steps)).toBeLessThan(count / 10);
});

it('a wait for room ends when the reading is left, though there is none', async () => {
  const { subject, lane } = reading({
    answers: [() => [batch(1), batch(2)]],
    maxWaitingBytes: 1,
    drained: () => new Promise(() => undefined),
  });
  await turns();
  expect(lane.isFull).toBe(true);
  expect(await subject.leave(AbortSignal.abort())).toBe(false);
});

it('waits for room that are over keep nothing in memory', async () => {
  const waits = 500;
  const { sent, settle } = reading({
    answers: [() => Array.from({ length: 3 * waits }, (_, at) => batch(at))],
    maxWaitingBytes: 1,
    drained: () => new Promise((resolve) => setImmediate(resolve)),
  });
  let taken = 0;
  /** How many promises are alive, once so many records were taken. */
  const promisesAfter = async (records: number): Promise<number> => {
    while (taken < records) {
      await new Promise((resolve) => setImmediate(resolve));
      taken += sent.length;
      settle();
    }
    return queryObjects(Promise, { format: 'count' });
  };
  const before = await promisesAfter(waits);
  expect((await promisesAfter(2 * waits)) - before).toBeLessThan(waits / 2);
});

it('a stream that is deleted is asked for less and less often', async () => {
  const gone = Object.assign(new Error('no such stream'), { name: 'ResourceNotFoundException' });
  const { places, pauses, troubles } = reading({
    answers: Array.from({ length: 8 }, () => () => gone),
    shards: () => {
      throw gone;
    },
  });
  await turns();
  expect([places.length, pauses.length, troubles]).toEqual([9, 8, ['deleted']]);
  expect(pauses.at(-1)).toBeGreaterThan(4000);
});

describe('a trouble is over with the next answer of whoever did not answer', () => {
  it('the ledger, which is named, while parents are being read', async () => {
    const parent: Lease = { ...newLease(shard(9), 'TRIM_HORIZON'), leaseOwner: 'other' };
    const answers: (Lease | Error)[] = [parent, new TranquilityError('TRQ_LEASES_UNREACHABLE', 'It is away.')];
    const leaseOf = () => {
      const answer = answers.shift() ?? parent;
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    };
    const { subject, messages, places } = reading({ answers: [], parents: [9], leaseOf });
    await turns();
    expect(messages).toEqual([`clicks, ${idOf(0)}: It is away. It is tried again.`]);
    expect([subject.trouble, places]).toEqual([undefined, []]);
    await subject.leave(AbortSignal.timeout(1000));
  });

  it('Kinesis, when it is asked for the shards', async () => {
    const gone = Object.assign(new Error('no such shard'), { name: 'ResourceNotFoundException' });
    let asked = 0;
    const { subject, troubles, places } = reading({
      answers: [() => gone],
      shards: () => {
        asked++;
        if (asked === 1) throw new Error('It is away.');
        return [shard(0)];
      },
    });
    await turns();
    expect([subject.trouble, troubles, places.length]).toEqual([undefined, ['disconnected'], 2]);
    await subject.leave(AbortSignal.timeout(1000));
  });
});
