import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { isJsonObject, parseJsonList, parseJsonObject, type JsonObject } from '../spec/json.js';
import type { HttpClient, HttpResponse } from '../transport/http-client.js';
import { isFinal, retry, type RetryOptions } from '../transport/retry.js';
import { describe, rightsOf } from './describe.js';
import { originOf } from './origin.js';
import type { OverlordAddresses } from './overlord-addresses.js';
import { readWorker, type Worker } from './worker.js';

/** The fate of a task as the overlord tells it. */
type TaskState = 'WAITING' | 'PENDING' | 'RUNNING' | 'SUCCESS' | 'FAILED' | 'MISSING' | 'UNKNOWN';

export interface TaskStatus {
  readonly state: TaskState;
  /** `http://host:port` of the process that runs the task; absent until it has one. */
  readonly location?: string;
  /** Why it failed, in Druid's words. */
  readonly error?: string;
}

/** A task in a list of tasks. */
export interface ListedTask extends TaskStatus {
  readonly id: string;
}

export interface AboutDruid {
  /** `33.0.0`; absent in a development build. */
  readonly version?: string;
  /** Whether the extension is loaded that reads from Kafka; `undefined` when it does not tell. */
  readonly readsKafka: boolean | undefined;
}

/** How long and until when a call is tried. */
export type Patience = Pick<RetryOptions, 'deadline' | 'signal' | 'onRetry' | 'clock'>;

const requestTimeout = 15_000;
const mostEndedTasks = 200;
const longestWait = 5_000;

/**
 * Speaks to the overlord that leads, through any of the overlords, coordinators with an overlord in them, or routers with the
 * management proxy that its addresses tell. Failures that may pass (no connection, no leader, 5xx) are retried until the caller's deadline.
 */
export class OverlordClient {
  readonly #http: HttpClient;
  readonly #addresses: OverlordAddresses;
  #leader: string | undefined;

  constructor(http: HttpClient, addresses: OverlordAddresses) {
    this.#http = http;
    this.#addresses = addresses;
  }

  /** The URL by which the overlord that leads calls itself. */
  async leader(patience: Patience): Promise<string> {
    const response = await this.#call('GET', '/druid/indexer/v1/leader', patience);
    if (response.status !== 200) throw refused('a question about the leader', response);
    const leader = response.text.trim();
    if (!URL.canParse(leader)) throw refused('a question about the leader', response);
    return leader;
  }

  /** The version that Druid's overlord reports, such as `28.0.0`; `undefined` when it does not tell (a development build). */
  async version(patience: Patience): Promise<string | undefined> {
    return (await this.about(patience)).version;
  }

  /** What the overlord tells of itself. */
  async about(patience: Patience): Promise<AboutDruid> {
    const response = await this.#call('GET', '/status', patience);
    if (response.status !== 200) return { readsKafka: undefined };
    const { version, modules } = parseJsonObject(response.text) ?? {};
    return {
      ...(typeof version === 'string' ? { version } : {}),
      readsKafka: Array.isArray(modules) ? modules.some(isKafkaModule) : undefined,
    };
  }

  /**
   * Submits a task.
   * @returns whether it is new: `false` when a task of this id exists already, be it ours from a lost answer or another's.
   * @throws TRQ_OVERLORD_REFUSED with Druid's words when the overlord takes no such task.
   */
  async submit(task: JsonObject, patience: Patience): Promise<boolean> {
    const body = JSON.stringify(task);
    const response = await this.#call('POST', '/druid/indexer/v1/task', patience, body);
    if (response.status === 200) return true;
    if (isDuplicate(response)) return false;
    throw refused(`the task ${String(task['id'])}`, response);
  }

  /** The task as it was submitted, or `undefined` if the overlord knows none of this id. */
  async payload(id: string, patience: Patience): Promise<JsonObject | undefined> {
    const response = await this.#call('GET', `/druid/indexer/v1/task/${encodeURIComponent(id)}`, patience);
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw refused(`a question about the task ${id}`, response);
    const payload = parseJsonObject(response.text)?.['payload'];
    return isJsonObject(payload) ? payload : undefined;
  }

  /** What became of a task; state `MISSING` if the overlord knows none of this id. */
  async status(id: string, patience: Patience): Promise<TaskStatus> {
    const response = await this.#call('GET', `/druid/indexer/v1/task/${encodeURIComponent(id)}/status`, patience);
    if (response.status === 404) return { state: 'MISSING' };
    if (response.status !== 200) throw refused(`a question about the task ${id}`, response);
    return readStatus(parseJsonObject(response.text), this.#http.requiresTls);
  }

  /**
   * The tasks of a dataSource that run or wait, and the latest of those that have ended. A Druid before 0.14, which tells neither
   * those that have ended nor whose tasks they are, gives the tasks of all dataSources.
   */
  async tasks(dataSource: string, patience: Patience): Promise<readonly ListedTask[]> {
    const query = `datasource=${encodeURIComponent(dataSource)}&max=${mostEndedTasks}`;
    const listed = await this.#list(`tasks?${query}`, 'a list of tasks', patience);
    if (listed !== undefined)
      return listed.map((task) => readListed(task, {}, this.#http.requiresTls)).filter((task) => task !== undefined);
    const states = ['WAITING', 'PENDING', 'RUNNING'];
    const lists = await Promise.all(
      states.map(async (runnerStatusCode) => {
        const tasks = await this.#list(`${runnerStatusCode.toLowerCase()}Tasks`, 'a list of tasks', patience);
        return (
          tasks?.map((task) => readListed(task, { statusCode: 'RUNNING', runnerStatusCode }, this.#http.requiresTls)) ??
          []
        );
      }),
    );
    return lists.flat().filter((task) => task !== undefined);
  }

  /** The workers that the overlord knows, and how full they are. */
  async workers(patience: Patience): Promise<readonly Worker[]> {
    const listed = await this.#list('workers', 'a list of workers', patience);
    return (listed ?? []).map(readWorker).filter((worker) => worker !== undefined);
  }

  /** Ends a task; what it has not published is lost. A task that has ended or is unknown is no error. */
  async shutdown(id: string, patience: Patience): Promise<void> {
    const response = await this.#call(
      'POST',
      `/druid/indexer/v1/task/${encodeURIComponent(id)}/shutdown`,
      patience,
      '{}',
    );
    if (response.status !== 200 && response.status !== 404) throw refused(`to end the task ${id}`, response);
  }

  /**
   * Asks what has no method here.
   * @param timeout of one attempt, in milliseconds. Default 15 s.
   * @returns any answer that is not of a kind that may pass.
   * @throws TRQ_OVERLORD_REFUSED for wrong credentials or missing rights.
   */
  ask(
    method: 'GET' | 'POST',
    path: string,
    patience: Patience,
    body?: string,
    timeout?: number,
  ): Promise<HttpResponse> {
    return this.#call(method, path, patience, body, timeout);
  }

  /** @returns `undefined` when this Druid has no such list. */
  async #list(path: string, what: string, patience: Patience): Promise<readonly unknown[] | undefined> {
    const response = await this.#call('GET', `/druid/indexer/v1/${path}`, patience);
    if (response.status === 404) return undefined;
    const list = response.status === 200 ? parseJsonList(response.text) : undefined;
    if (list === undefined) throw refused(what, response);
    return list;
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    patience: Patience,
    body?: string,
    timeout?: number,
  ): Promise<HttpResponse> {
    try {
      return await retry(() => this.#attempt(method, path, patience.signal, body, timeout), {
        ...patience,
        longestWait,
      });
    } catch (error) {
      if (error instanceof TranquilityError || patience.signal?.aborted === true) throw error;
      const { place, remedy } = this.#addresses;
      throw new TranquilityError(
        'TRQ_OVERLORD_UNREACHABLE',
        `No overlord answered at ${place}: ${messageOf(error)}. ${remedy}`,
        { cause: error, details: { place } },
      );
    }
  }

  async #attempt(
    method: 'GET' | 'POST',
    path: string,
    signal?: AbortSignal,
    body?: string,
    timeout?: number,
  ): Promise<HttpResponse> {
    const origin = (this.#leader ??= await this.#findLeader(signal));
    try {
      const response = await this.#request(origin, method, path, signal, body, timeout);
      if (response.status === 401 || response.status === 403) throw this.#unauthorized(origin, response);
      if (mayPass(response.status) || isRedirect(response.status) || isRouterWithoutLeader(response)) {
        throw new Error(`${origin} answered ${describe(response)}`);
      }
      return response;
    } catch (error) {
      this.#leader = undefined;
      throw error;
    }
  }

  async #findLeader(signal?: AbortSignal): Promise<string> {
    const failures: string[] = [];
    const finals: unknown[] = [];
    for (const url of await this.#addresses.find(signal)) {
      try {
        const response = await this.#request(url, 'GET', '/druid/indexer/v1/isLeader', signal);
        if (response.status === 200) return url;
        const leader = await this.#askForLeader(url, signal);
        if (leader !== undefined) return leader;
        failures.push(`${url} does not lead and knows no leader (${describe(response)})`);
      } catch (error) {
        if (signal?.aborted === true) throw error;
        failures.push(`${url}: ${messageOf(error)}`);
        if (isFinal(error)) finals.push(error);
      }
    }
    if (finals.length > 0 && finals.length === failures.length) throw finals[0];
    throw new Error(failures.join('; '));
  }

  async #askForLeader(url: string, signal?: AbortSignal): Promise<string | undefined> {
    const response = await this.#request(url, 'GET', '/druid/indexer/v1/leader', signal);
    if (response.status === 401 || response.status === 403) throw this.#unauthorized(url, response);
    return response.status === 200 && URL.canParse(response.text) ? new URL(response.text).origin : undefined;
  }

  #unauthorized(origin: string, response: HttpResponse): TranquilityError {
    return new TranquilityError(
      'TRQ_OVERLORD_REFUSED',
      `The overlord at ${origin} refused us: ${describe(response)}. ${rightsOf(response, this.#http)}`,
      { details: { status: response.status, origin } },
    );
  }

  #request(
    origin: string,
    method: 'GET' | 'POST',
    path: string,
    signal?: AbortSignal,
    body?: string,
    timeout = requestTimeout,
  ): Promise<HttpResponse> {
    return this.#http.request({
      origin,
      method,
      path,
      timeout,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
      ...(signal === undefined ? {} : { signal }),
    });
  }
}

const isKafkaModule = (module: unknown): boolean =>
  isJsonObject(module) && module['artifact'] === 'druid-kafka-indexing-service';

/** 501 tells that it is not there, and will not be. */
function mayPass(status: number): boolean {
  return status >= 500 && status !== 501;
}

function readStatus(answer: JsonObject | undefined, prefersTls: boolean): TaskStatus {
  const status = answer?.['status'];
  if (!isJsonObject(status)) return { state: 'UNKNOWN' };
  const location = readLocation(status['location'], prefersTls);
  const error = status['errorMsg'];
  return {
    state: readState(status),
    ...(location === undefined ? {} : { location }),
    ...(typeof error === 'string' && error !== '' ? { error } : {}),
  };
}

function readListed(task: unknown, missing: JsonObject, prefersTls: boolean): ListedTask | undefined {
  const id = isJsonObject(task) ? task['id'] : undefined;
  return typeof id === 'string'
    ? { id, ...readStatus({ status: { ...missing, ...(task as JsonObject) } }, prefersTls) }
    : undefined;
}

function readState(status: JsonObject): TaskState {
  const code = status['statusCode'] ?? status['status'];
  if (code === 'SUCCESS' || code === 'FAILED') return code;
  if (code !== 'RUNNING') return 'UNKNOWN';
  const runner = status['runnerStatusCode'];
  return runner === 'WAITING' || runner === 'PENDING' ? runner : 'RUNNING';
}

function readLocation(location: unknown, prefersTls: boolean): string | undefined {
  if (!isJsonObject(location)) return undefined;
  const { host, port, tlsPort } = location;
  return originOf({ host, port, tlsPort }, prefersTls);
}

/** The texts of Druid up to 0.23, of 24 to 29, and of 30 and later; all come with status 400. */
function isDuplicate(response: HttpResponse): boolean {
  return response.status === 400 && /Task ?\[.*\] already exists|"entryAlreadyExists"/.test(response.text);
}

const isRedirect = (status: number): boolean => status >= 300 && status < 400;

/** A router without a leader to proxy to answers 400, not 503. */
const isRouterWithoutLeader = (response: HttpResponse): boolean =>
  response.status === 400 && response.text.includes('Unable to determine destination');

/** The error for an answer that we have no other name for. */
export function refused(what: string, response: HttpResponse): TranquilityError {
  return new TranquilityError('TRQ_OVERLORD_REFUSED', `The overlord refused ${what}: ${describe(response)}`, {
    details: { status: response.status, body: response.words },
  });
}
