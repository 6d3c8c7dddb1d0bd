import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Period, addPeriod, parsePeriod } from '../../src/time/period.js';

const ZERO: Period = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0, seconds: 0, millis: 0 };

describe('parsePeriod', () => {
  it.each<[string, Partial<Period>]>([
    ['PT10M', { minutes: 10 }],
    ['P1D', { days: 1 }],
    ['P1W2D', { weeks: 1, days: 2 }],
    ['PT0.5S', { millis: 500 }],
    ['PT1,25S', { seconds: 1, millis: 250 }],
    ['PT0.1239S', { millis: 123 }],
    ['PT20S', { seconds: 20 }],
    ['P1Y2M', { years: 1, months: 2 }],
    ['P1M', { months: 1 }],
    ['PT1M', { minutes: 1 }],
    ['P1Y2M3W4DT5H6M7.008S', { years: 1, months: 2, weeks: 3, days: 4, hours: 5, minutes: 6, seconds: 7, millis: 8 }],
    ['PT-5M', { minutes: -5 }],
    ['P-1D', { days: -1 }],
    ['PT-0.5S', { millis: -500 }],
    ['PT-1.5S', { seconds: -1, millis: -500 }],
    ['PT+5M', { minutes: 5 }],
    ['pt10m', { minutes: 10 }],
    ['PT0S', {}],
    ['PT2147483647S', { seconds: 2147483647 }],
  ])('%s', (text, fields) => {
    expect(parsePeriod(text)).toEqual({ ...ZERO, ...fields });
  });

  it.each(
    // prettier-ignore
    ['', 'P', 'PT', 'P1DT', '10M', '-PT5M', 'P 1D', ' P1D', 'P1D ', 'P1.5D', 'P1H', 'PT1D', 'PT1M1H', 'P1D1Y', 'PT10', 'PT.5S', 'PT5.S',
      'P1D1D', 'P--1D', 'P-D', 'PTS', 'PTT1H', 'PT\u0663M', 'PT1S\n', 'hour'],
  )('refuses %j', (text) => {
    expect(() => parsePeriod(text)).toThrow(SyntaxError);
    expect(() => parsePeriod(text)).toThrow(`"${text}" is not an ISO-8601 period.`);
  });

  it('refuses numbers beyond 32 bits', () => {
    expect(() => parsePeriod('PT2147483648S')).toThrow('2147483648 is beyond 32 bits');
    expect(() => parsePeriod('P-99999999999D')).toThrow(SyntaxError);
  });
});

describe('addPeriod', () => {
  it.each([
    ['2008-02-29T12:00:00.000Z', 'P1Y', 1, '2009-02-28T12:00:00.000Z'],
    ['2008-02-29T12:00:00.000Z', 'P1Y2M', 1, '2009-04-28T12:00:00.000Z'],
    ['2008-02-29T12:00:00.000Z', 'P4Y', 1, '2012-02-29T12:00:00.000Z'],
    ['2009-01-31T00:00:00.000Z', 'P1M', 1, '2009-02-28T00:00:00.000Z'],
    ['2009-01-31T00:00:00.000Z', 'P1M', 2, '2009-03-31T00:00:00.000Z'],
    ['2009-01-31T00:00:00.000Z', 'P1M', -2, '2008-11-30T00:00:00.000Z'],
    ['2009-01-31T00:00:00.000Z', 'P1M1D', 1, '2009-03-01T00:00:00.000Z'],
    ['2009-12-31T23:59:59.999Z', 'P1W2D', 1, '2010-01-09T23:59:59.999Z'],
    ['2009-03-29T00:00:00.000Z', 'P1DT12H', 1, '2009-03-30T12:00:00.000Z'],
    ['1969-12-31T23:59:59.500Z', 'PT0.5S', 1, '1970-01-01T00:00:00.000Z'],
    ['1970-01-01T00:00:00.000Z', 'PT10M', -1, '1969-12-31T23:50:00.000Z'],
    ['1960-03-31T00:00:00.000Z', 'P-1M', 1, '1960-02-29T00:00:00.000Z'],
    ['2009-01-31T00:00:00.000Z', 'P1M', 0, '2009-01-31T00:00:00.000Z'],
    ['2009-01-31T00:00:00.000Z', 'PT-5M', 3, '2009-01-30T23:45:00.000Z'],
  ])('%s + %s x %d', (from, period, times, to) => {
    expect(new Date(addPeriod(Date.parse(from), parsePeriod(period), times)).toISOString()).toBe(to);
  });

  const instant = fc.integer({ min: -1e13, max: 1e13 });

  it('agrees with Date where no day is clamped', () => {
    fc.assert(
      fc.property(
        instant,
        fc.integer({ min: -500, max: 500 }),
        fc.integer({ min: -3, max: 3 }),
        (at, months, times) => {
          const date = new Date(at);
          date.setUTCDate(Math.min(date.getUTCDate(), 28));
          const start = date.getTime();
          date.setUTCMonth(date.getUTCMonth() + months * times);
          expect(addPeriod(start, { ...ZERO, months }, times)).toBe(date.getTime());
        },
      ),
    );
  });

  it('of fixed length is undone by its negative', () => {
    fc.assert(
      fc.property(instant, fc.integer({ min: -99, max: 99 }), fc.integer({ min: 0, max: 999 }), (at, n, millis) => {
        const period = { ...ZERO, weeks: n, days: 3, hours: n, minutes: -n, seconds: n, millis };
        expect(addPeriod(addPeriod(at, period), period, -1)).toBe(at);
      }),
    );
  });
});
