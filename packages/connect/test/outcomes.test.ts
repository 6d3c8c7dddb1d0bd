import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { TranquilityError, type Undelivered } from '@tranquility-js/core';
import { beforeEach, expect, it, vi } from 'vitest';
import { Destination } from '../src/destination.js';
import type { Letter, Letters } from '../src/letter.js';
import { Outcomes, type OutcomesLane } from '../src/outcomes.js';
import { Prefix } from '../src/prefix.js';
import type { StreamProperties } from '../src/properties.js';
import type { StreamRecord } from '../src/record.js';
import { Room } from '../src/room.js';
import { StretchReceipt } from '../src/stretch-receipt.js';
import { StreamTally } from '../src/tally.js';

const record: StreamRecord<number> = {
  ...{ position: 7, next: 8, key: null, value: Buffer.from('{}'), headers: {}, timestamp: 0 },
};
const late = { reason: 'late', message: 'It is late.' } as const;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let closing = new AbortController();
let tally = new StreamTally();
let prefix = new Prefix<number>(() => undefined);
let told: string[] = [];

beforeEach(() => {
  closing = new AbortController();
  tally = new StreamTally();
  prefix = new Prefix<number>(() => undefined);
  told = [];
});

/** What deals with the one event of the record, and its receipt. */
function outcomesOf(
  properties: Partial<StreamProperties>,
  options: {
    readonly letters?: Letters<number>;
    readonly write?: (...written: unknown[]) => boolean;
    readonly record?: StreamRecord<number>;
  } = {},
) {
  const { letters, write = () => true, record: given = record } = options;
  const place = { stream: 'topic', partition: '0' };
  const sender = { dataSource: 'clicks', staging: undefined, write };
  const parts = { sender, properties, hasLetters: letters !== undefined, onTrouble: () => told.push('trouble') };
  const lane: OutcomesLane<number> = {
    isOpen: () => !closing.signal.aborted,
    closing: closing.signal,
    isBehind: () => true,
    stop: ({ position }) => told.push(`stop ${position}`),
    fatal: (error) => told.push(`fatal ${error instanceof TranquilityError ? error.code : String(error)}`),
  };
  const destination = new Destination<number>(parts as never, place);
  const room = new Room(1000, () => undefined);
  const outcomes = new Outcomes<number>({ ...place, destination, tally, letters, room, lane });
  const stretch = prefix.open();
  const receipt = new StretchReceipt<number>(stretch, [given], outcomes);
  receipt.add(given.value ?? {}, given);
  stretch.close(given.next);
  return { outcomes, receipt, stretch };
}

it('settles what was sent, and what is only counted', () => {
  outcomesOf({}).receipt.sent(1);
  expect([prefix.settled, tally.sent]).toEqual([8, 1]);
  const { outcomes, stretch } = outcomesOf({});
  outcomes.faulty(record, late, stretch);
  expect([prefix.isComplete, tally.snapshot().dropped]).toEqual([true, { late: 1 }]);
});

it('stops, or ends, as its owner wishes', () => {
  for (const properties of [{ onDrop: 'stop' }, { reportDropsAsExceptions: true }] as const) {
    const { outcomes, stretch } = outcomesOf(properties);
    outcomes.faulty(record, late, stretch);
  }
  expect([told, prefix.isComplete]).toEqual([['stop 7', 'fatal TRQ_EVENT_DROPPED'], false]);
});

it('says why dead letters wait, until they are kept', async () => {
  vi.useFakeTimers();
  try {
    const answers = [Promise.reject(new Error('Away.')), Promise.resolve()];
    const { outcomes, stretch } = outcomesOf({}, { letters: { keep: () => answers.shift() ?? Promise.resolve() } });
    outcomes.faulty(record, late, stretch);
    await vi.advanceTimersByTimeAsync(100);
    expect([outcomes.trouble, prefix.isComplete, tally.deadLetters]).toEqual(['Away.', false, 0]);
    await vi.runAllTimersAsync();
    expect([outcomes.trouble, prefix.isComplete, tally.deadLetters]).toEqual([undefined, true, 1]);
  } finally {
    vi.useRealTimers();
  }
});

it('a record has one letter, however many of its events are dropped: with the first fault, and their number so far', async () => {
  const letters: Letter<number>[] = [];
  let keep = (): void => undefined;
  const kept = new Promise<void>((resolve) => (keep = resolve));
  const { receipt, stretch } = outcomesOf(
    {},
    {
      letters: {
        keep: (letter) => {
          letters.push(letter);
          return kept;
        },
      },
    },
  );
  const copies = [{ n: 1 }, { n: 2 }, { n: 3 }];
  // The same record need not be the same object.
  for (const event of copies) receipt.add(event, { ...record });
  receipt.undelivered(record.value, { status: 'dropped', ...late });
  receipt.undelivered(copies[0], { status: 'dropped', reason: 'early', message: 'It is early.' });
  receipt.undelivered(copies[1], { status: 'dropped', ...late });
  expect(letters.map(({ reason, dropped }) => [reason, dropped])).toEqual([['late', 3]]);
  expect([tally.deadLetters, stretch.isDone]).toEqual([0, false]);
  keep();
  await turn();
  receipt.undelivered(copies[2], { status: 'dropped', ...late });
  const { dropped, deadLetters } = tally.snapshot();
  expect([letters.length, dropped, deadLetters, prefix.settled]).toEqual([1, { late: 3, early: 1 }, 1, 8]);
});

it('ends where a dead letter is never taken', async () => {
  const refused = new TranquilityError('TRQ_DEAD_LETTER_REFUSED', 'No.');
  const { outcomes, stretch } = outcomesOf({}, { letters: { keep: () => Promise.reject(refused) } });
  outcomes.faulty(record, late, stretch);
  await turn();
  expect([told, prefix.isComplete, tally.deadLetters]).toEqual([['fatal TRQ_DEAD_LETTER_REFUSED'], false, 0]);
});

it('sends an event whose fate is unknown again', async () => {
  vi.useFakeTimers();
  try {
    const write = vi.fn(() => true);
    const { receipt } = outcomesOf({}, { write });
    const error = new TranquilityError('TRQ_ABORTED', 'Nobody knows.');
    receipt.undelivered(record.value, { status: 'failed', error });
    await vi.runAllTimersAsync();
    expect([write.mock.calls.length, tally.retried, told, prefix.isComplete]).toEqual([1, 1, ['trouble'], false]);
  } finally {
    vi.useRealTimers();
  }
});

/** An answer in which a record lies that nobody else holds, and whether it is in memory still. */
function inAnswer(): { readonly lent: StreamRecord<number>; readonly answer: WeakRef<ArrayBufferLike> } {
  const bytes = Buffer.alloc(4_000_000);
  bytes.write('{}');
  return { lent: { ...record, value: bytes.subarray(0, 2) }, answer: new WeakRef(bytes.buffer) };
}

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

it.each<[string, Undelivered]>([
  ['a dead letter', { status: 'dropped', ...late }],
  ['an event that is sent again', { status: 'failed', error: new TranquilityError('TRQ_ABORTED', 'Nobody knows.') }],
])('of the answer from which it was read, %s that waits keeps nothing in memory', async (_, outcome) => {
  const held: unknown[] = [];
  // One keeps the letters, the other what is written again: for ever.
  const letters = { keep: (letter: unknown) => new Promise<void>(() => held.push(letter)) };
  const write = (...written: unknown[]): boolean => held.push(written) > 0;
  const answer = (() => {
    const { lent, answer } = inAnswer();
    outcomesOf({}, { letters, write, record: lent }).receipt.undelivered(lent.value, outcome);
    return answer;
  })();
  while (held.length === 0 || answer.deref() !== undefined) {
    await sleep(10);
    collect();
  }
  expect(prefix.isComplete).toBe(false);
});

it('ends where a record turns out to be broken as it is to be kept', () => {
  const { receipt } = outcomesOf({}, { letters: { keep: () => Promise.resolve() }, record: brokenRecord() });
  receipt.undelivered(record.value, { status: 'dropped', ...late });
  expect(told).toEqual(['fatal RangeError: The bytes end.']);
});

/** One whose headers are no headers, which is seen when they are asked for. */
function brokenRecord(): StreamRecord<number> {
  return Object.defineProperty({ ...record }, 'headers', {
    get: () => {
      throw new RangeError('The bytes end.');
    },
  });
}

it('changes nothing any more when the lane is closed', () => {
  const { receipt } = outcomesOf({ onDrop: 'stop' });
  closing.abort();
  receipt.sent(1);
  receipt.undelivered(record.value, { status: 'dropped', ...late });
  expect([prefix.isComplete, tally.sent, told]).toEqual([false, 0, []]);
});
