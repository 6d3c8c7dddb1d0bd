import { describe, expect, it } from 'vitest';
import { axisTime, bytes, clock, count, duration, many, millis, rate, short } from '../../page/console/format.js';
import { niceEnd, timeScale, timeTicks } from '../../page/console/scale.js';

describe('numbers', () => {
  it.each([
    [count(1_234_567), '1,234,567'],
    [rate(0), '0'],
    [rate(3.14159), '3.1'],
    [rate(1234.5), '1,235'],
    [short(0), '0'],
    [short(2500), '2.5k'],
    [short(1_000_000), '1M'],
    [millis(null), '–'],
    [millis(0.84), '0.8 ms'],
    [millis(12.4), '12 ms'],
    [millis(1432), '1.4 s'],
    [bytes(0), '0 B'],
    [bytes(1536), '1.5 KiB'],
    [bytes(5 * 1024 ** 3), '5.0 GiB'],
    [duration(-5), '0 s'],
    [duration(42_900), '42 s'],
    [duration(185_000), '3 min'],
    [duration(7_500_000), '2 h 5 min'],
    [duration(345_600_000), '4 d'],
    [many(1, 'task'), '1 task'],
    [many(1200, 'task'), '1,200 tasks'],
    [clock(Date.UTC(2026, 2, 5, 10, 20, 30)), '10:20:30'],
    [axisTime(Date.UTC(2026, 2, 5, 10, 20, 30), 15_000), '10:20:30'],
    [axisTime(Date.UTC(2026, 2, 5, 10, 20), 60_000), '10:20'],
    [axisTime(Date.UTC(2026, 2, 5), 86_400_000), '03-05'],
  ])('are written as %s', (written, expected) => {
    expect(written).toBe(expected);
  });
});

describe('an axis', () => {
  it('ends at a round number that nothing exceeds', () => {
    expect([0, 7, 10, 11, 24, 26, 99, 1001].map((value) => niceEnd(value, 5))).toEqual([
      5, 10, 10, 20, 25, 50, 100, 2000,
    ]);
  });

  it('has few times, at round ones', () => {
    const start = Date.UTC(2026, 2, 5, 10, 0, 7);
    const { step, ticks } = timeTicks(start, start + 180_000, 4);
    expect(step).toBe(60_000);
    expect(ticks.map(clock)).toEqual(['10:01:00', '10:02:00', '10:03:00']);
    for (const length of [1000, 3.6e6, 8.64e7, 3e9, 1e12]) {
      expect(timeTicks(start, start + length, 6).ticks.length).toBeLessThanOrEqual(7);
    }
  });

  it('cuts what lies outside', () => {
    expect([-5, 0, 50, 100, 200].map(timeScale(0, 100, 30))).toEqual([0, 0, 15, 30, 30]);
  });
});
