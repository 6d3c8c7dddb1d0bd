import type { AppendStatus } from '@tranquility-js/core';
import { indented, shortInterval, table } from '../table.js';

/** How many intervals are told of, those with the most segments. */
const mostIntervals = 10;

const compactionTexts = new Map([
  [true, 'on'],
  [false, 'off; "tranquility status --set-up-compaction" sets it up'],
]);

/** What batches have made, for people. */
export function appendText({ tasks, intervals, compaction }: AppendStatus): string[] {
  const running = tasks.filter(({ state }) => state !== 'SUCCESS' && state !== 'FAILED');
  const all = intervals.reduce((sum, { segments }) => sum + segments, 0);
  const most = intervals.slice(0, mostIntervals);
  return [
    `  append tasks: ${running.length} run or wait`,
    ...indented(indented(running.map(({ id, state }) => `${id} ${state}`))),
    ...tasks
      .filter(({ error }) => error !== null)
      .map(({ id, error }) => `  ${id}: ${String(error).split('\n')[0] ?? ''}`),
    `  segments: ${all} in ${intervals.length} intervals`,
    ...indented(indented(table(most.map(({ interval, segments }) => [shortInterval(interval), String(segments)])))),
    `  compaction by Druid: ${compaction === null ? 'not known, as no coordinator is at this address' : (compactionTexts.get(compaction) ?? '')}`,
  ];
}
