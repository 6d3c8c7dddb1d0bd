import { describe, expect, it } from 'vitest';
import { plainPartitioner } from '../../src/partition/plain-partitioner.js';
import type { EventFields } from '../../src/partition/partitioner.js';
import { JsonNumber } from '../../src/spec/json-number.js';

describe('a partitioner of the caller', () => {
  const seen: EventFields[] = [];
  const partitioner = plainPartitioner({
    fields: ['a'],
    partition: (values) => seen.push(values) - 1,
  });

  it('is given numbers, also in lists, where the spelling of an event that came as bytes is known', () => {
    partitioner.partition(
      { a: new JsonNumber('1.50'), b: [new JsonNumber('2'), [new JsonNumber('3')], 'x'], c: null },
      0,
      9,
    );
    expect(seen.at(-1)).toEqual({ a: 1.5, b: [2, [3], 'x'], c: null });
    expect(partitioner.fields).toEqual(['a']);
  });

  it('is given the very event where it is an object', () => {
    const event = { a: 1, b: ['x'] };
    partitioner.partition(event, 0, 9);
    expect(seen.at(-1)).toBe(event);
  });
});
