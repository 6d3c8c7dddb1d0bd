import type { TaskStatus } from '../druid/overlord-client.js';
import type { PullAlarm } from '../pull/pull-alarm.js';

/** How long a task may wait before that is told, in milliseconds. */
const longestQueue = 120_000;

/** What keeps rows from being published, or to be queried. */
export const failing = (message: string): PullAlarm => ({ reason: 'failing', message });

/** Notices a task that Druid has, and does not run. */
export class QueueWatch {
  readonly #taskId: string;
  #since: number | undefined;

  constructor(taskId: string) {
    this.#taskId = taskId;
  }

  /**
   * Judges one look at the task.
   * @param now epoch milliseconds.
   * @returns what is wrong, when it has waited for too long.
   */
  judge(state: TaskStatus['state'], now: number): PullAlarm | undefined {
    const why = reasons[state];
    this.#since = why === undefined ? undefined : (this.#since ?? now);
    const waited = now - (this.#since ?? now);
    if (why === undefined || waited < longestQueue) return undefined;
    const message = `The task ${this.#taskId} is ${state}, and has been for ${Math.round(waited / 1_000)} s: ${why}`;
    return { reason: 'waiting', message };
  }
}

const reasons: Partial<Record<TaskStatus['state'], string>> = {
  PENDING:
    'no worker has room for it, or the one that was to have it is gone. Look at Druid’s workers: give it more of them or a higher druid.worker.capacity, or end tasks that are not needed.',
  WAITING:
    'another task has the lock of its interval. Look which task of the dataSource that is, such as a compaction without concurrent locks.',
};
