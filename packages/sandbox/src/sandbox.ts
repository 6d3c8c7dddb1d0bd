import { Announcer } from './announce/announcer.js';
import { Agenda } from './clock/agenda.js';
import { systemClock } from './clock/sandbox-clock.js';
import { controlRoutes } from './faults/control-api.js';
import { Faults } from './faults/faults.js';
import { failure, json, type Answer } from './http/answer.js';
import { Listener } from './http/listener.js';
import type { SandboxRequest } from './http/request.js';
import { routed, type Handler } from './http/routes.js';
import type { JsonObject } from './json.js';
import { readSettings, type SandboxOptions, type Settings } from './options.js';
import { coordinatorRoutes } from './overlord/coordinator-api.js';
import { Leadership } from './overlord/leadership.js';
import { Overlord } from './overlord/overlord.js';
import { overlordRoutes } from './overlord/overlord-api.js';
import type { Task } from './overlord/task.js';
import { taskActionRoutes } from './overlord/task-actions.js';
import { DruidVersion } from './overlord/version.js';
import { Worker } from './overlord/workers.js';
import { Random } from './random.js';
import { sqlRoutes } from './sql/sql-api.js';
import { SqlEngine, type SqlParameter } from './sql/sql-engine.js';
import { Database } from './store/database.js';
import { Store } from './store/store.js';
import { supervisorRoutes } from './supervisor/supervisor-api.js';
import { Supervisors } from './supervisor/supervisors.js';

/** A task as the sandbox tells of it. */
export interface SandboxTask {
  readonly id: string;
  readonly type: string;
  readonly dataSource: string;
  readonly status: 'RUNNING' | 'SUCCESS' | 'FAILED';
  /** As it was submitted, with its id. */
  readonly payload: JsonObject;
  /** How many rows it has acknowledged, or is about to, and not read yet: those of a pause. */
  readonly buffered: number;
}

interface Parts {
  readonly settings: Settings;
  readonly agenda: Agenda;
  readonly database: Database;
  readonly store: Store;
  readonly engine: SqlEngine;
  readonly overlord: Overlord;
  readonly supervisors: Supervisors;
  readonly faults: Faults;
  readonly announcer: Announcer | undefined;
}

/** An embedded Druid. Made by {@link startSandbox}. */
export class Sandbox implements AsyncDisposable {
  readonly #parts: Parts;
  readonly #leadership = new Leadership();
  readonly #listeners: Listener[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws RangeError for a wrong option; what Node throws when a port cannot be had; TRQ_ZOOKEEPER_… when none answers. */
  static async start(options: SandboxOptions = {}): Promise<Sandbox> {
    const settings = readSettings(options);
    const version = new DruidVersion(settings.version);
    const announcer = options.zookeeper === undefined ? undefined : new Announcer(options.zookeeper);
    const clock = options.clock ?? systemClock;
    const agenda = new Agenda(clock);
    const random = new Random(settings.seed);
    const faults = new Faults(random);
    const database = await Database.open();
    const store = new Store(database);
    const overlord = new Overlord({
      ...settings,
      version,
      workers: settings.workers.map((capacity, index) => new Worker(`${settings.host}:${8091 + index}`, capacity)),
      timings: settings,
      agenda,
      store,
      random,
      faults,
      announce: (name, port, isThere) => {
        if (isThere) announcer?.announce(name, settings.host, port);
        else announcer?.withdraw(name, port);
      },
    });
    const engine = new SqlEngine(store, () => agenda.now());
    const supervisors = new Supervisors({ overlord, agenda, random });
    const sandbox = new Sandbox({
      settings,
      agenda,
      database,
      store,
      engine,
      overlord,
      supervisors,
      faults,
      announcer,
    });
    try {
      await sandbox.#listen(clock);
      await announcer?.settled();
    } catch (error) {
      await sandbox.close();
      throw error;
    }
    return sandbox;
  }

  /** The address of everything but the tasks: `http://127.0.0.1:PORT`. */
  get url(): string {
    return this.overlords[0] ?? '';
  }

  get version(): string {
    return this.#parts.settings.version;
  }

  /** The addresses of all overlords; the first is {@link url}. */
  get overlords(): readonly string[] {
    return this.#leadership.urls;
  }

  /** The address of the overlord that leads, if one does. */
  get leader(): string | undefined {
    return this.#leadership.leader;
  }

  /** All tasks that were submitted, oldest first. */
  get tasks(): readonly SandboxTask[] {
    return this.#parts.overlord.tasks.map(({ id, type, dataSource, status, payload, work }) => {
      return { id, type, dataSource, status, payload, buffered: work?.buffered ?? 0 };
    });
  }

  /** What is to go wrong with requests. */
  get faults(): Faults {
    return this.#parts.faults;
  }

  /**
   * Answers SQL over all rows that were acknowledged. Texts of times are those of Druid.
   * @throws Error with Druid's words for what is wrong with the query.
   */
  async sql(query: string, parameters: readonly SqlParameter[] = []): Promise<Record<string, unknown>[]> {
    await this.settled();
    const { columns, rows } = await this.#parts.engine.query(query, parameters);
    const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value);
    return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, plain(row[index])])));
  }

  /** Waits until all is done that the clock has brought about: tasks have started and ended, segments are published. */
  async settled(): Promise<void> {
    this.#parts.agenda.run();
    await this.#parts.overlord.settled();
    await this.#parts.announcer?.settled();
  }

  /**
   * Ends the process of a task at once, as `kill -9` does: what it had not published is lost.
   * @param options.noticeMillis how long the overlord takes it for alive. Default 0.
   * @throws RangeError when there is no such task.
   */
  async killTask(id: string, { noticeMillis = 0 }: { readonly noticeMillis?: number } = {}): Promise<void> {
    await this.#parts.overlord.kill(this.#task(id), noticeMillis);
  }

  /** The task takes rows into its buffer but reads none: when that is full, pushes wait. @throws RangeError */
  pauseTask(id: string): void {
    this.#task(id).work?.pause?.();
  }

  /** The task reads on. @throws RangeError */
  resumeTask(id: string): void {
    this.#task(id).work?.resume?.();
  }

  /** Makes another overlord the leader, or none. @throws RangeError when there is none of that number. */
  changeLeader(index: number | undefined): void {
    this.#leadership.change(index);
  }

  /** How many tasks each worker runs at the same time from now on; those that run stay. @throws RangeError */
  setWorkerCapacity(capacity: number): void {
    if (!Number.isInteger(capacity) || capacity < 0) throw new RangeError(`A worker cannot have ${capacity} slots.`);
    for (const worker of this.#parts.overlord.workers) worker.capacity = capacity;
    this.#parts.overlord.assign();
  }

  /**
   * Lets so many of the next tasks fail after they have published all that they read, as when a worker dies before it has told.
   */
  failTasksAtEnd(count: number): void {
    this.#parts.overlord.failuresAtEnd = count;
  }

  /** Tasks that are assigned from now on take so much longer to start. @throws RangeError */
  delayTaskStarts(millis: number): void {
    if (!(millis >= 0)) throw new RangeError(`Tasks cannot start ${millis} ms later.`);
    this.#parts.overlord.startDelayMillis = millis;
  }

  /** Ends everything. No rows are kept. */
  async close(): Promise<void> {
    const { agenda, overlord, supervisors, faults, database, announcer } = this.#parts;
    agenda.close();
    faults.remove();
    await Promise.all(this.#listeners.map((listener) => listener.close()));
    await supervisors.close();
    await overlord.close();
    await announcer?.close();
    await database.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #listen(clock: unknown): Promise<void> {
    const { settings, faults, announcer } = this.#parts;
    const handler = this.#handler(clock);
    for (let index = 0; index < settings.overlords; index++) {
      const listener = await Listener.open({
        host: settings.host,
        port: index === 0 ? settings.port : 0,
        handler: this.#leadership.guard(index, handler),
        findFault: (target) =>
          target.path.startsWith('/sandbox/') ? undefined : faults.find({ server: 'druid' }, target),
        die: () => Promise.resolve(),
      });
      this.#listeners.push(listener);
      this.#leadership.join(listener.url);
      for (const service of ['druid/overlord', 'druid/coordinator']) {
        announcer?.announce(service, settings.host, listener.port);
      }
    }
  }

  #handler(clock: unknown): Handler {
    const { settings, agenda, overlord, supervisors, store, engine } = this.#parts;
    const answer = routed(
      {
        'GET /status': () => json(this.#status()),
        'GET /status/health': () => json(true),
        'GET /druid/coordinator/v1/leader': () => ({ status: 200, body: this.url }),
        'GET /druid/coordinator/v1/isLeader': () => json({ leader: true }),
        'GET /druid/coordinator/v1/cluster/overlord': () => json(this.#nodes('druid/overlord')),
        ...overlordRoutes(overlord),
        ...supervisorRoutes({ supervisors, kafkaExtension: settings.kafkaExtension, now: () => agenda.now() }),
        ...taskActionRoutes(store),
        ...coordinatorRoutes(store),
        ...sqlRoutes(engine),
        ...controlRoutes(this, clock),
      },
      nothingThere,
    );
    return async (request) => {
      await this.settled();
      return answer(request);
    };
  }

  #status(): object {
    const { version } = this;
    const modules = this.#parts.settings.kafkaExtension ? [{ ...kafkaModule, version }] : [];
    return { version, modules, memory: {}, sandbox: true };
  }

  #nodes(service: string): object[] {
    const { host } = this.#parts.settings;
    return this.#listeners.map(({ port }) => ({ host, service, plaintextPort: port }));
  }

  #task(id: string): Task {
    const task = this.#parts.overlord.task(id);
    if (task === undefined) throw new RangeError(`There is no task "${id}".`);
    return task;
  }
}

const kafkaModule = {
  name: 'org.apache.druid.indexing.kafka.KafkaIndexTaskModule',
  artifact: 'druid-kafka-indexing-service',
};

function nothingThere({ method, path }: SandboxRequest): Answer {
  return failure(404, `The sandbox has nothing at ${method} ${path}.`);
}

/**
 * Starts an embedded Druid on free ports of 127.0.0.1, for tests, demos and development: no Java, no files, nothing left when it is
 * closed.
 *
 * ```ts
 * await using sandbox = await startSandbox();
 * await using sender = await createSender({ config, properties: { 'druid.overlord.urls': sandbox.url } });
 * ```
 *
 * @throws RangeError for a wrong option; what Node throws when a port cannot be had; TRQ_ZOOKEEPER_UNREACHABLE.
 */
export function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  return Sandbox.start(options);
}
