import { expect, it } from 'vitest';
import { Arrivals } from '../src/arrivals.js';
import { Position } from '../src/position.js';

const recordAt = (number: number, timestamp: number) => {
  const position = new Position(String(number), 0);
  return { ...{ position, next: position, key: null, value: null, headers: {} }, timestamp };
};

it('the oldest record without an outcome is known to the second', () => {
  const arrivals = new Arrivals();
  expect(arrivals.oldestBehind(undefined)).toBeUndefined();
  arrivals.add([recordAt(1, 5000), recordAt(2, 5999), recordAt(3, 6000), recordAt(4, 9000)]);
  const oldest = [undefined, 1, 2, 3, 4].map((settled) =>
    arrivals.oldestBehind(settled === undefined ? undefined : new Position(String(settled), 0)),
  );
  expect(oldest).toEqual([5000, 5000, 6000, 9000, undefined]);
});
