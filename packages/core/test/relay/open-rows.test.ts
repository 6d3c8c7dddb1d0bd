import { describe, expect, it } from 'vitest';
import { firstOf, joinRows, openRows, stretchesIn } from '../../src/relay/open-rows.js';

const offsets = (count: number, step: number, from = 7_000_000_000_000): number[] =>
  Array.from({ length: count }, (_, index) => from + index * step);
const allIn = (rows: Parameters<typeof stretchesIn>[0]): number[] =>
  stretchesIn(rows).flatMap(({ from, to }) => offsets(to - from, 1, from));

describe('rows that are not delivered', () => {
  it.each([
    ['none', []],
    ['one', [5]],
    ['those that stand side by side', offsets(1_000, 1)],
    ['every second', offsets(1_000, 2)],
    ['every ninth', offsets(1_000, 9)],
    ['few that are far apart', offsets(20, 1_000_000)],
    ['two stretches with a gap that is wider than a mark can be', [...offsets(500, 2), ...offsets(500, 2, 8e12)]],
    ['such as by chance', offsets(4_000, 1).filter((offset) => (offset * 2_654_435_761) % 7 < 3)],
  ])('are as they were: %s', (_, given) => {
    const rows = openRows([...given].reverse());
    expect(allIn(rows)).toEqual(given);
    expect(firstOf(rows)).toBe(given[0] ?? Infinity);
  });

  it('take a bit each where they are scattered, and a stretch where they are not', () => {
    expect(JSON.stringify(openRows(offsets(500_000, 2))).length).toBeLessThan(170_000);
    expect(openRows(offsets(500_000, 1, 3))).toEqual([{ from: 3, to: 500_003 }]);
  });

  it('are joined', () => {
    const joined = joinRows(openRows(offsets(100, 2, 1)), openRows([...offsets(100, 2, 0), 1_000]));
    expect(stretchesIn(joined)).toEqual([
      { from: 0, to: 200 },
      { from: 1_000, to: 1_001 },
    ]);
  });
});
