import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bucketer } from '../../src/time/bucketer.js';
import { SEGMENT_GRANULARITIES, parseGranularity } from '../../src/time/granularity.js';

function bucketer(name: string): Bucketer {
  const result = parseGranularity(name, 'queryGranularity');
  if (!result.ok) throw new Error(result.reason);
  return new Bucketer(result.granularity);
}

describe('Bucketer', () => {
  it('gives the same object for the same bucket, also after others', () => {
    const hours = bucketer('hour');
    const first = hours.bucketOf(0);
    expect(first).toEqual({ start: 0, end: 3_600_000 });
    expect(hours.bucketOf(3_599_999)).toBe(first);
    expect(hours.bucketOf(3_600_000)).toEqual({ start: 3_600_000, end: 7_200_000 });
    expect(hours.bucketOf(-1)).toEqual({ start: -3_600_000, end: 0 });
    expect(hours.bucketOf(1)).toBe(first);
  });

  it('forgets the bucket that was made first when there are too many', () => {
    const seconds = bucketer('second');
    const [first, second] = [seconds.bucketOf(0), seconds.bucketOf(1000)];
    for (let i = 2; i <= 64; i++) seconds.bucketOf(i * 1000);
    expect(seconds.bucketOf(1000)).toBe(second);
    expect(seconds.bucketOf(0)).not.toBe(first);
    expect(seconds.bucketOf(0)).toEqual(first);
  });

  it('agrees with its granularity in any order of instants', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SEGMENT_GRANULARITIES),
        fc.array(fc.integer({ min: -1e12, max: 2e12 })),
        (name, instants) => {
          const buckets = bucketer(name);
          for (const ms of instants) {
            const start = buckets.granularity.bucketStart(ms);
            expect(buckets.bucketOf(ms)).toEqual({ start, end: buckets.granularity.bucketEnd(start) });
          }
        },
      ),
    );
  });

  it('has one bucket for all', () => {
    const all = bucketer('all');
    expect(all.bucketOf(-8.64e15)).toBe(all.bucketOf(8.64e15));
  });

  it.each([NaN, Infinity, -Infinity])('refuses %d', (ms) => {
    expect(() => bucketer('hour').bucketOf(ms)).toThrow(RangeError);
  });
});
