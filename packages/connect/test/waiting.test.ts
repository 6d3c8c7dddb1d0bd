import { expect, it } from 'vitest';
import type { StreamRecord } from '../src/record.js';
import type { Records } from '../src/records.js';
import { Waiting } from '../src/waiting.js';

const record = (position: number): StreamRecord<number> => ({
  ...{ position, next: position + 1, key: null, value: null, headers: {}, timestamp: 0 },
});
const some = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => record(from + at));
const positions = (records: Records<number>) =>
  Array.from({ length: records.length }, (_, at) => records.at(at)?.position);

it('gives records in their order, as many as are wanted, whatever parts they came in', () => {
  const waiting = new Waiting<number>();
  for (const [from, to] of [
    [0, 7],
    [7, 8],
    [8, 8],
    [8, 9],
    [9, 12],
  ] as const) {
    waiting.add(some(from, to));
  }
  expect([5, 3, 3, 9, 9].map((most) => positions(waiting.take(most)))).toEqual([
    [0, 1, 2, 3, 4],
    [5, 6, 7],
    [8, 9, 10],
    [11],
    [],
  ]);
  expect(waiting.isEmpty).toBe(true);
});

it('gives first what was put back', () => {
  const waiting = new Waiting<number>();
  waiting.add(some(0, 10));
  const taken = waiting.take(6);
  waiting.putBack(taken, 2);
  expect(positions(waiting.take(100))).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
  waiting.putBack(taken, 6);
  expect(waiting.isEmpty).toBe(true);
  waiting.add(some(10, 11));
  waiting.clear();
  expect(waiting.isEmpty).toBe(true);
});
