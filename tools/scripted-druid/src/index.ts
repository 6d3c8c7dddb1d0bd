import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions as TlsOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ScriptedSupervisors } from './scripted-supervisors.js';

type Json = Record<string, unknown>;

export interface ScriptedTask {
  readonly id: string;
  readonly payload: Json;
  status: 'RUNNING' | 'SUCCESS' | 'FAILED';
  runnerStatus: 'PENDING' | 'RUNNING';
  errorMsg?: string;
  /** The rows it took. */
  readonly rows: Json[];
  /** How many rows came in each push that it took. */
  readonly pushes: number[];
}

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly headers: IncomingMessage['headers'];
}

export interface ScriptedWorker {
  readonly host: string;
  readonly capacity: number;
  readonly disabled?: boolean;
  /** The ids of its tasks. */
  readonly tasks: readonly string[];
}

const supervisorRoot = '/druid/indexer/v1/supervisor';

/** An answer that a test puts in place of the usual one; `undefined` leaves the usual one. */
export type Script = (request: ScriptedRequest) => Promise<Answer | undefined> | Answer | undefined;

export type Answer =
  { status: number; body?: unknown; headers?: Record<string, string> } | 'reset' | 'reset after doing it';

/**
 * An overlord and its tasks on one port, as far as the engine speaks to them, with Druid 28's words. A stand-in for tests of our
 * own logic; what Druid really does is for the cluster suites.
 */
export class ScriptedDruid implements AsyncDisposable {
  version = '28.0.0';
  /** Whether it has loaded the extension that reads Kafka. */
  readsKafka = true;
  leads = true;
  readonly tasks = new Map<string, ScriptedTask>();
  readonly supervisors = new ScriptedSupervisors();
  workers: ScriptedWorker[] = [];
  readonly requests: string[] = [];
  script: Script = () => undefined;
  /** Where the overlord says that tasks are. Default: here. */
  location: Json | undefined;
  readonly #server: Server;
  readonly #speaksTls: boolean;

  private constructor(server: Server, speaksTls: boolean) {
    this.#server = server;
    this.#speaksTls = speaksTls;
  }

  /** @param tls when given, it speaks TLS, and nothing else. */
  static async start(tls?: TlsOptions): Promise<ScriptedDruid> {
    const server = tls === undefined ? createServer() : createTlsServer(tls);
    const druid = new ScriptedDruid(server, tls !== undefined);
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void druid.#serve(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return druid;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.#speaksTls ? 'https' : 'http'}://127.0.0.1:${this.port}`;
  }

  /** All rows of all tasks. */
  get rows(): Json[] {
    return [...this.tasks.values()].flatMap((task) => task.rows);
  }

  addTask(payload: Json): ScriptedTask {
    const task: ScriptedTask = {
      id: String(payload['id']),
      payload,
      status: 'RUNNING',
      runnerStatus: 'RUNNING',
      rows: [],
      pushes: [],
    };
    this.tasks.set(task.id, task);
    return task;
  }

  count(pattern: RegExp): number {
    return this.requests.filter((request) => pattern.test(request)).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const method = request.method ?? '';
    const path = decodeURIComponent(request.url ?? '');
    this.requests.push(`${method} ${path}`);
    const scripted = await this.script({ method, path, body, headers: request.headers });
    const answer =
      scripted === undefined || scripted === 'reset after doing it'
        ? this.#answer(method, path, body, request)
        : scripted;
    if (answer === 'reset' || scripted === 'reset after doing it') {
      request.socket.destroy();
      return;
    }
    if (answer === 'reset after doing it') return;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}));
  }

  #answer(method: string, path: string, body: string, request: IncomingMessage): Answer {
    if (path === '/status') return { status: 200, body: { version: this.version, modules: this.#modules } };
    if (path.startsWith(supervisorRoot)) {
      return this.supervisors.answer(method, path.slice(supervisorRoot.length).replace(/\?.*/, ''), body);
    }
    if (path === '/druid/indexer/v1/isLeader') return { status: this.leads ? 200 : 404, body: { leader: this.leads } };
    if (path === '/druid/indexer/v1/leader') return { status: 200, body: this.url };
    if (path.startsWith('/druid/indexer/v1/tasks?')) return this.#list(new URL(path, this.url).searchParams);
    if (path === '/druid/indexer/v1/workers') return { status: 200, body: this.workers.map(entryOf) };
    if (method === 'POST' && path === '/druid/indexer/v1/task') return this.#submit(JSON.parse(body) as Json);
    const [, id = '', what] =
      method !== 'GET' ? [] : (/^\/druid\/indexer\/v1\/task\/(.*?)(\/status)?$/.exec(path) ?? []);
    if (id !== '') return this.#tell(id, what === '/status');
    const [, ended] = /^\/druid\/indexer\/v1\/task\/(.*)\/shutdown$/.exec(path) ?? [];
    if (ended !== undefined) return this.#shutDown(ended);
    if (path.endsWith('/push-events')) return this.#push(path, body, String(request.headers['x-druid-task-id']));
    return { status: 404 };
  }

  get #modules(): Json[] {
    return this.readsKafka ? [{ artifact: 'druid-kafka-indexing-service', version: this.version }] : [];
  }

  #submit(payload: Json): Answer {
    const id = String(payload['id']);
    if (this.tasks.has(id)) return { status: 400, body: { error: `Task [${id}] already exists.` } };
    this.addTask(payload);
    return { status: 200, body: { task: id } };
  }

  #tell(id: string, isStatus: boolean): Answer {
    const task = this.tasks.get(id);
    if (task === undefined) return { status: 404, body: { task: id, status: null } };
    if (!isStatus) return { status: 200, body: { task: id, payload: task.payload } };
    return { status: 200, body: { task: id, status: this.#statusOf(task) } };
  }

  #list(query: URLSearchParams): Answer {
    const dataSource = query.get('datasource') ?? '';
    const listed = [...this.tasks.values()].filter(
      ({ id }) => /^index_(realtime|kafka)_(.*)/.exec(id)?.[2]?.startsWith(`${dataSource}_`) === true,
    );
    return { status: 200, body: listed.map((task) => this.#statusOf(task)) };
  }

  #statusOf(task: ScriptedTask): Json {
    const runs = task.status === 'RUNNING' && task.runnerStatus === 'RUNNING';
    const location = runs ? this.#whereTasksAre() : { host: null, port: -1, tlsPort: -1 };
    return {
      id: task.id,
      statusCode: task.status,
      status: task.status,
      runnerStatusCode: task.status === 'RUNNING' ? task.runnerStatus : 'NONE',
      location,
      errorMsg: task.errorMsg ?? null,
    };
  }

  #whereTasksAre(): Json {
    if (this.location !== undefined) return this.location;
    const ports = this.#speaksTls ? { port: -1, tlsPort: this.port } : { port: this.port, tlsPort: -1 };
    return { host: '127.0.0.1', ...ports };
  }

  #shutDown(id: string): Answer {
    const task = this.tasks.get(id);
    if (task !== undefined) task.status = 'FAILED';
    return { status: 200, body: { task: id } };
  }

  #push(path: string, body: string, taskId: string): Answer {
    const task = this.tasks.get(decodeURIComponent(taskId));
    const service = path.split('/').at(-2) ?? '';
    if (task?.status !== 'RUNNING' || !JSON.stringify(task.payload).includes(JSON.stringify(service))) {
      return { status: 400, body: { error: `Can't find chatHandler for handler[${service}]` } };
    }
    const rows = JSON.parse(body) as Json[];
    const unreadable = rows.find((row) => row['poison'] === true);
    if (unreadable !== undefined) return { status: 500, body: { error: 'Timestamp[null] is unparseable! Event: {}' } };
    task.rows.push(...rows);
    if (rows.length > 0) task.pushes.push(rows.length);
    return {
      status: 200,
      body: { eventCount: rows.length },
      headers: { 'x-druid-task-id': encodeURIComponent(task.id) },
    };
  }
}

function entryOf({ host, capacity, disabled = false, tasks }: ScriptedWorker): Json {
  const worker = { scheme: 'http', host, ip: 'localhost', capacity, version: disabled ? '' : '0' };
  return { worker, currCapacityUsed: tasks.length, availabilityGroups: [], runningTasks: tasks };
}

export { clicks, clicksOf, upTo, usersIn } from './clicks.js';
export type { Click } from './clicks.js';
export { sendHostile } from './hostile-reader.js';
export type { HostileTally } from './hostile-reader.js';
export { requests } from './kafka-requests.js';
export { MemoryLog } from './memory-log.js';
export { RawReader } from './raw-reader.js';
