import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Granularity, SEGMENT_GRANULARITIES, parseGranularity, truncate } from '../../src/time/granularity.js';

function granularity(name: string): Granularity {
  const result = parseGranularity(name, 'queryGranularity');
  if (!result.ok) throw new Error(result.reason);
  return result.granularity;
}

describe('buckets', () => {
  it.each([
    ['second', '2023-05-17T13:47:11.999Z', '2023-05-17T13:47:11.000Z', '2023-05-17T13:47:12.000Z'],
    ['minute', '2023-05-17T13:47:11.999Z', '2023-05-17T13:47:00.000Z', '2023-05-17T13:48:00.000Z'],
    ['five_minute', '2023-05-17T13:47:11.999Z', '2023-05-17T13:45:00.000Z', '2023-05-17T13:50:00.000Z'],
    ['ten_minute', '2023-05-17T13:47:11.999Z', '2023-05-17T13:40:00.000Z', '2023-05-17T13:50:00.000Z'],
    ['fifteen_minute', '2023-05-17T13:47:11.999Z', '2023-05-17T13:45:00.000Z', '2023-05-17T14:00:00.000Z'],
    ['thirty_minute', '2023-05-17T13:47:11.999Z', '2023-05-17T13:30:00.000Z', '2023-05-17T14:00:00.000Z'],
    ['hour', '2023-05-17T13:00:00.000Z', '2023-05-17T13:00:00.000Z', '2023-05-17T14:00:00.000Z'],
    ['six_hour', '2023-05-17T13:47:11.999Z', '2023-05-17T12:00:00.000Z', '2023-05-17T18:00:00.000Z'],
    ['eight_hour', '2023-05-17T13:47:11.999Z', '2023-05-17T08:00:00.000Z', '2023-05-17T16:00:00.000Z'],
    ['day', '2023-05-17T23:59:59.999Z', '2023-05-17T00:00:00.000Z', '2023-05-18T00:00:00.000Z'],
    ['week', '2023-01-01T00:00:00.000Z', '2022-12-26T00:00:00.000Z', '2023-01-02T00:00:00.000Z'],
    ['week', '2023-01-02T00:00:00.000Z', '2023-01-02T00:00:00.000Z', '2023-01-09T00:00:00.000Z'],
    ['month', '2024-02-29T12:00:00.000Z', '2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'],
    ['quarter', '2023-12-31T23:59:59.999Z', '2023-10-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z'],
    ['year', '2023-05-17T13:47:11.999Z', '2023-01-01T00:00:00.000Z', '2024-01-01T00:00:00.000Z'],
    ['none', '2023-05-17T13:47:11.999Z', '2023-05-17T13:47:11.999Z', '2023-05-17T13:47:12.000Z'],
    ['second', '1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.000Z', '1970-01-01T00:00:00.000Z'],
    ['six_hour', '1969-12-31T23:59:59.999Z', '1969-12-31T18:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ['week', '1969-12-28T23:59:59.999Z', '1969-12-22T00:00:00.000Z', '1969-12-29T00:00:00.000Z'],
    ['month', '1969-12-31T23:59:59.999Z', '1969-12-01T00:00:00.000Z', '1970-01-01T00:00:00.000Z'],
    ['quarter', '-000001-11-11T00:00:00.000Z', '-000001-10-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z'],
    ['year', '0000-02-29T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '0001-01-01T00:00:00.000Z'],
  ])('%s of %s', (name, instant, start, end) => {
    const buckets = granularity(name);
    const from = buckets.bucketStart(Date.parse(instant));
    expect([from, buckets.bucketEnd(from)].map((ms) => new Date(ms).toISOString())).toEqual([start, end]);
  });

  it('of all is one', () => {
    expect(granularity('all').bucketStart(0)).toBe(-Infinity);
    expect(granularity('all').bucketEnd(-Infinity)).toBe(Infinity);
  });

  it.each([...SEGMENT_GRANULARITIES, 'NONE'])('of %s hold their instants and stand side by side', (name) => {
    const buckets = granularity(name);
    const instants = fc.oneof(
      fc.integer({ min: -8.6e15, max: 8.6e15 }),
      fc.integer({ min: 0, max: 4e12 }),
      fc
        .date({ noInvalidDate: true })
        .map((date) => buckets.bucketStart(Math.min(Math.max(date.getTime(), -8.6e15), 8.6e15))),
    );
    fc.assert(
      fc.property(instants, (ms) => {
        const start = buckets.bucketStart(ms);
        const end = buckets.bucketEnd(start);
        expect(start <= ms && ms < end).toBe(true);
        expect(buckets.bucketStart(start)).toBe(start);
        expect(buckets.bucketStart(end - 1)).toBe(start);
        expect(buckets.bucketStart(end)).toBe(end);
      }),
    );
  });

  it.each([
    { type: 'period', period: 'P1D', timeZone: 'America/Havana' },
    { type: 'period', period: 'P1D', timeZone: 'America/Santiago' },
    { type: 'period', period: 'P1W', timeZone: 'Europe/Paris' },
    { type: 'period', period: 'PT6H', timeZone: 'America/New_York' },
    { type: 'period', period: 'P1M', timeZone: 'Asia/Kolkata', origin: '2020-01-15' },
    { type: 'period', period: 'P1DT6H', timeZone: 'America/Los_Angeles' },
    { type: 'period', period: 'P1M1W', timeZone: 'Europe/London' },
    { type: 'duration', duration: 12345, origin: 678 },
  ])('of %j hold their instants and stand side by side', (json) => {
    const result = parseGranularity(json);
    if (!result.ok) throw new Error(result.reason);
    const { granularity: buckets } = result;
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2038, 0) }), (ms) => {
        const start = buckets.bucketStart(ms);
        const end = buckets.bucketEnd(start);
        expect(start <= ms && ms < end).toBe(true);
        expect(buckets.bucketStart(start)).toBe(start);
        expect(buckets.bucketStart(end - 1)).toBe(start);
        expect(buckets.bucketStart(end)).toBe(end);
      }),
    );
  });

  it.each([-8.64e15, 8.64e15])('of a compound period are found soon at %d', (ms) => {
    const result = parseGranularity({ type: 'period', period: 'P1DT1S', timeZone: 'America/Los_Angeles' });
    if (!result.ok) throw new Error(result.reason);
    const start = result.granularity.bucketStart(ms);
    expect(start <= ms && ms < start + 2 * 86_400_000).toBe(true);
  });

  it.each([
    ['none', 1234.0, 1234],
    ['hour', -1, -3_600_000],
    ['all', 1234, -(2 ** 62)],
  ])('of %s are what %d is truncated to', (name, ms, expected) => {
    expect(truncate(granularity(name), ms)).toBe(expected);
  });

  it.each([
    ['MONTH', (date: Date) => Date.UTC(2000, date.getUTCMonth(), 1)],
    ['YEAR', () => Date.UTC(2000, 0, 1)],
  ])('of %s follow the calendar', (name, startIn2000) => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true, min: new Date(-8e15), max: new Date(8e15) }), (date) => {
        const expected = new Date(startIn2000(date));
        expected.setUTCFullYear(date.getUTCFullYear());
        expect(granularity(name).bucketStart(date.getTime())).toBe(expected.getTime());
      }),
    );
  });
});

describe('parseGranularity', () => {
  it('knows the names in any case', () => {
    expect(SEGMENT_GRANULARITIES.join(' ')).toBe(
      'SECOND MINUTE FIVE_MINUTE TEN_MINUTE FIFTEEN_MINUTE THIRTY_MINUTE HOUR SIX_HOUR EIGHT_HOUR DAY WEEK MONTH QUARTER YEAR',
    );
    for (const name of SEGMENT_GRANULARITIES) {
      expect(parseGranularity(name.toLowerCase())).toMatchObject({ ok: true, granularity: { name } });
    }
    expect(parseGranularity('Five_Minute')).toMatchObject({ granularity: { name: 'FIVE_MINUTE' } });
  });

  it.each(['all', 'NONE', { type: 'all' }, { type: 'none' }])('takes %j as queryGranularity only', (value) => {
    expect(parseGranularity(value, 'queryGranularity')).toMatchObject({ ok: true });
    expect(parseGranularity(value)).toMatchObject({ ok: false, kind: 'unsupported' });
  });

  it('keeps an object as it was given', () => {
    const object = { type: 'period', period: 'PT2H', timeZone: 'America/Los_Angeles', origin: '2009-01-01T00:00:00Z' };
    expect(parseGranularity(object)).toMatchObject({
      granularity: { name: 'PT2H America/Los_Angeles', json: object },
    });
    expect(parseGranularity('hour')).toMatchObject({ granularity: { name: 'HOUR', json: 'HOUR' } });
    expect(parseGranularity({ type: 'duration', duration: 5000 })).toMatchObject({
      granularity: { name: 'DURATION 5000' },
    });
  });

  it.each([
    [{ type: 'period', period: 'pt6h' }, 'SIX_HOUR'],
    [{ type: 'period', period: 'P3M', timeZone: 'UTC' }, 'QUARTER'],
    [{ type: 'period', period: 'P1D', timeZone: '+00:00' }, 'DAY'],
    [{ type: 'period', period: 'P1D', timeZone: 'Etc/UTC' }, 'P1D Etc/UTC'],
    [{ type: 'period', period: 'P1D', origin: '2009-01-01' }, 'P1D'],
    [{ type: 'period', period: 'PT60M' }, 'PT60M'],
  ])('calls %j %s', (json, name) => {
    expect(parseGranularity(json)).toMatchObject({ granularity: { name, json } });
  });

  const early = '1965-03-04T05:30:00Z';
  it.each([
    [{ type: 'duration', duration: 3600000, origin: early }, 'Give the origin "1970-01-01T00:30:00.000Z"'],
    [{ type: 'period', period: 'P1DT6H', timeZone: '+05:30' }, 'Give the origin "1970-01-02T00:30:00.000Z"'],
    [{ type: 'period', period: 'PT6H', timeZone: 'Asia/Singapore' }, 'for example "1970-01-01T10:30:00.000Z"'],
    [{ type: 'period', period: 'P1M', origin: '2020-01-31' }, 'The origin is on day 31 of a month.'],
    [{ type: 'period', period: 'P1W', timeZone: 'America/Santiago' }, 'the clocks of the zone skip midnight'],
  ])('refuses %j for segments, as Druid’s would not meet', (value, reason) => {
    expect(parseGranularity(value)).toMatchObject({
      ok: false,
      kind: 'unsupported',
      reason: expect.stringContaining(reason) as string,
    });
    expect(parseGranularity(value, 'queryGranularity').ok).toBe(true);
  });

  it.each([
    { type: 'duration', duration: 3600000, origin: '1965-03-04T05:00:00Z' },
    { type: 'period', period: 'PT6H', timeZone: 'Asia/Kolkata' },
    { type: 'period', period: 'PT6H', timeZone: 'Europe/Berlin' },
    { type: 'period', period: 'P1W', timeZone: 'America/New_York' },
    { type: 'period', period: 'P1M', timeZone: 'Australia/Lord_Howe', origin: '2020-01-28' },
    { type: 'period', period: 'P1DT6H', timeZone: 'Asia/Tokyo' },
  ])('takes %j for segments', (value) => {
    expect(parseGranularity(value).ok).toBe(true);
  });

  it.each([
    ['two_hour', '"two_hour" is not a granularity.'],
    ['P1D', '"P1D" is not a granularity.'],
    ['', '"" is not a granularity.'],
    [' hour', '" hour" is not a granularity.'],
    [{ period: 'PT1H' }, 'whose type is missing'],
    [{ type: 'day' }, 'whose type is "day"'],
    [{ type: 7 }, 'whose type is 7'],
    [{ type: 'period' }, 'The period is missing.'],
    [{ type: 'period', period: 'PT0S' }, 'has no length'],
    [{ type: 'period', period: 'P1' }, 'is not an ISO-8601 period'],
    [{ type: 'period', period: 'P1D', timeZone: 'Foo/Bar' }, 'The timeZone is "Foo/Bar"'],
    [{ type: 'period', period: 'P1D', timeZone: 5 }, 'The timeZone is 5'],
    [{ type: 'period', period: 'P1D', origin: 'x' }, 'The origin is "x"'],
    [{ type: 'period', period: 'P1D', origin: 1.5 }, 'The origin is 1.5'],
    [{ type: 'duration', duration: 0 }, 'The duration is 0'],
    [{ type: 'duration', duration: 'PT1H' }, 'The duration is "PT1H"'],
    [undefined, 'not missing'],
    [null, 'not null'],
    [3600000, 'not 3600000'],
    [['hour'], 'not ["hour"]'],
  ])('refuses %j', (value, reason) => {
    expect(parseGranularity(value)).toEqual({
      ok: false,
      kind: 'invalid',
      reason: expect.stringContaining(reason) as string,
    });
  });
});
