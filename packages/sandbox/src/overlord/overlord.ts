import { readAppendSpec } from '../append/append-spec.js';
import { AppendTask } from '../append/append-task.js';
import type { Agenda } from '../clock/agenda.js';
import type { Faults } from '../faults/faults.js';
import { absent, failure, json, type Answer } from '../http/answer.js';
import { Unsupported } from '../ingest/unsupported.js';
import { at, isJsonObject, type JsonObject } from '../json.js';
import type { Random } from '../random.js';
import { readRealtimeSpec } from '../realtime/realtime-spec.js';
import { RealtimeTask } from '../realtime/realtime-task.js';
import { Locks } from '../store/locks.js';
import { iso } from '../store/segment-id.js';
import type { Store } from '../store/store.js';
import { faultOfId } from './ids.js';
import { Peon } from './peon.js';
import { Task } from './task.js';
import type { DruidVersion } from './version.js';
import type { Timings, Work, WorkContext } from './work.js';
import { chooseWorker, type Worker } from './workers.js';

export interface OverlordOptions {
  readonly host: string;
  readonly version: DruidVersion;
  readonly workers: readonly Worker[];
  readonly timings: Timings;
  readonly agenda: Agenda;
  readonly store: Store;
  readonly random: Random;
  readonly faults: Faults;
  readonly announce: (serviceName: string, port: number, isThere: boolean) => void;
}

/** Makes the work of a task, once it runs. */
type MakeWork = (context: WorkContext) => Work;

/** Takes tasks, runs them on workers as slots are free, and knows what became of them. */
export class Overlord {
  readonly #options: OverlordOptions;
  readonly #locks: Locks;
  readonly #tasks = new Map<string, Task>();
  readonly #makers = new Map<Task, MakeWork>();
  readonly #watchers = new Map<Task, () => void>();
  readonly #unsettled = new Set<Promise<void>>();
  /** Added to what each task takes to start: a fault. */
  startDelayMillis = 0;
  /** How many of the next tasks fail when they have done all that they had to do: a fault. */
  failuresAtEnd = 0;

  constructor(options: OverlordOptions) {
    this.#options = options;
    this.#locks = new Locks(() => options.agenda.now());
  }

  get tasks(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  get workers(): readonly Worker[] {
    return this.#options.workers;
  }

  task(id: string): Task | undefined {
    return this.#tasks.get(id);
  }

  /** Waits until all is done that the clock has brought about. */
  async settled(): Promise<void> {
    while (this.#unsettled.size > 0) await Promise.all(this.#unsettled);
  }

  submit(payload: JsonObject): Answer {
    const type = payload['type'];
    if (typeof type !== 'string') return failure(400, missingType);
    const { version, agenda } = this.#options;
    if (!version.taskTypes.includes(type)) return failure(400, unknownType(type, version.taskTypes));
    if (type !== 'index_realtime' && type !== 'index_parallel') {
      return absent(`runs no tasks of type "${type}". It runs index_realtime and index_parallel.`);
    }
    const dataSource = at(payload, 'spec', 'dataSchema', 'dataSource');
    const taskId = textOr(payload['id'], payload['id'] === undefined ? this.#newId(type, String(dataSource)) : '');
    const fault = faultOfTask(type, taskId, dataSource);
    if (fault !== undefined) return failure(400, fault);
    if (this.#tasks.has(taskId)) return version.duplicateTask(taskId);
    try {
      const task = new Task({
        id: taskId,
        groupId:
          type === 'index_realtime' ? `index_realtime_${String(dataSource)}` : textOr(payload['groupId'], taskId),
        type,
        dataSource: String(dataSource),
        availabilityGroup: textOr(at(payload, 'resource', 'availabilityGroup'), taskId),
        payload: { ...payload, id: taskId },
        created: agenda.now(),
      });
      this.#makers.set(task, makerOf(type, task.payload));
      this.#tasks.set(taskId, task);
      this.assign();
    } catch (error) {
      if (error instanceof Unsupported) return absent(error.message);
      throw error;
    }
    return json({ task: taskId });
  }

  /** Runs a task that nobody submitted, and calls back when it has ended. */
  run(task: Task, make: MakeWork, ended: () => void): void {
    this.#makers.set(task, make);
    this.#watchers.set(task, ended);
    this.#tasks.set(task.id, task);
    this.assign();
  }

  /** Gives tasks that wait to workers that have room. */
  assign(): void {
    const { agenda, timings, workers } = this.#options;
    for (const task of this.#tasks.values()) {
      if (!task.isRunning || task.worker !== undefined) continue;
      const worker = chooseWorker(workers, task);
      if (worker === undefined) continue;
      task.worker = worker;
      worker.tasks.add(task);
      agenda.at(agenda.now() + timings.taskStartMillis + this.startDelayMillis, () => {
        this.#track(task, this.#start(task));
      });
    }
  }

  /** Ends a task as the user wants it. What it has not published is lost. */
  async shutDown(task: Task): Promise<void> {
    await this.#end(task, 'FAILED', 'Shutdown request from user');
  }

  /**
   * Kills the process of a task, with all its connections.
   * @param noticeMillis how long the overlord takes it for alive.
   */
  async kill(task: Task, noticeMillis: number): Promise<void> {
    const { agenda, store } = this.#options;
    void task.work?.stop();
    await task.peon?.close();
    await store.abandon(task.id);
    agenda.at(agenda.now() + noticeMillis, () => {
      this.#track(task, this.#end(task, 'FAILED', killed));
    });
    await this.settled();
  }

  /** Stops all tasks. */
  async close(): Promise<void> {
    for (const task of this.#tasks.values()) {
      await task.work?.stop();
      await task.peon?.close();
    }
    await this.settled();
  }

  async #start(task: Task): Promise<void> {
    const { host, faults, agenda } = this.#options;
    if (!task.isRunning) return;
    const peon = await Peon.open(host, task.id, {
      findFault: (target) => faults.find({ server: 'task', taskId: task.id }, target),
      die: () => this.kill(task, 0),
    });
    if (!isRunning(task)) return peon.close();
    task.peon = peon;
    task.runs(agenda.now(), host, peon.port);
    task.work = this.#makers.get(task)?.(this.#contextOf(task, peon));
    await task.work?.start(peon);
  }

  #contextOf(task: Task, peon: Peon): WorkContext {
    const { agenda, store, timings, announce } = this.#options;
    const end = (status: 'SUCCESS' | 'FAILED', error: string | null): void => {
      this.#track(task, this.#end(task, status, error));
    };
    return {
      taskId: task.id,
      groupId: task.groupId,
      agenda,
      store,
      locks: this.#locks,
      timings,
      succeed: () => {
        if (this.failuresAtEnd === 0) return end('SUCCESS', null);
        this.failuresAtEnd--;
        end('FAILED', killed);
      },
      fail: (message) => {
        end('FAILED', message);
      },
      track: (work) => {
        this.#track(task, work);
      },
      announce: (serviceName, isThere) => {
        announce(serviceName, peon.port, isThere);
      },
    };
  }

  async #end(task: Task, status: 'SUCCESS' | 'FAILED', error: string | null): Promise<void> {
    const { agenda, store } = this.#options;
    if (!task.isRunning) return;
    task.ends(agenda.now(), status, error);
    void task.work?.stop();
    task.worker?.tasks.delete(task);
    this.#locks.release(task.id);
    await store.abandon(task.id);
    await task.peon?.close();
    this.assign();
    this.#watchers.get(task)?.();
  }

  /** A fault of ours in a task's work fails the task, and says so. */
  #track(task: Task, work: Promise<void>): void {
    const tracked = work
      .catch((error: unknown) => this.#end(task, 'FAILED', error instanceof Error ? error.message : String(error)))
      .finally(() => this.#unsettled.delete(tracked));
    this.#unsettled.add(tracked);
  }

  #newId(type: string, dataSource: string): string {
    const { agenda, random } = this.#options;
    return type === 'index_realtime'
      ? `index_realtime_${dataSource}_0_${iso(agenda.now())}_${random.suffix()}`
      : `${type}_${dataSource}_${random.suffix()}_${iso(agenda.now())}`;
  }
}

/** A function, so that the compiler does not take it for unchanged. */
function isRunning(task: Task): boolean {
  return task.isRunning;
}

const killed = 'Task execution process exited unsuccessfully with code[137]. See middleManager logs for more details.';
const place = '\n at [Source: (org.eclipse.jetty.server.HttpInputOverHTTP); line: 1, column: 1]';
const missingType =
  'Could not resolve subtype of [simple type, class org.apache.druid.indexing.common.task.Task]: ' +
  `missing type id property 'type'${place}`;

function unknownType(type: string, known: readonly string[]): string {
  return (
    `Please make sure to load all the necessary extensions and jars with type '${type}' on 'druid/coordinator' service. ` +
    `Could not resolve type id '${type}' as a subtype of \`org.apache.druid.indexing.common.task.Task\` ` +
    `known type ids = [${known.join(', ')}]${place}`
  );
}

/** What Jackson and the task's constructor say against it. */
function faultOfTask(type: string, id: string, dataSource: unknown): string | undefined {
  const simpleName = type === 'index_realtime' ? 'RealtimeIndexTask' : 'batch.parallel.ParallelIndexSupervisorTask';
  const problem =
    typeof dataSource !== 'string'
      ? 'the spec has no dataSchema with a dataSource'
      : (faultOfId('task ID', id) ?? faultOfId('dataSource', dataSource));
  if (problem === undefined) return undefined;
  return `Cannot construct instance of \`org.apache.druid.indexing.common.task.${simpleName}\`, problem: ${problem}${place}`;
}

/** @throws Unsupported */
function makerOf(type: string, payload: JsonObject): MakeWork {
  if (type === 'index_realtime') {
    const spec = readRealtimeSpec(payload);
    return (context) => new RealtimeTask(spec, context);
  }
  const spec = readAppendSpec(isJsonObject(payload['spec']) ? payload['spec'] : {}, payload['context']);
  return (context) => new AppendTask(spec, context);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}
