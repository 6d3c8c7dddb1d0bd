import { describeStop, type StoppedFault } from './stopped-fault.js';

/** What a lane says of what holds it up. */
export interface LaneState {
  readonly stopped: StoppedFault | undefined;
  readonly trouble: string | undefined;
}

/** What keeps partitions from being all as they should be, in sentences: what many have in common once. */
export function reasonsOf(lanes: readonly LaneState[]): string[] {
  const troubles = new Set(lanes.flatMap(({ trouble }) => trouble ?? []));
  return [...troubles, ...lanes.flatMap(({ stopped }) => (stopped === undefined ? [] : [describeStop(stopped)]))];
}
