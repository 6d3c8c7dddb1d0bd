import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firehoseId } from '../../src/realtime/names.js';
import { type Granularity, parseGranularity } from '../../src/time/granularity.js';

function granularity(json: unknown): Granularity {
  const result = parseGranularity(json);
  if (!result.ok) throw new Error(result.reason);
  return result.granularity;
}

function cycleOf(json: unknown, start: number): string {
  return firehoseId({ dataSource: 'd', start, partition: 0, replicant: 0, generation: 0 }, granularity(json)).slice(
    2,
    5,
  );
}

describe('the cycle of names for pushes', () => {
  it.each([
    ['second', '2026-03-05T10:16:01Z', '061'],
    ['minute', '2026-03-05T10:16:00Z', '076'],
    ['thirty_minute', '2026-03-05T11:30:00Z', '150'],
    ['hour', '2026-03-05T10:00:00Z', '010'],
    ['eight_hour', '2026-03-05T16:00:00Z', '016'],
    ['day', '2026-03-05T00:00:00Z', '005'],
    ['week', '2026-12-28T00:00:00Z', '053'],
    ['month', '2026-03-01T00:00:00Z', '003'],
    ['quarter', '2026-10-01T00:00:00Z', '010'],
    ['year', '2026-01-01T00:00:00Z', '026'],
    [{ type: 'period', period: 'PT1H' }, '2026-03-05T10:00:00Z', '010'],
  ])('of %j at %s is %s', (json, start, cycle) => {
    expect(cycleOf(json, Date.parse(start))).toBe(cycle);
  });

  it.each([
    { type: 'duration', duration: 5000 },
    { type: 'period', period: 'PT2H' },
    { type: 'period', period: 'P1D', timeZone: 'America/Havana' },
    { type: 'period', period: 'P1D', timeZone: 'Europe/London' },
    { type: 'period', period: 'P1M', timeZone: 'Asia/Tokyo' },
  ])('of %j differs for 35 buckets in a row', (json) => {
    const buckets = granularity(json);
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1960, 0), max: Date.UTC(2037, 0) }), (ms) => {
        const cycles = new Set<string>();
        for (let bucket = 0, start = buckets.bucketStart(ms); bucket < 35; bucket++, start = buckets.bucketEnd(start)) {
          cycles.add(cycleOf(json, start));
        }
        expect(cycles.size).toBe(35);
      }),
      { numRuns: 20 },
    );
  });
});
