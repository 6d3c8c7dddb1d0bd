import type { Cut } from '../journal/mend-segment.js';
import type { OffsetRange } from '../journal/partition-log.js';

/** Adds a stretch behind others, as one with the last where nothing is between them. */
export function extend(ranges: OffsetRange[], { from, to }: OffsetRange): void {
  const last = ranges.at(-1);
  if (last?.to === from) ranges[ranges.length - 1] = { from: last.from, to };
  else ranges.push({ from, to });
}

/** What of a stretch is in none of these, which are in order. */
export function holesIn({ from, to }: OffsetRange, ranges: readonly OffsetRange[]): readonly OffsetRange[] {
  const holes: OffsetRange[] = [];
  let at = from;
  for (const range of [...ranges, { from: to, to }]) {
    const hole = overlap({ from, to }, { from: at, to: range.from });
    if (hole !== undefined) holes.push(hole);
    at = Math.max(at, range.to);
  }
  return holes;
}

/** What two stretches have in common; `undefined` where that is nothing. */
export function overlap(one: OffsetRange, other: OffsetRange): OffsetRange | undefined {
  const [from, to] = [Math.max(one.from, other.from), Math.min(one.to, other.to)];
  return from < to ? { from, to } : undefined;
}

/** How many offsets of these come before one. */
export const countBefore = (ranges: readonly OffsetRange[], offset: number): number =>
  ranges.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, offset) - from), 0);

/** How many rows were cut out of a log in these stretches, as far as that can still be told. Offsets may be left out without a row, too. */
export function rowsCut(cuts: readonly Cut[], holes: readonly OffsetRange[]): number {
  let count = 0;
  for (const { offset, rows = 0 } of cuts) {
    for (const hole of holes) {
      const common = overlap(hole, { from: offset, to: offset + rows });
      if (common !== undefined) count += common.to - common.from;
    }
  }
  return count;
}
