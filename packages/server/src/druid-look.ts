import {
  messageOf,
  taskStatus,
  TranquilityError,
  type DataSourceConfig,
  type StatusReport,
} from '@tranquility-js/core';
import { orAborted } from '@tranquility-js/core/internal';
import type { Senders } from './senders.js';
import { toldTogether } from './told-together.js';

/** How long a look counts, in milliseconds, so that nobody who asks us often asks Druid as often. */
const freshMillis = 5000;

/** How long Druid is tried for, in milliseconds. */
const answerMillis = 3000;

/** When a try is given up that has not ended by then, as where connections are taken and nothing is answered, in milliseconds. */
const mostMillis = 4000;

/** Why Druid is not there for a dataSource. */
export interface DruidFailure {
  readonly message: string;
  /** Whether it answers, and refuses: waiting does not help. */
  readonly isFinal: boolean;
}

/** What Druid answered last. */
export interface Looked {
  /** Of the dataSources whose Druid answers; `problems` tells of the others, too. */
  readonly report: StatusReport;
  /** By dataSource. */
  readonly failures: ReadonlyMap<string, DruidFailure>;
}

/** Looks at the tasks of all dataSources, and whether Druid is there at all. */
export class DruidLook {
  readonly #senders: Senders;
  #last: { readonly at: number; readonly looked: Promise<Looked> } | undefined;

  constructor(senders: Senders) {
    this.#senders = senders;
  }

  look(): Promise<Looked> {
    const now = performance.now();
    if (this.#last === undefined || now - this.#last.at > freshMillis) this.#last = { at: now, looked: this.#ask() };
    return this.#last.looked;
  }

  async #ask(): Promise<Looked> {
    const { configs } = this.#senders;
    const [together, ...connected] = await Promise.all([
      reportOf(configs),
      ...configs.map(({ dataSource }) => this.#connect(dataSource)),
    ]);
    const failures = new Map(connected.flat());
    const reports = 'isFinal' in together ? await reportsOfEach(configs, failures, together) : [together];
    const workers = new Map(reports.flatMap((report) => report.workers).map((worker) => [worker.host, worker]));
    const problems = new Set([...reports.flatMap((report) => report.problems), ...toldTogether(failures)]);
    return {
      report: {
        dataSources: reports.flatMap(({ dataSources }) => dataSources),
        workers: [...workers.values()],
        problems: [...problems],
      },
      failures,
    };
  }

  /** @returns why Druid is not there for it, if so. */
  async #connect(dataSource: string): Promise<[dataSource: string, failure: DruidFailure][]> {
    try {
      await inTime(async (signal) => this.#senders.get(dataSource)?.connect({ timeout: answerMillis, signal }));
      return [];
    } catch (error) {
      return [[dataSource, failureOf(error)]];
    }
  }
}

/**
 * What Druid says of each dataSource, where it does not of all together: one that is away takes nothing from what others say.
 * @param failures by dataSource; gets those that come to light.
 * @param why it does not of all together.
 */
async function reportsOfEach(
  configs: readonly DataSourceConfig[],
  failures: Map<string, DruidFailure>,
  why: DruidFailure,
): Promise<StatusReport[]> {
  const answering = configs.filter(({ dataSource }) => !failures.has(dataSource));
  const reports = await Promise.all(answering.map(async (config) => (configs.length === 1 ? why : reportOf([config]))));
  return reports.flatMap((report, index) => {
    if (!('isFinal' in report)) return [report];
    failures.set(answering[index]?.dataSource ?? '', report);
    return [];
  });
}

/** What Druid says of dataSources, or why it does not. */
async function reportOf(configs: readonly DataSourceConfig[]): Promise<StatusReport | DruidFailure> {
  try {
    return await inTime(() => taskStatus(configs, { timeout: answerMillis }));
  } catch (error) {
    return failureOf(error);
  }
}

/** @throws TRQ_OVERLORD_UNREACHABLE when the answer is not there in time. */
async function inTime<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => {
    const problem = `No overlord answered within ${mostMillis / 1000} s. Look whether it has too much to do.`;
    late.abort(new TranquilityError('TRQ_OVERLORD_UNREACHABLE', problem));
  }, mostMillis);
  try {
    return await orAborted(ask(late.signal), late.signal);
  } finally {
    clearTimeout(timer);
  }
}

const failureOf = (error: unknown): DruidFailure => ({
  message: messageOf(error),
  isFinal: error instanceof TranquilityError && !error.retryable,
});
