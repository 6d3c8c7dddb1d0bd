import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countBefore, extend, holesIn, overlap, rowsCut } from '../../src/append/offset-ranges.js';
import type { OffsetRange } from '../../src/journal/partition-log.js';

const offsets = ({ from, to }: OffsetRange): number[] => Array.from({ length: to - from }, (_, index) => from + index);

/** Stretches in order, as they lie in a log: some side by side, some with holes between them. */
const stretches = fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 3 })), { maxLength: 6 }).map((steps) => {
  let at = 10;
  return steps.map(([hole, length]) => {
    const from = at + hole;
    at = from + length;
    return { from, to: at };
  });
});
const stretch = fc
  .tuple(fc.integer({ min: 5, max: 30 }), fc.nat(15))
  .map(([from, length]) => ({ from, to: from + length }));

it('stretches that lie side by side are one', () => {
  fc.assert(
    fc.property(stretches, (parts) => {
      const joined: OffsetRange[] = [];
      for (const part of parts) extend(joined, part);
      expect(joined.flatMap(offsets)).toEqual(parts.flatMap(offsets));
      joined.forEach(({ from }, index) => expect(joined[index - 1]?.to).not.toBe(from));
    }),
  );
});

it('the holes of a stretch are what is in no other', () => {
  fc.assert(
    fc.property(stretch, stretches, (whole, parts) => {
      const covered = new Set(parts.flatMap(offsets));
      const holes = holesIn(whole, parts);
      expect(holes.flatMap(offsets)).toEqual(offsets(whole).filter((offset) => !covered.has(offset)));
      expect(holes.every(({ from, to }) => from < to)).toBe(true);
    }),
  );
});

it('two stretches have in common what is in both', () => {
  fc.assert(
    fc.property(stretch, stretch, (one, other) => {
      const common = overlap(one, other);
      const both = offsets(one).filter((offset) => offset >= other.from && offset < other.to);
      expect(common === undefined ? [] : offsets(common)).toEqual(both);
    }),
  );
});

it('the offsets before one are counted', () => {
  fc.assert(
    fc.property(stretches, fc.integer({ min: 5, max: 45 }), (parts, offset) => {
      expect(countBefore(parts, offset)).toBe(parts.flatMap(offsets).filter((other) => other < offset).length);
    }),
  );
});

it('rows that were cut out of holes are counted, where it is known how many they were', () => {
  const cut = { path: 'a.log', position: 0, bytes: 1 };
  const cuts = [
    { ...cut, offset: 10, rows: 5 },
    { ...cut, offset: 20, rows: undefined },
    { ...cut, offset: 30, rows: 2 },
  ];
  const holes = [
    { from: 8, to: 12 },
    { from: 14, to: 25 },
    { from: 31, to: 90 },
  ];
  expect(rowsCut(cuts, holes)).toBe(2 + 1 + 1);
});
