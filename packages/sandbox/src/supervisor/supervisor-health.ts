import { iso } from '../store/segment-id.js';

/** What went wrong in a run of a supervisor, as its status tells it. */
export interface RecentError {
  readonly timestamp: string;
  readonly exceptionClass: string;
  readonly message: string;
  readonly streamException: boolean;
}

/** A fault of the stream that a supervisor reads, or of its place in it. */
export class StreamFault extends Error {
  readonly exceptionClass: string;

  constructor(exceptionClass: string, message: string) {
    super(message);
    this.exceptionClass = exceptionClass;
  }
}

/** What a supervisor is about in its first run. */
type Beginning = 'CONNECTING_TO_STREAM' | 'DISCOVERING_INITIAL_TASKS' | 'CREATING_TASKS';

/** So many runs or tasks in a row make a supervisor ill, or well again; so many of its errors are kept. */
const threshold = 3;

/** How a supervisor fares, by the outcomes of its runs and of its tasks, as Druid judges it with its defaults. */
export class SupervisorHealth {
  readonly #steady: 'RUNNING' | 'SUSPENDED';
  readonly #runs = new Streak();
  readonly #tasks = new Streak();
  #errors: RecentError[] = [];
  #beginning: Beginning | 'PENDING' = 'PENDING';
  #hadSuccess = false;

  constructor(suspended: boolean) {
    this.#steady = suspended ? 'SUSPENDED' : 'RUNNING';
  }

  begins(what: Beginning): void {
    this.#beginning = what;
  }

  runSucceeded(): void {
    this.#hadSuccess = true;
    this.#runs.note(true);
  }

  runFailed(now: number, error: unknown): void {
    this.#runs.note(false);
    const message = error instanceof Error ? error.message : String(error);
    const isStream = error instanceof StreamFault;
    const exceptionClass = isStream ? error.exceptionClass : 'org.apache.druid.java.util.common.ISE';
    this.#errors.unshift({ timestamp: iso(now), exceptionClass, message, streamException: isStream });
    this.#errors = this.#errors.slice(0, threshold);
  }

  taskEnded(succeeded: boolean): void {
    this.#tasks.note(succeeded);
  }

  get healthy(): boolean {
    return !this.#runs.isIll && !this.#tasks.isIll;
  }

  get state(): string {
    if (this.#runs.isIll) return 'UNHEALTHY_SUPERVISOR';
    if (this.#tasks.isIll) return 'UNHEALTHY_TASKS';
    if (this.#hadSuccess) return this.#steady;
    return this.#beginning === 'PENDING' ? 'PENDING' : 'RUNNING';
  }

  get detailedState(): string {
    if (this.#runs.isIll && this.#errors.every(({ streamException }) => streamException)) {
      return this.#hadSuccess ? 'LOST_CONTACT_WITH_STREAM' : 'UNABLE_TO_CONNECT_TO_STREAM';
    }
    return this.healthy && !this.#hadSuccess ? this.#beginning : this.state;
  }

  /** The latest first. */
  get recentErrors(): readonly RecentError[] {
    return this.#errors;
  }
}

/** Ill after so many failures in a row, and well again after so many successes in a row. */
class Streak {
  #length = 0;
  #last = true;
  isIll = false;

  note(succeeded: boolean): void {
    this.#length = succeeded === this.#last ? this.#length + 1 : 1;
    this.#last = succeeded;
    if (this.#length >= threshold) this.isIll = !succeeded;
  }
}
