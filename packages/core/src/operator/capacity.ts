import type { DataSourceConfig } from '../config/config.js';
import type { Worker } from '../druid/worker.js';
import { readTaskId } from '../realtime/names.js';
import { ok, warning, type Finding } from './finding.js';

/** A segment still takes late events when the next one begins; tasks that read still publish when the next ones read on. */
const tasksAtATime = 2;

/** The slots of workers that a dataSource takes while tasks end and the next ones begin. */
function slotsNeeded({ properties }: DataSourceConfig): number {
  return tasksAtATime * properties['task.partitions'] * properties['task.replicants'];
}

/** Whether the workers have room for the tasks of all dataSources, of either lane, beside those of others. */
export function judgeCapacity(dataSources: readonly DataSourceConfig[], workers: readonly Worker[]): Finding[] {
  const able = workers.filter(({ enabled }) => enabled);
  const needed = sum(dataSources.map(slotsNeeded));
  if (able.length === 0) {
    return [
      warning(
        'capacity',
        `The overlord knows no worker that takes tasks, and up to ${needed} slots are needed.`,
        'Start middle managers or Indexers. If workers come by themselves when they are needed, see that so many slots can come.',
      ),
    ];
  }
  const slots = sum(able.map(({ capacity }) => capacity));
  const isOurs = (id: string): boolean =>
    dataSources.some(
      ({ dataSource }) => readTaskId(id, dataSource) !== undefined || id.startsWith(`index_kafka_${dataSource}_`),
    );
  const others = sum(able.map(({ used, tasks }) => Math.max(0, used - tasks.filter(isOurs).length)));
  const have = `${able.length === 1 ? 'one worker has' : `${able.length} workers have`} ${slots} slots${others === 0 ? '' : `, ${others} of them taken by other tasks`}`;
  const message = `Up to ${needed} slots are needed while tasks end and the next ones begin; ${have}.`;
  return [
    slots - others >= needed
      ? ok('capacity', message)
      : warning(
          'capacity',
          message,
          'Tasks would wait, and events with them. Raise druid.worker.capacity, add workers, or lower task.partitions or task.replicants.',
        ),
    ...tooManyReplicants(dataSources, able.length),
  ];
}

function tooManyReplicants(dataSources: readonly DataSourceConfig[], workers: number): Finding[] {
  return dataSources
    .filter(({ properties }) => properties['task.replicants'] > workers)
    .map(({ dataSource, properties }) =>
      warning(
        'capacity',
        `${dataSource} has ${properties['task.replicants']} replicants, which run on different workers, and there ${workers === 1 ? 'is 1 worker' : `are ${workers} workers`}.`,
        'Add workers, or lower task.replicants.',
      ),
    );
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
