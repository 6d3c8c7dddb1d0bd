import type { JsonObject } from '../json.js';
import type { Task } from './task.js';

/** A middle manager: runs so many tasks at the same time, and of one availability group only one. */
export class Worker {
  readonly host: string;
  capacity: number;
  readonly tasks = new Set<Task>();

  constructor(host: string, capacity: number) {
    this.host = host;
    this.capacity = capacity;
  }

  get free(): number {
    return this.capacity - this.tasks.size;
  }

  canRun(task: Task): boolean {
    return this.free > 0 && [...this.tasks].every((other) => other.availabilityGroup !== task.availabilityGroup);
  }

  summary(): JsonObject {
    const tasks = [...this.tasks];
    return {
      worker: {
        scheme: 'http',
        host: this.host,
        ip: '127.0.0.1',
        capacity: this.capacity,
        version: '0',
        category: '_default_worker_category',
      },
      currCapacityUsed: tasks.length,
      currParallelIndexCapacityUsed: 0,
      availabilityGroups: [...new Set(tasks.map((task) => task.availabilityGroup))],
      runningTasks: tasks.map((task) => task.id),
      lastCompletedTaskTime: '1970-01-01T00:00:00.000Z',
    };
  }
}

/** The worker with the most free slots of those that can run the task, if any can. */
export function chooseWorker(workers: readonly Worker[], task: Task): Worker | undefined {
  return workers
    .filter((worker) => worker.canRun(task))
    .reduce<Worker | undefined>(
      (best, worker) => (best === undefined || worker.free > best.free ? worker : best),
      undefined,
    );
}
