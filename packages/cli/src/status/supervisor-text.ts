import type { PartitionReport, ReadingTaskReport, SupervisorReport } from '@tranquility-js/core';
import { indented, table } from '../table.js';

/** The supervisor for people. */
export function supervisorText(supervisor: SupervisorReport | null): string[] {
  if (supervisor === null) return ['  no supervisor; it gets one with its first event'];
  const { state, detailedState, healthy, owner, suspendedBy, partitions, tasks, errors, alarms } = supervisor;
  const facts = [
    detailedState === state ? state : `${state} (${detailedState})`,
    ...(state === 'SUSPENDED' ? [] : [healthy ? 'healthy' : 'not healthy']),
    ...(suspendedBy === 'us' ? ['by us, until a process has the journal open'] : []),
    owner === 'ours' ? 'ours' : 'not ours',
    ...lagText(partitions),
  ];
  return [
    `  supervisor: ${facts.join(', ')}`,
    ...indented(indented(partitionsText(partitions))),
    ...indented(indented(tasksText(tasks))),
    ...errors.slice(0, 1).map((error) => `  its latest error: ${error.split('\n')[0] ?? ''}`),
    ...alarms.map(({ reason, message }) => `  ${reason}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`),
  ];
}

function lagText(partitions: readonly PartitionReport[]): string[] {
  const known = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]));
  return known.length === 0 ? [] : [`lag ${known.reduce((sum, lag) => sum + lag, 0).toLocaleString('en-US')}`];
}

function partitionsText(partitions: readonly PartitionReport[]): string[] {
  if (partitions.length === 0) return [];
  const rows = partitions.map(({ partition, offset, lag }) => [partition, offset ?? '-', lag ?? '-'].map(String));
  return table([['partition', 'offset', 'lag'], ...rows]);
}

function tasksText(tasks: readonly ReadingTaskReport[]): string[] {
  if (tasks.length === 0) return ['no tasks'];
  return table([
    ['task', 'state', 'location'],
    ...tasks.map(({ id, state, location }) => [id, state, location ?? '-']),
  ]);
}
