import type { JsonObject } from '../json.js';
import type { Task } from '../overlord/task.js';
import { iso } from '../store/segment-id.js';
import type { Offsets } from './offset-store.js';
import type { Supervisor } from './supervisor.js';
import type { TaskGroup } from './task-group.js';

/** What Druid tells of a supervisor. Latest offsets are those of its last run; the others are of now. */
export function statusOf(supervisor: Supervisor, now: number): JsonObject {
  const { spec, health, view, viewedAt, reading, publishing } = supervisor;
  const { dataSource } = spec.schema;
  const lag = lagOf(view?.latest, reading);
  const ends = publishing.filter((group) => group.running.length > 0);
  return {
    id: dataSource,
    generationTime: iso(now),
    payload: {
      dataSource,
      stream: spec.topic,
      partitions: view?.latest.size ?? 0,
      replicas: spec.replicas,
      durationSeconds: Math.floor(spec.taskDuration / 1000),
      activeTasks: reading.flatMap((group) =>
        group.running.map((task) =>
          report(task, group, 'ACTIVE', group.created + spec.taskDuration - now, view?.latest),
        ),
      ),
      publishingTasks: ends.flatMap((group) =>
        group.running.map((task) => report(task, group, 'PUBLISHING', group.deadline - now, undefined)),
      ),
      ...(view === undefined || viewedAt === undefined
        ? {}
        : {
            latestOffsets: Object.fromEntries(view.latest),
            minimumLag: Object.fromEntries(lag),
            aggregateLag: [...lag.values()].reduce((sum, each) => sum + each, 0),
            offsetsLastUpdated: iso(viewedAt),
          }),
      suspended: spec.suspended,
      healthy: health.healthy,
      state: health.state,
      detailedState: health.detailedState,
      recentErrors: health.recentErrors,
    },
  };
}

function report(
  task: Task,
  group: TaskGroup,
  type: 'ACTIVE' | 'PUBLISHING',
  remaining: number,
  latest: Offsets | undefined,
): JsonObject {
  const current = group.positionsOf(task);
  return {
    id: task.id,
    startingOffsets: Object.fromEntries(group.start),
    startTime: iso(task.created),
    remainingSeconds: Math.max(0, Math.floor(remaining / 1000)),
    type,
    ...(current === undefined ? {} : { currentOffsets: Object.fromEntries(current) }),
    ...(current === undefined || latest === undefined ? {} : { lag: Object.fromEntries(behind(latest, current)) }),
  };
}

/** Of each partition that is read, how far the furthest reader is behind. */
function lagOf(latest: Offsets | undefined, reading: readonly TaskGroup[]): Offsets {
  const furthest = new Map<number, number>();
  for (const group of reading) {
    for (const current of [group.start, ...group.running.map((task) => group.positionsOf(task) ?? group.start)]) {
      for (const [partition, offset] of current) {
        furthest.set(partition, Math.max(offset, furthest.get(partition) ?? 0));
      }
    }
  }
  return behind(latest ?? new Map(), furthest);
}

function behind(latest: Offsets, current: Offsets): Offsets {
  return new Map([...current].map(([partition, at]) => [partition, Math.max(0, (latest.get(partition) ?? at) - at)]));
}
