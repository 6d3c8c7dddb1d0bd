import type { CounterSnapshot, DataSourceConfig } from '@tranquility-js/core';
import { parsePeriod, Window } from '@tranquility-js/core/internal';
import { directorySize } from './console/directory-size.js';
import type { DeadLetterFile } from './dead-letter-file.js';
import type { DruidLook } from './druid-look.js';
import type { Readiness } from './readiness.js';
import type { Senders } from './senders.js';

/** The least time over which rates are told, in milliseconds. */
const rateMillis = 5000;

interface Look {
  readonly at: number;
  readonly counters: ReadonlyMap<string, CounterSnapshot>;
}

/** What the server does: of each dataSource counters, rates and drops, and the tasks that Druid runs for it. */
export class ServerStatus {
  readonly #senders: Senders;
  readonly #readiness: Readiness;
  readonly #started = new Date();
  #before: Look = { at: performance.now(), counters: new Map() };
  #latest: Look | undefined;
  readonly #druid: DruidLook;
  #deadLetters: DeadLetterFile | undefined;

  constructor(senders: Senders, druid: DruidLook, readiness: Readiness) {
    this.#druid = druid;
    this.#senders = senders;
    this.#readiness = readiness;
  }

  /** From now on tells what is missing in a file, too. */
  watch(deadLetters: DeadLetterFile | undefined): void {
    this.#deadLetters = deadLetters;
  }

  async look(): Promise<object> {
    const now = performance.now();
    const all = this.#senders.all;
    const rates = this.#rates(now, new Map(all.map(({ config, counters }) => [config.dataSource, counters])));
    const [{ reasons }, { report: tasks }] = await Promise.all([this.#readiness.look(), this.#druid.look()]);
    const sizes = new Map<string, number | null>();
    for (const { dataSource, journal } of tasks.dataSources) {
      if (journal !== null) sizes.set(dataSource, await directorySize(journal.directory));
    }
    // The last trouble may be over, though nobody has posted since.
    await this.#deadLetters?.written();
    const trouble = this.#deadLetters?.trouble;
    return {
      started: this.#started.toISOString(),
      ready: reasons.length === 0,
      reasons,
      dataSources: all.map(({ config, since, lane, counters }) => {
        const { dataSource, spec, properties } = config;
        const report = tasks.dataSources.find((one) => one.dataSource === dataSource);
        const journal = report?.journal ?? null;
        return {
          dataSource,
          lane: lane?.lane ?? null,
          laneReason: lane?.reason ?? report?.lane?.reason ?? null,
          segmentGranularity: spec.segmentGranularity.name,
          windowPeriod: spec.windowPeriod,
          window: windowOf(config),
          partitions: properties['task.partitions'],
          replicants: properties['task.replicants'],
          timestampColumn: spec.timestampSpec.column,
          dimensions: dimensionsOf(config),
          configSince: new Date(since).toISOString(),
          counters,
          rates: rates.get(dataSource),
          tasks: report?.tasks ?? [],
          supervisor: report?.supervisor ?? null,
          journal: journal === null ? null : { ...journal, bytes: sizes.get(dataSource) ?? null },
          waiting: lane?.relay?.waiting ?? null,
          alarms: lane?.alarms ?? [],
        };
      }),
      workers: tasks.workers,
      problems: tasks.problems,
      warnings: [...this.#senders.warnings, ...(trouble === undefined ? [] : [trouble])],
    };
  }

  /** Events a second since the look before the last, or since the start: never over less than the time that a look counts. */
  #rates(now: number, counters: Look['counters']): ReadonlyMap<string, { received: number; sent: number }> {
    if (this.#latest !== undefined && now - this.#latest.at > rateMillis) this.#before = this.#latest;
    if (this.#latest === undefined || now - this.#latest.at > rateMillis) this.#latest = { at: now, counters };
    const seconds = Math.max(0.001, (now - this.#before.at) / 1000);
    return new Map(
      [...counters].map(([dataSource, { received, sent }]) => {
        const before = this.#before.counters.get(dataSource);
        const rate = (value: number, base = 0): number => Math.round(((value - base) / seconds) * 10) / 10;
        return [dataSource, { received: rate(received, before?.received), sent: rate(sent, before?.sent) }];
      }),
    );
  }
}

/** The buckets that take events now: from the start of the first to the end of the last. */
function windowOf({ spec }: DataSourceConfig): { readonly start: string; readonly end: string } {
  const window = new Window(spec.segmentGranularity, parsePeriod(spec.windowPeriod));
  window.moveTo(Date.now());
  return { start: new Date(window.start).toISOString(), end: new Date(window.end).toISOString() };
}

/** The names of the dimensions that the spec lists. */
function dimensionsOf({ spec }: DataSourceConfig): readonly string[] {
  const dimensions = spec.dimensionsSpec['dimensions'];
  if (!Array.isArray(dimensions)) return [];
  return dimensions
    .map((one: unknown) => (typeof one === 'object' && one !== null && 'name' in one ? one.name : one))
    .filter((name) => typeof name === 'string');
}
