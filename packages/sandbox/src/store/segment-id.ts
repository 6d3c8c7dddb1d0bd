/** What names a segment. Times are epoch milliseconds. */
export interface SegmentId {
  readonly dataSource: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** The time of the lock under which it was made. */
  readonly version: string;
  readonly partition: number;
}

export const iso = (millis: number): string => new Date(millis).toISOString();

export function intervalText({ start, end }: Pick<SegmentId, 'start' | 'end'>): string {
  return `${iso(start)}/${iso(end)}`;
}

/** As Druid writes it: the number of a partition only behind the first. */
export function segmentText({ dataSource, start, end, version, partition }: SegmentId): string {
  const base = `${dataSource}_${iso(start)}_${iso(end)}_${version}`;
  return partition === 0 ? base : `${base}_${partition}`;
}
