import type { DataSourceReport, StateReport, StatusReport, TaskReport, WorkerReport } from '@tranquility-js/core';
import { indented, shortInterval, table } from '../table.js';
import { appendText } from './append-text.js';
import { supervisorText } from './supervisor-text.js';

/** The report for people. */
export function statusText({ dataSources, workers }: StatusReport): string {
  return [...dataSources.map(dataSourceText), workersText(workers)].join('\n');
}

function dataSourceText({ dataSource, lane, journal, supervisor, append, tasks, state }: DataSourceReport): string {
  const pulls = lane?.lane === 'pull';
  return [
    dataSource,
    ...(lane === null ? [] : [`  lane ${lane.lane}: ${lane.reason}`]),
    ...(journal === null ? [] : [`  journal in ${journal.directory}: ${journal.writer ?? 'no process'} has it open`]),
    ...(pulls ? supervisorText(supervisor) : []),
    ...(append === null ? [] : appendText(append)),
    ...(tasks.length > 0 ? tasksText(tasks) : pulls || append !== null ? [] : ['  no tasks']),
    ...(state === null ? [] : stateText(state)),
    '',
  ].join('\n');
}

function tasksText(tasks: readonly TaskReport[]): string[] {
  const head = ['segment', 'partition', 'replica', 'state', 'location'];
  const rows = tasks.map(({ interval, partition, replicant, generation, state, location }) => [
    shortInterval(interval),
    String(partition),
    `${replicant}${generation === 0 ? '' : ` (replaced ${generation}x)`}`,
    state,
    location ?? '-',
  ]);
  const failures = tasks
    .filter(({ error }) => error !== null)
    .map(({ id, error }) => `  ${id}: ${String(error).split('\n')[0] ?? ''}`);
  return [...indented(table([head, ...rows])), ...failures];
}

function stateText({ path, latestCloseTime, segments }: StateReport): string[] {
  const closed = Date.parse(latestCloseTime) > 0 ? `; closed up to ${shortInterval(latestCloseTime)}` : '';
  if (segments.length === 0) return [`  ZooKeeper has no segments in ${path}${closed}`];
  const rows = segments.map(({ interval, partitions, tasks, closed: isClosed }) => [
    shortInterval(interval),
    `${partitions} partitions`,
    `${tasks.length} tasks`,
    isClosed ? 'closed' : 'open',
  ]);
  return [`  ZooKeeper has in ${path}${closed}:`, ...indented(indented(table(rows)))];
}

function workersText(workers: readonly WorkerReport[]): string {
  if (workers.length === 0) return 'no workers\n';
  const [used, capacity] = [sum(workers.map((one) => one.used)), sum(workers.map((one) => one.capacity))];
  const rows = workers.map((worker) => [
    worker.host,
    `${worker.used} of ${worker.capacity}`,
    ...(worker.enabled ? [] : ['takes no new tasks']),
  ]);
  return [`workers: ${used} of ${capacity} slots used`, ...indented(table(rows)), ''].join('\n');
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
