import type { Agenda } from '../clock/agenda.js';
import type { JsonObject } from '../json.js';
import type { Locks } from '../store/locks.js';
import type { Store } from '../store/store.js';
import type { Peon } from './peon.js';

/** What a task does once a worker runs it. */
export interface Work {
  /** Begins. What it throws is why the task fails. */
  start(peon: Peon): Promise<void>;
  /** Stops at once. What it has not published is lost. A promise is kept when all its connections have ended. */
  stop(): void | Promise<void>;
  /** The report of its work, once there is one. */
  readonly report?: JsonObject | undefined;
  /** Rows wait in its buffer, untaken, until it resumes; only of a task that takes pushes. */
  pause?(): void;
  resume?(): void;
  /** How many rows wait in its buffer. */
  readonly buffered?: number;
}

/** What a task has around it. */
export interface WorkContext {
  readonly taskId: string;
  readonly groupId: string;
  readonly agenda: Agenda;
  readonly store: Store;
  readonly locks: Locks;
  /** To be called once, when all is done. */
  readonly succeed: () => void;
  readonly fail: (message: string) => void;
  /** Answers about tasks wait for this, so that they tell what the clock says. What it throws fails the task. */
  readonly track: (work: Promise<void>) => void;
  readonly timings: Timings;
  /** Told that the task takes pushes under the name now, or no longer. */
  readonly announce: (serviceName: string, isThere: boolean) => void;
}

/** How long things take in Druid, in milliseconds of the sandbox's clock. */
export interface Timings {
  /** From the assignment of a task to a worker until it runs. */
  readonly taskStartMillis: number;
  /** From there until its event receiver answers. */
  readonly receiverStartMillis: number;
  /** From the publishing of a task's segments until historicals serve them, and the task ends. */
  readonly handoffMillis: number;
}
