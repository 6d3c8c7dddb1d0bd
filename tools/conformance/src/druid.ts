import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from './target.js';

export type Row = Record<string, unknown>;

/** An answer of Druid's. */
export interface Reply {
  readonly status: number;
  readonly text: string;
  /** Of its body, if that is JSON. */
  readonly json: unknown;
  readonly headers: Headers;
}

const json = { 'content-type': 'application/json' };

/** Speaks to a target as a client would that has nothing but HTTP. */
export class Druid {
  readonly #target: Target;

  constructor(target: Target) {
    this.#target = target;
  }

  get now(): number {
    return this.#target.clock?.now() ?? Date.now();
  }

  get(path: string): Promise<Reply> {
    return request(`${this.#target.overlord}${path}`);
  }

  post(path: string, body: unknown): Promise<Reply> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return request(`${this.#target.overlord}${path}`, { method: 'POST', headers: json, body: text });
  }

  submit(task: unknown): Promise<Reply> {
    return this.post('/druid/indexer/v1/task', task);
  }

  async status(id: string): Promise<Row> {
    const { json: answer } = await this.get(`/druid/indexer/v1/task/${encodeURIComponent(id)}/status`);
    return (answer as { status: Row }).status;
  }

  /** Waits until the task takes pushes under the service name, and gives the address for them. */
  async receiver(id: string, serviceName: string): Promise<Receiver> {
    const status = await this.until(
      () => this.status(id),
      ({ location }) => (location as { host: unknown }).host !== null,
    );
    const { host, port } = status['location'] as { host: string; port: number };
    const receiver = new Receiver(`http://${host}:${port}/druid/worker/v1/chat/${encodeURIComponent(serviceName)}`);
    await this.until(
      () => receiver.push([]).catch(() => undefined),
      (reply) => reply?.status === 200,
    );
    return receiver;
  }

  /** @throws Error with Druid's words. */
  async sql(query: string): Promise<Row[]> {
    const reply = await this.sqlReply({ query });
    if (reply.status === 200) return reply.json as Row[];
    throw new Error(`SQL was answered ${reply.status}: ${reply.text}`);
  }

  sqlReply(body: unknown): Promise<Reply> {
    const text = JSON.stringify(body);
    return request(`${this.#target.router}/druid/v2/sql`, { method: 'POST', headers: json, body: text });
  }

  /** How many events are counted in a dataSource, as soon as it is so many; else how many there are in the end. */
  countUntil(dataSource: string, expected: number): Promise<number> {
    return this.until(
      () => this.#count(dataSource),
      (count) => count === expected,
    );
  }

  /** The statuses of all tasks of a dataSource, by id. */
  async tasksOf(dataSource: string): Promise<Record<string, string>> {
    const { json: tasks } = await this.get(`/druid/indexer/v1/tasks?datasource=${encodeURIComponent(dataSource)}`);
    const entries = (tasks as { id: string; statusCode: string }[]).map(({ id, statusCode }) => [id, statusCode]);
    return Object.fromEntries(entries.sort()) as Record<string, string>;
  }

  async endTasks(dataSource: string): Promise<void> {
    for (const [id, status] of Object.entries(await this.tasksOf(dataSource))) {
      if (status === 'RUNNING') await this.post(`/druid/indexer/v1/task/${encodeURIComponent(id)}/shutdown`, {});
    }
  }

  /** Asks until the answer is right or the target's patience is over; gives back the last answer. */
  async until<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
    const deadline = performance.now() + this.#target.patience;
    for (;;) {
      const answer = await ask();
      if (isRight(answer) || performance.now() > deadline) return answer;
      await sleep(50);
    }
  }

  async #count(dataSource: string): Promise<number> {
    const reply = await this.sqlReply({
      query: `SELECT SUM("count") AS n FROM "${dataSource}"`,
      context: { useCache: false },
    });
    return reply.status === 200 ? Number((reply.json as Row[])[0]?.['n'] ?? 0) : 0;
  }
}

/** The event receiver of a task. */
export class Receiver {
  /** What `/push-events` and `/shutdown` stand behind. */
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  push(body: unknown, headers: Record<string, string> = {}): Promise<Reply> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return request(`${this.url}/push-events`, { method: 'POST', headers: { ...json, ...headers }, body: text });
  }

  shutdown(query = ''): Promise<Reply> {
    return request(`${this.url}/shutdown${query}`, { method: 'POST' });
  }

  get(path: string): Promise<Reply> {
    return request(`${this.url}${path}`);
  }
}

async function request(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, { ...init, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, text, json: parsed(text), headers: response.headers };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
