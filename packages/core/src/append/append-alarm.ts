import type { TaskStatus } from '../druid/overlord-client.js';
import type { PullAlarm } from '../pull/pull-alarm.js';

/** How long a task may wait before that is told, in milliseconds. */
const longestQueue = 120_000;
/** How long one may run. The largest batches take minutes. */
const longestRun = 1_200_000;

/** What keeps rows from being published, or to be queried. */
export const failing = (message: string): PullAlarm => ({ reason: 'failing', message });

/** Notices a task that Druid has, and that does not get on. */
export class TaskWatch {
  readonly #taskId: string;
  #isRunning = false;
  #since: number | undefined;

  constructor(taskId: string) {
    this.#taskId = taskId;
  }

  /**
   * Judges one look at the task.
   * @param now epoch milliseconds.
   * @returns what is wrong, when it has waited or run for too long.
   */
  judge(state: TaskStatus['state'], now: number): PullAlarm | undefined {
    const why = reasons[state];
    const isRunning = state === 'RUNNING';
    if (why === undefined || isRunning !== this.#isRunning) this.#since = undefined;
    this.#isRunning = isRunning;
    if (why === undefined) return undefined;
    this.#since ??= now;
    const waited = now - this.#since;
    if (waited < (isRunning ? longestRun : longestQueue)) return undefined;
    const message = `The task ${this.#taskId} is ${state}, and has been for ${Math.round(waited / 1_000)} s: ${why}`;
    return { reason: 'waiting', message };
  }
}

const reasons: Partial<Record<TaskStatus['state'], string>> = {
  PENDING:
    'no worker has room for it, or the one that was to have it is gone. Look at Druid’s workers: give it more of them or a higher druid.worker.capacity, or end tasks that are not needed.',
  WAITING:
    'another task has the lock of its interval. Look which task of the dataSource that is, such as a compaction without concurrent locks.',
  RUNNING:
    'it may wait for the lock of an interval, which a realtime task or a compaction without concurrent locks has until it ends; for its rows, if Druid does not reach append.endpoint.advertised; or for its segments, by append.awaitAvailability. Look at its log in Druid’s console, and end what is in its way.',
};
