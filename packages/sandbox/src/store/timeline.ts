import type { SegmentId } from './segment-id.js';

/** A segment as a query may see it. */
export interface Candidate<T> {
  readonly id: SegmentId;
  readonly segment: T;
}

/** A segment that a query sees, but for the stretches of time that newer ones cover. */
export interface Visible<T> extends Candidate<T> {
  readonly hidden: readonly Pick<SegmentId, 'start' | 'end'>[];
}

/**
 * What a query of one dataSource sees: of segments with the same id the first, and of any instant only what the newest version has
 * for it.
 */
export function visibleSegments<T>(candidates: readonly Candidate<T>[]): Visible<T>[] {
  const seen = new Set<string>();
  const distinct = candidates.filter(({ id }) => {
    const key = [id.start, id.end, id.version, id.partition].join();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
  return distinct.flatMap((candidate) => {
    const hidden = distinct
      .map(({ id }) => id)
      .filter((id) => id.version > candidate.id.version && id.start < candidate.id.end && id.end > candidate.id.start);
    const isGone = hidden.some(({ start, end }) => start <= candidate.id.start && end >= candidate.id.end);
    return isGone ? [] : [{ ...candidate, hidden }];
  });
}
