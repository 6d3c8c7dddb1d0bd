import type { JsonObject } from '../json.js';
import { iso } from '../store/segment-id.js';
import type { Peon } from './peon.js';
import type { Work } from './work.js';
import type { Worker } from './workers.js';

type StatusCode = 'RUNNING' | 'SUCCESS' | 'FAILED';
type RunnerStatus = 'PENDING' | 'RUNNING' | 'NONE';

/** A task as the overlord knows it. */
export class Task {
  readonly id: string;
  readonly groupId: string;
  readonly type: string;
  readonly dataSource: string;
  readonly availabilityGroup: string;
  /** As it was submitted, with its id. */
  readonly payload: JsonObject;
  readonly created: number;
  status: StatusCode = 'RUNNING';
  runnerStatus: RunnerStatus = 'PENDING';
  error: string | null = null;
  worker: Worker | undefined;
  work: Work | undefined;
  peon: Peon | undefined;
  location: { readonly host: string | null; readonly port: number; readonly tlsPort: number } = nowhere;
  #started: number | undefined;
  #duration = -1;

  constructor(
    task: Pick<Task, 'id' | 'groupId' | 'type' | 'dataSource' | 'availabilityGroup' | 'payload' | 'created'>,
  ) {
    this.id = task.id;
    this.groupId = task.groupId;
    this.type = task.type;
    this.dataSource = task.dataSource;
    this.availabilityGroup = task.availabilityGroup;
    this.payload = task.payload;
    this.created = task.created;
  }

  get isRunning(): boolean {
    return this.status === 'RUNNING';
  }

  runs(now: number, host: string, port: number): void {
    this.runnerStatus = 'RUNNING';
    this.location = { host, port, tlsPort: -1 };
    this.#started = now;
  }

  ends(now: number, status: 'SUCCESS' | 'FAILED', error: string | null): void {
    this.status = status;
    this.runnerStatus = 'NONE';
    this.error = error;
    this.#duration = this.#started === undefined ? -1 : now - this.#started;
  }

  /** What the lists of tasks tell. */
  summary(): JsonObject {
    return this.#tell(iso(this.created));
  }

  /** What the status of the single task tells, in which Druid knows no time of insertion. */
  detail(): JsonObject {
    return this.#tell(iso(0));
  }

  #tell(queueInsertionTime: string): JsonObject {
    const { id, groupId, type, dataSource, status, location } = this;
    return {
      id,
      groupId,
      type,
      createdTime: iso(this.created),
      queueInsertionTime,
      statusCode: status,
      status,
      runnerStatusCode: this.runnerStatus,
      duration: this.#duration,
      location,
      dataSource,
      errorMsg: this.error,
    };
  }
}

const nowhere = { host: null, port: -1, tlsPort: -1 } as const;
