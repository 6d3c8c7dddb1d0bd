import type { Segment } from './segment.js';

/** The segment with this offset, or the first one behind it; `undefined` at the end. */
export function segmentAt(segments: readonly Segment[], offset: number): Segment | undefined {
  let [from, to] = [0, segments.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((segments[middle]?.end ?? Infinity) <= offset) from = middle + 1;
    else to = middle;
  }
  return segments[from];
}

/** The list with others in the place of one. */
export function joinSegments(
  segments: readonly Segment[],
  gone: Segment,
  others: readonly Segment[],
): readonly Segment[] {
  return segments.flatMap((segment) => (segment === gone ? others : [segment]));
}
