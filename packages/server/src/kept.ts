import type { LaneReport } from '@tranquility-js/core';
import type { DataSourceState } from './senders.js';

type LaneState = Pick<DataSourceState, 'config' | 'lane'>;

/** Whether events that are taken by a lane are somewhere else than in memory until Druid has them: in a journal, or in a Kafka. */
export const isKept = ({ lane, relay }: LaneReport): boolean => lane !== 'realtime' || relay?.takesAll === true;

/**
 * When POSTs to a dataSource fail because of Druid: where it is away, as events go to it at once; where it refuses to read them for good, as
 * the lane pull takes none then; or never, as a journal has them first.
 */
export function failsWhere({ config: { properties }, lane }: LaneState): 'away' | 'refused' | 'never' {
  // As long as the lane is not known, only the journal before the lane realtime is open.
  if (lane === undefined) return properties['realtime.journal'] ? 'never' : 'away';
  if (lane.lane === 'pull') return 'refused';
  if (lane.lane === 'append' && properties['append.acknowledge'] !== 'journaled') return 'away';
  return isKept(lane) ? 'never' : 'away';
}
