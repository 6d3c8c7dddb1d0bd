import { isJsonObject } from '../spec/json.js';

/** A process that runs tasks: a middle manager or an Indexer. */
export interface Worker {
  /** `host:port` */
  readonly host: string;
  /** How many tasks it can run at a time. */
  readonly capacity: number;
  /** How many of these slots are taken. */
  readonly used: number;
  /** Whether it is given new tasks: not while it is disabled or blacklisted. */
  readonly enabled: boolean;
  /** The ids of its tasks. */
  readonly tasks: readonly string[];
}

/** Reads an entry of the overlord's list of workers. A worker that is disabled has an empty version. */
export function readWorker(entry: unknown): Worker | undefined {
  if (!isJsonObject(entry) || !isJsonObject(entry['worker'])) return undefined;
  const { host, capacity, version } = entry['worker'];
  if (typeof host !== 'string' || typeof capacity !== 'number') return undefined;
  const { currCapacityUsed: used, runningTasks: tasks, blacklistedUntil } = entry;
  return {
    host,
    capacity,
    used: typeof used === 'number' ? used : 0,
    enabled: version !== '' && typeof blacklistedUntil !== 'string',
    tasks: Array.isArray(tasks) ? tasks.filter((id): id is string => typeof id === 'string') : [],
  };
}
