import { TranquilityError } from '../errors/tranquility-error.js';
import { isJsonObject, parseJsonObject, type JsonObject } from '../spec/json.js';
import type { HttpResponse } from '../transport/http-client.js';
import { describe } from './describe.js';
import { refused, type OverlordClient, type Patience } from './overlord-client.js';

/** What can be done to a supervisor. */
export type SupervisorAction = 'suspend' | 'resume' | 'terminate';

const root = '/druid/indexer/v1/supervisor';
/** Druid 33 and later leave the same one alone, when two processes make it at once. */
const unlessSame = '?skipRestartIfUnmodified=true';

/**
 * How long a change may take, in milliseconds. Druid stops the supervisor that is there first: up to 80 s (its `shutdownTimeout`), when
 * that one just waits for a stream that nobody serves.
 */
const changeTimeout = 100_000;

/** How long tasks get to begin before their supervisor is changed, in milliseconds. Some wait for a slot, and may never. */
const tasksBeginWithin = 10_000;
/** How long a supervisor gets to know its tasks before it is ended, in milliseconds. It looks for them each `period`, mostly 30 s. */
const tasksKnownWithin = 40_000;
const lookAgain = 250;

/** The overlord’s supervisors, one for a dataSource. */
export class Supervisors {
  readonly #overlord: OverlordClient;
  readonly #patienceWithTasks: number;

  /** @param patienceWithTasks how long a change may wait for tasks that begin, in milliseconds. Default 40 s. */
  constructor(overlord: OverlordClient, patienceWithTasks = tasksKnownWithin) {
    this.#overlord = overlord;
    this.#patienceWithTasks = patienceWithTasks;
  }

  /** Its spec, with Druid's defaults filled in; `undefined` when the dataSource has none. */
  async spec(dataSource: string, patience: Patience): Promise<JsonObject | undefined> {
    const response = await this.#overlord.ask('GET', pathOf(dataSource), patience);
    return readFound(response, `a question about the supervisor of ${dataSource}`);
  }

  /**
   * Creates it. One that is there is for {@link replace}.
   * @throws TRQ_EXTENSION_MISSING when Druid knows no Kafka; TRQ_OVERLORD_REFUSED with Druid's words when it takes no such spec.
   */
  async post(dataSource: string, spec: JsonObject, patience: Patience): Promise<void> {
    const response = await this.#overlord.ask('POST', root + unlessSame, patience, JSON.stringify(spec), changeTimeout);
    if (response.status === 200) return;
    if (response.text.includes('Could not resolve type id')) throw extensionMissing(response);
    throw refused(`the supervisor of ${dataSource}`, response);
  }

  /**
   * Posts it in the place of the one that is there: its tasks end, and publish what they have, and others begin where they were.
   * @throws as {@link post}.
   */
  async replace(dataSource: string, spec: JsonObject, patience: Patience): Promise<void> {
    await this.#letTasksBegin(dataSource, tasksBeginWithin, patience);
    await this.post(dataSource, spec, patience);
  }

  /** What it does; `undefined` when the dataSource has none. */
  async status(dataSource: string, patience: Patience): Promise<JsonObject | undefined> {
    const response = await this.#overlord.ask('GET', `${pathOf(dataSource)}/status`, patience);
    const payload = readFound(response, `the status of the supervisor of ${dataSource}`)?.['payload'];
    return isJsonObject(payload) ? payload : undefined;
  }

  /** @throws TRQ_SUPERVISOR_UNKNOWN when the dataSource has none. */
  async act(dataSource: string, action: SupervisorAction, patience: Patience): Promise<void> {
    if (action === 'suspend') await this.#letTasksBegin(dataSource, tasksBeginWithin, patience);
    if (action === 'terminate')
      await this.#letTasksBegin(dataSource, tasksKnownWithin, patience, () => this.#running(dataSource, patience));
    const response = await this.#overlord.ask('POST', `${pathOf(dataSource)}/${action}`, patience, '{}', changeTimeout);
    if (response.status === 200) return;
    if (response.status !== 404) throw refused(`to ${action} the supervisor of ${dataSource}`, response);
    throw new TranquilityError(
      'TRQ_SUPERVISOR_UNKNOWN',
      `${dataSource} has no supervisor to ${action}. Where Druid reads from us, it gets one with its first event; on other lanes it has none. tranquility status says which lane it is.`,
      { details: { dataSource } },
    );
  }

  /**
   * A supervisor that is stopped tells only those of its tasks to publish that it knows. Its successor finds the others, or ends those that
   * have not begun, and what they have read is read again; where none follows, they read on with nobody over them.
   * @param running the tasks that it must know, where no other finds them.
   */
  async #letTasksBegin(
    dataSource: string,
    within: number,
    patience: Patience,
    running: () => Promise<readonly string[]> = () => Promise.resolve([]),
  ): Promise<void> {
    const { clock, signal } = patience;
    const until = clock.now() + Math.min(within, this.#patienceWithTasks);
    const areBeginning = async (): Promise<boolean> => {
      const status = await this.status(dataSource, once(patience));
      if (status === undefined || status['suspended'] === true) return false;
      return isBeginning(status) || !knows(status, await running());
    };
    // What cannot tell its status can be changed all the same.
    while ((await areBeginning().catch(() => false)) && clock.now() < until) {
      await clock.sleep(Math.min(lookAgain, until - clock.now()), signal);
    }
  }

  async #running(dataSource: string, patience: Patience): Promise<readonly string[]> {
    const tasks = await this.#overlord.tasks(dataSource, once(patience));
    return tasks.flatMap(({ id, state }) => (state === 'RUNNING' && id.startsWith('index_kafka_') ? [id] : []));
  }
}

/** Without a second try. */
const once = (patience: Patience): Patience => ({ ...patience, deadline: patience.clock.now() });

/** Whether it still finds or makes its tasks, or one of them has not said when it began. */
function isBeginning(status: JsonObject): boolean {
  const state = status['detailedState'];
  if (state === 'DISCOVERING_INITIAL_TASKS' || state === 'CREATING_TASKS') return true;
  return tasksIn(status, 'activeTasks').some(({ startTime }) => startTime === null);
}

function knows(status: JsonObject, tasks: readonly string[]): boolean {
  const known = [...tasksIn(status, 'activeTasks'), ...tasksIn(status, 'publishingTasks')].map(({ id }) => id);
  return tasks.every((task) => known.includes(task));
}

function tasksIn(status: JsonObject, key: 'activeTasks' | 'publishingTasks'): readonly JsonObject[] {
  const tasks = status[key];
  return Array.isArray(tasks) ? tasks.filter(isJsonObject) : [];
}

const pathOf = (dataSource: string): string => `${root}/${encodeURIComponent(dataSource)}`;

function readFound(response: HttpResponse, what: string): JsonObject | undefined {
  if (response.status === 404) return undefined;
  const found = response.status === 200 ? parseJsonObject(response.text) : undefined;
  if (found === undefined) throw refused(what, response);
  return found;
}

function extensionMissing(response: HttpResponse): TranquilityError {
  return new TranquilityError(
    'TRQ_EXTENSION_MISSING',
    `Druid does not read from Kafka: ${describe(response)}. Add "druid-kafka-indexing-service" to druid.extensions.loadList of the overlords and of all that run tasks, and start them again.`,
    { details: { status: response.status } },
  );
}
