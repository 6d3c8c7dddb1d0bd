import type { OffsetRange } from '../journal/partition-log.js';

/**
 * Rows of a log that are neither delivered nor dropped: as stretches in order, or, where these are many, as marks. Every second row of a
 * million, as when one of two tasks does not start, is 170 kB as marks, and 15 MB as stretches.
 */
export type OpenRows = readonly OffsetRange[] | MarkedRows;

interface MarkedRows {
  /** The first of them. */
  readonly from: number;
  /** A bit for each offset from there on, the lowest of a byte first, in base64. */
  readonly marks: string;
}

/** So many bytes a stretch has at least where it is noted. */
const stretchBytes = 18;

/** @param offsets in any order, each once. */
export function openRows(offsets: readonly number[]): OpenRows {
  const sorted = [...offsets].sort((a, b) => a - b);
  const stretches: { from: number; to: number }[] = [];
  for (const offset of sorted) {
    const last = stretches.at(-1);
    if (last?.to === offset) last.to++;
    else stretches.push({ from: offset, to: offset + 1 });
  }
  const [from, last] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  return (last - from) / 6 < stretches.length * stretchBytes && stretches.length > 2
    ? { from, marks: marksOf(sorted, from, last) }
    : stretches;
}

/** @returns them as stretches in order. */
export function stretchesIn(rows: OpenRows): readonly OffsetRange[] {
  if (!('marks' in rows)) return rows;
  const bits = Buffer.from(rows.marks, 'base64');
  const stretches: OffsetRange[] = [];
  let from: number | undefined;
  for (let at = 0; at <= bits.length * 8; at++) {
    const isOpen = ((bits[at >> 3] ?? 0) & (1 << (at & 7))) > 0;
    if (isOpen) from ??= rows.from + at;
    else if (from !== undefined) {
      stretches.push({ from, to: rows.from + at });
      from = undefined;
    }
  }
  return stretches;
}

/** Both, as one. None may be in both. */
export function joinRows(one: OpenRows, other: OpenRows): OpenRows {
  return openRows([...offsetsIn(one), ...offsetsIn(other)]);
}

/** Where they begin. */
export function firstOf(rows: OpenRows): number {
  return 'marks' in rows ? rows.from : (rows[0]?.from ?? Infinity);
}

function* offsetsIn(rows: OpenRows): Generator<number> {
  for (const { from, to } of stretchesIn(rows)) for (let offset = from; offset < to; offset++) yield offset;
}

function marksOf(offsets: readonly number[], from: number, last: number): string {
  const bits = Buffer.alloc(((last - from) >> 3) + 1);
  for (const offset of offsets) {
    const at = offset - from;
    bits[at >> 3] = (bits[at >> 3] ?? 0) | (1 << (at & 7));
  }
  return bits.toString('base64');
}
