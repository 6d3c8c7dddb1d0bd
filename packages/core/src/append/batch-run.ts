import type { OverlordClient, Patience, TaskStatus } from '../druid/overlord-client.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { JsonObject } from '../spec/json.js';
import type { PullAlarm } from '../pull/pull-alarm.js';
import type { Clock } from '../time/clock.js';
import { failing, TaskWatch } from './append-alarm.js';
import { askForReport } from './ask-for-report.js';
import { identityOf, taskIdOf } from './batch-identity.js';
import type { BatchPlan, PlannedBatch } from './batch-plan.js';
import { hasPublished, segmentsOfTask, type PublishedSegment } from './published-segments.js';
import { notLoaded, stillVisible } from './queryable.js';
import type { TaskReport } from './task-report.js';

/** Who speaks to Druid for a dataSource now: its newest sender. */
export interface AppendDriver {
  readonly spec: IngestionSpec;
  readonly overlord: OverlordClient;
  readonly counters: Counters;
  /** The task of an attempt, with its input; `undefined` where no row is left for it, as all were damaged on disk. */
  readonly task: (id: string, batch: PlannedBatch, patience: Patience) => Promise<JsonObject | undefined>;
}

export interface BatchRunParts {
  readonly dataSource: string;
  readonly journal: string;
  readonly plan: BatchPlan;
  readonly driver: () => AppendDriver;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told what keeps the batch from being published, or that nothing does. */
  readonly onTrouble: (trouble: PullAlarm | undefined) => void;
  /** Told of a task that has published, and could not read all its rows. */
  readonly onUnread: (taskId: string, batch: PlannedBatch, report: TaskReport) => Promise<void>;
  /** Waits so many milliseconds without keeping others from what they need. */
  readonly rest: (millis: number) => Promise<void>;
  readonly signal: AbortSignal;
}

/** How long one conversation with the overlord may take, in milliseconds, before it is told that it does not answer. */
const answerWithin = 20_000;
/** The same for a look at the segments of a dataSource, which may be many. */
const lookWithin = 300_000;
const [firstLook, longestLook] = [200, 2_000];
/** How often to ask which segments of a batch queries would see: what was replaced, dropped or taken out of use meanwhile is never loaded. */
const visibleHolds = 30_000;
/**
 * How long to wait before a failed attempt is looked at, and the next is made, in milliseconds. Druid stores that a task has failed just
 * before it takes its locks away; without them it cannot publish any more.
 */
const [firstPause, longestPause] = [2_000, 60_000];

/**
 * Sees one batch through until it is published, once. Each attempt is a task of its own; the next one is made only when Druid's store
 * shows that the one before has published nothing, and never will.
 */
export class BatchRun {
  readonly #parts: BatchRunParts;
  #batch: PlannedBatch;
  #pause = firstPause;
  /** What became of the last attempt. */
  #failure: PullAlarm | undefined;
  /** Whether the task itself has seen that its segments are loaded. */
  #isQueryable = false;

  constructor(parts: BatchRunParts, batch: PlannedBatch) {
    this.#parts = parts;
    this.#batch = batch;
  }

  /** As it stands now. */
  get batch(): PlannedBatch {
    return this.#batch;
  }

  /** The id of the task of the attempt that is under way. */
  get taskId(): string {
    const { dataSource, journal } = this.#parts;
    return taskIdOf(dataSource, identityOf(journal, this.#batch), this.#batch.attempt);
  }

  /**
   * Resolves when the batch is published.
   * @param resumed whether another process may have submitted it before.
   * @throws the signal's reason when it aborts before.
   */
  async done(resumed: boolean): Promise<void> {
    const { signal, onTrouble, driver, plan } = this.#parts;
    let isKnown = resumed;
    for (;;) {
      try {
        const published = await this.#attempt(isKnown);
        if (published) return;
        driver().counters.retries++;
        this.#batch = await plan.again(this.#batch);
        isKnown = false;
      } catch (error) {
        signal.throwIfAborted();
        onTrouble(failing(messageOf(error)));
        await this.#rest();
        isKnown = true;
      }
    }
  }

  /**
   * Resolves when what is published, and not replaced or taken out of use since, is loaded by Druid's servers.
   * @throws the signal's reason when it aborts before.
   */
  async untilQueryable(): Promise<void> {
    const { driver, clock, signal, onTrouble } = this.#parts;
    const { spec } = driver();
    const patience = (): Patience => this.#patience();
    let left: readonly PublishedSegment[] | undefined;
    let askedAt = -Infinity;
    for (let wait = firstLook; !this.#isQueryable; wait = Math.min(longestLook, wait * 1.5)) {
      try {
        const { overlord } = driver();
        if (left === undefined || clock.now() - askedAt >= visibleHolds) {
          const visible = await segmentsOfTask(overlord, this.taskId, spec, this.#batch, this.#longPatience());
          left = left === undefined ? visible : stillVisible(left, visible);
          askedAt = clock.now();
        }
        left = await notLoaded(overlord, left, patience);
        if (left.length === 0) return;
        onTrouble(undefined);
      } catch (error) {
        signal.throwIfAborted();
        onTrouble(failing(messageOf(error)));
      }
      await clock.sleep(wait, signal);
    }
  }

  /** @returns whether it is published; if not, this attempt never will be. */
  async #attempt(isKnown: boolean): Promise<boolean> {
    const id = this.taskId;
    const { overlord, counters } = this.#parts.driver();
    let isThere = isKnown && (await overlord.status(id, this.#patience())).state !== 'MISSING';
    if (isThere) counters.tasksAdopted++;
    // Druid forgets tasks in time, but not their segments.
    else if (isKnown && (await this.#hasPublished(id))) return this.#published(id);
    for (; ; isThere = false) {
      if (!isThere && !(await this.#submit(id))) return true;
      const status = await this.#ended(id);
      if (status.state === 'SUCCESS') return this.#published(id);
      await this.#tellOfFailure(id, status);
      await this.#rest();
      if (await this.#hasPublished(id)) return this.#published(id);
      if (status.state === 'FAILED') return false;
    }
  }

  /** @returns false when nothing is left to publish. */
  async #submit(id: string): Promise<boolean> {
    const { driver, logger } = this.#parts;
    const { overlord, counters, task } = driver();
    const made = await task(id, this.#batch, this.#patience());
    if (made === undefined) return false;
    const isNew = await overlord.submit(made, this.#patience());
    if (isNew) counters.tasksCreated++;
    else counters.tasksAdopted++;
    logger.debug(`${id} ${isNew ? 'is submitted' : 'is known to Druid already'}: ${this.#batch.rows} rows.`);
    return true;
  }

  async #ended(id: string): Promise<TaskStatus> {
    const { driver, clock, signal, onTrouble } = this.#parts;
    const watch = new TaskWatch(id);
    for (let wait = firstLook; ; wait = Math.min(longestLook, wait * 1.5)) {
      const status = await driver().overlord.status(id, this.#patience());
      if (['SUCCESS', 'FAILED', 'MISSING'].includes(status.state)) return status;
      // That Druid did not answer is over; that it has failed before is not.
      onTrouble(watch.judge(status.state, clock.now()) ?? this.#failure);
      await clock.sleep(wait, signal);
    }
  }

  #hasPublished(id: string): Promise<boolean> {
    const { overlord, spec } = this.#parts.driver();
    return hasPublished(overlord, id, spec, this.#batch, this.#longPatience());
  }

  async #tellOfFailure(id: string, { state, error }: TaskStatus): Promise<void> {
    const why =
      firstLine(await this.#failureOf(id)) ??
      firstLine(error) ??
      (state === 'MISSING' ? 'Druid does not know it any more' : 'no reason is given');
    this.#failure = failing(`The task ${id} has failed: ${why}`);
    this.#parts.onTrouble(this.#failure);
  }

  /** What the report of a task tells of its failure, if it can be had at once. */
  async #failureOf(id: string): Promise<string | undefined> {
    const { driver, clock, logger } = this.#parts;
    try {
      const { error } = await askForReport(driver().overlord, id, { ...this.#patience(), deadline: clock.now() });
      return error;
    } catch (error) {
      logger.debug(`${id}: its report cannot be had: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Reads what became of the rows of an attempt that is published. */
  async #published(id: string): Promise<true> {
    const report = await this.#lastReport(id);
    if (report === undefined) return true;
    this.#isQueryable = report.isAvailable;
    if (report.unparseable + report.processedWithError > 0) await this.#parts.onUnread(id, this.#batch, report);
    return true;
  }

  async #lastReport(id: string): Promise<TaskReport | undefined> {
    const { driver, logger, signal, dataSource } = this.#parts;
    const { rows } = this.#batch;
    try {
      return await askForReport(driver().overlord, id, this.#patience());
    } catch (error) {
      // The next process finds it published, and asks again.
      signal.throwIfAborted();
      logger.warn(
        `${id} is published, but its report cannot be had (${messageOf(error)}): whether Druid could read all of its ${rows} rows is not known. Compare their count with Druid’s.`,
        { dataSource, rows },
      );
      return undefined;
    }
  }

  async #rest(): Promise<void> {
    await this.#parts.rest(this.#pause);
    this.#pause = Math.min(longestPause, this.#pause * 2);
  }

  #longPatience(): Patience {
    return { ...this.#patience(), deadline: this.#parts.clock.now() + lookWithin };
  }

  #patience(): Patience {
    const { clock, signal } = this.#parts;
    return { clock, signal, deadline: clock.now() + answerWithin };
  }
}

/** What comes behind it is a stack of Druid's. */
const firstLine = (text: string | undefined): string | undefined => text?.split('\n', 1)[0];
