import type { Bucket } from '../time/bucketer.js';
import type { Granularity } from '../time/granularity.js';
import { addPeriod, type Period } from '../time/period.js';
import type { BeamState } from './beam-state.js';
import type { JsonObject } from '../spec/json.js';

/** What Tranquility's rules make of a bucket. */
export type Verdict = 'complete' | 'closed' | 'incomplete';

/**
 * Whether a bucket needs more partitions. What is stored counts before what was closed, so that the tasks of a late bucket are
 * still found; a bucket that is closed gets no more.
 */
export function judge(state: BeamState, bucket: Bucket, partitions: number): Verdict {
  const stored = state.beams.get(bucket.start)?.length ?? 0;
  if (stored >= partitions) return 'complete';
  if (bucket.start > state.latestCloseTime) return 'incomplete';
  return stored > 0 ? 'complete' : 'closed';
}

/**
 * The state with more partitions of a bucket. Buckets whose window closed before `now` are dropped and closed for good, as the
 * state would grow for ever otherwise.
 */
export function withPartitions(
  state: BeamState,
  bucket: Bucket,
  added: readonly JsonObject[],
  times: { readonly now: number; readonly granularity: Granularity; readonly window: Period },
): BeamState {
  const { now, granularity, window } = times;
  const isOver = (start: number): boolean => addPeriod(granularity.bucketEnd(start), window) < now;
  const starts = [...state.beams.keys()];
  const kept = new Map([...state.beams].filter(([start]) => !isOver(start)));
  kept.set(bucket.start, [...(state.beams.get(bucket.start) ?? []), ...added]);
  return { latestCloseTime: Math.max(state.latestCloseTime, ...starts.filter(isOver)), beams: kept };
}
