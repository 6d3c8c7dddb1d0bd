import { isJsonObject, type JsonObject } from '../spec/json.js';

/** What Druid tells of a supervisor. Offsets, by partition, are up to half a minute old. */
export interface SupervisorStatus {
  /** `RUNNING`, `SUSPENDED`, `UNHEALTHY_TASKS`… */
  readonly state: string;
  /** `CONNECTING_TO_STREAM`, `UNABLE_TO_CONNECT_TO_STREAM`… */
  readonly detailedState: string;
  /** As Druid sees it: it does not notice a stream that cannot be read. */
  readonly healthy: boolean;
  readonly tasks: readonly string[];
  /** How far tasks have read. */
  readonly currentOffsets: ReadonlyMap<number, number>;
  /** How many offsets they are behind, by Druid's count. Without one, of a partition that it has not looked at. */
  readonly lag: ReadonlyMap<number, number>;
  /** The oldest offset that Druid may ask for again: a lost task begins where it did. Without a task of a partition, there is none. */
  readonly oldestNeeded: ReadonlyMap<number, number>;
  /** In Druid's words, the latest first. */
  readonly errors: readonly string[];
}

/** Reads the payload of a supervisor's status. */
export function readSupervisorStatus(payload: JsonObject): SupervisorStatus {
  const active = list(payload['activeTasks']);
  const publishing = list(payload['publishingTasks']);
  const tasks = [...active, ...publishing].filter(isJsonObject);
  return {
    state: text(payload['state']),
    detailedState: text(payload['detailedState']),
    healthy: payload['healthy'] === true,
    tasks: tasks.map(({ id }) => text(id)),
    currentOffsets: combine(active.filter(isJsonObject), 'currentOffsets', Math.max),
    lag: combine([payload], 'minimumLag', Math.max),
    oldestNeeded: combine(tasks, 'startingOffsets', Math.min),
    errors: list(payload['recentErrors']).filter(isJsonObject).map(errorText),
  };
}

/** Of all tasks, the offset of each partition: of replicas, that which is further, or less far. */
function combine(
  tasks: readonly JsonObject[],
  key: 'currentOffsets' | 'startingOffsets' | 'minimumLag',
  choose: (a: number, b: number) => number,
): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>();
  for (const task of tasks) {
    const own = task[key];
    for (const [partition, offset] of Object.entries(isJsonObject(own) ? own : {})) {
      if (typeof offset !== 'number' || !/^\d+$/.test(partition)) continue;
      const known = offsets.get(Number(partition));
      offsets.set(Number(partition), known === undefined ? offset : choose(known, offset));
    }
  }
  return offsets;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : 'unknown');

function errorText(error: JsonObject): string {
  return [error['exceptionClass'], error['message']].filter((part) => typeof part === 'string').join(': ');
}
