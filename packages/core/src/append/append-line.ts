import { setMaxListeners } from 'node:events';
import type { Patience } from '../druid/overlord-client.js';
import { messageOf } from '../errors/tranquility-error.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { OffsetRange } from '../journal/partition-log.js';
import type { Logger } from '../observe/logger.js';
import type { PullAlarm } from '../pull/pull-alarm.js';
import { Changes } from '../time/changes.js';
import type { Clock } from '../time/clock.js';
import { failing } from './append-alarm.js';
import { BatchLines } from './batch-lines.js';
import { BatchRun, type AppendDriver } from './batch-run.js';
import type { BatchPlan, PlannedBatch } from './batch-plan.js';
import { measureRange, type RangeLimits } from './row-range.js';
import type { AppendSettings } from './append-settings.js';
import { overlap } from './offset-ranges.js';
import type { RowServer } from './row-server.js';
import type { Slots } from './slots.js';
import { slotsFor } from './slots-for.js';
import { UnreadRows, type OnUnread, type RowWaiter, type UnreadCounts } from './unread-rows.js';
import { WaitingRows } from './waiting-rows.js';

export interface AppendLineParts {
  readonly dataSource: string;
  readonly log: JournalLog;
  readonly plan: BatchPlan;
  /** The id of the journal. */
  readonly journal: string;
  readonly server: RowServer;
  readonly slots: Slots;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Who has the rows of a line sent. */
export interface LineUser extends AppendDriver {
  readonly settings: AppendSettings;
  /** Whether Druid's tasks can read from our server. */
  readonly isReached: (patience: Patience) => Promise<boolean>;
  /** Told of rows that are not in Druid, though they were accepted. */
  readonly onUnread: OnUnread;
  /** Whether Druid lets one task at a time append to an interval. */
  readonly appendsAlone: (patience: Patience) => Promise<boolean>;
}

/** A batch that is under way. */
export interface BatchReport {
  /** The id of its task in Druid. */
  readonly task: string;
  readonly rows: number;
  /** 1 for the first. */
  readonly attempt: number;
}

/** How long a look at the workers holds, in milliseconds. */
const slotsHold = 10_000;
/** How often to let go of rows that have been published for long enough, in milliseconds. */
const trimEvery = 60_000;
const afterTrouble = 5_000;
/** How many batches of a dataSource may be in trouble before no more are cut off. */
const mostInTrouble = 3;
/** How much larger a batch may get that has waited for a slot. */
const growth = 4;

/**
 * The way of one dataSource's rows from the journal to Druid: cuts batches off, has each published, and lets go of what is.
 */
export class AppendLine {
  readonly log: JournalLog;
  readonly #parts: AppendLineParts;
  readonly #users: LineUser[] = [];
  readonly #closing = new AbortController();
  readonly #runs = new Set<BatchRun>();
  readonly #troubles = new Map<unknown, PullAlarm>();
  readonly #changes: Changes;
  readonly #stopListening: () => void;
  #looping: Promise<void> | undefined;
  #running: Promise<unknown>[] = [];
  /** To be cut off. */
  readonly #waiting: WaitingRows;
  /** How many bytes a batch may have where Druid cannot reach us, as it was at the last cut. */
  #reachableBytes = Infinity;
  /** Rows below it wait for no others. */
  #flushTo = 0;
  readonly #unread: UnreadRows;
  /** Those of the batches that are under way, by where they begin. */
  readonly #lines = new Map<number, BatchLines>();
  #slotsLookedAt = -Infinity;
  #appendsAlone = false;

  constructor(parts: AppendLineParts) {
    this.#parts = parts;
    this.#changes = new Changes(parts.clock);
    this.log = parts.log;
    this.#unread = new UnreadRows(parts.dataSource, parts.log, parts.logger);
    setMaxListeners(0, this.#closing.signal);
    this.#waiting = new WaitingRows(parts.log, parts.plan, parts.clock);
    this.#stopListening = parts.log.onAppend(() => {
      this.#waiting.came();
      this.#changes.tell();
    });
    for (const batch of parts.plan.batches) this.#serve(batch);
  }

  /** Rows that Druid has not published. */
  get unpublished(): number {
    const { plan } = this.#parts;
    return this.#waiting.count + plan.batches.reduce((sum, { rows }) => sum + rows, 0);
  }

  /** Rows that were accepted, and that are not in Druid as they were sent. */
  get unread(): UnreadCounts {
    return this.#unread.counts;
  }

  /** Those under way, the oldest first. */
  get batches(): readonly BatchReport[] {
    return [...this.#runs].map(({ taskId, batch: { rows, attempt } }) => ({ task: taskId, rows, attempt }));
  }

  /** What keeps rows from being published. */
  get troubles(): readonly PullAlarm[] {
    const byMessage = new Map([...this.#troubles.values()].map((trouble) => [trouble.message, trouble]));
    return [...byMessage.values()];
  }

  /** Says who speaks to Druid from now on; the one before stands in again when this one goes. */
  join(user: LineUser): void {
    this.#users.push(user);
    this.#looping ??= this.#begin();
  }

  /** The last one stays until the line is closed. */
  leave(user: LineUser): void {
    if (this.#users.length > 1) this.#users.splice(this.#users.indexOf(user), 1);
  }

  /** Rows that are there now wait for no others. */
  flush(): void {
    this.#flushTo = this.log.endOffset;
    this.#changes.tell();
  }

  /**
   * Resolves when rows are as far as `append.acknowledge` says.
   * @returns which of them are not in Druid.
   * @throws the signal's reason when it aborts before.
   */
  async settled(rows: OffsetRange, signal: AbortSignal): Promise<RowWaiter> {
    const waiter = this.#unread.await(rows);
    try {
      const from = await this.#areSettled(rows, signal);
      // What is left behind the last batch was damaged before it came to one.
      const left = overlap(rows, { from, to: rows.to });
      if (left !== undefined) waiter.damaged.push(left);
      return waiter;
    } finally {
      this.#unread.forget(waiter);
    }
  }

  /**
   * Resolves when none of these rows wait for a batch, or are in one that is under way.
   * @returns the offset behind the last batch.
   */
  async #areSettled({ from, to }: OffsetRange, signal: AbortSignal): Promise<number> {
    const { plan } = this.#parts;
    const isIn = (batch: OffsetRange): boolean => batch.from < to && batch.to > from;
    for (;;) {
      signal.throwIfAborted();
      const isCut = plan.next >= to || this.log.countFrom(plan.next) === 0;
      if (isCut && !plan.batches.some(isIn) && ![...this.#runs].some(({ batch }) => isIn(batch))) return plan.next;
      await this.#changes.wait(Infinity, signal);
    }
  }

  /** The rows of a batch that is under way as lines of JSON, in chunks. */
  linesOf({ from }: PlannedBatch): AsyncIterable<Buffer> {
    const lines = this.#lines.get(from);
    if (lines === undefined)
      throw new Error(`No batch of ${this.#parts.dataSource} that begins at ${from} is under way.`);
    return lines.open();
  }

  /** Resolves when something has changed, or the signal aborts. */
  changed(signal: AbortSignal): Promise<void> {
    return this.#changes.wait(Infinity, signal);
  }

  /** Ends what is done here; tasks go on in Druid, and are found again at the next start. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    this.#changes.tell();
    await this.#looping;
    await Promise.all(this.#running);
    for (const { secret } of this.#parts.plan.batches) this.#parts.server.remove(secret);
  }

  get #user(): LineUser {
    const user = this.#users.at(-1);
    if (user === undefined) throw new Error(`Nobody sends ${this.#parts.dataSource} any more.`);
    return user;
  }

  async #begin(): Promise<void> {
    const { plan, slots, clock } = this.#parts;
    for (const batch of plan.batches) {
      slots.seize();
      this.#run(batch, true);
    }
    const { signal } = this.#closing;
    for (;;) {
      try {
        await this.#untilDue(signal);
        await this.#cut(signal);
        this.#tell(this, undefined);
      } catch (error) {
        if (signal.aborted) return;
        this.#tell(this, failing(messageOf(error)));
        await clock.sleep(afterTrouble, signal).catch(() => undefined);
      }
    }
  }

  /** Resolves when a batch is to be cut off. */
  async #untilDue(signal: AbortSignal): Promise<void> {
    const { plan } = this.#parts;
    for (;;) {
      signal.throwIfAborted();
      const { settings } = this.#user;
      const { count: rows, bytes, age } = this.#waiting;
      const mostBytes = Math.min(settings.limits.bytes, this.#reachableBytes);
      const isFull = rows >= settings.limits.rows || bytes >= mostBytes;
      const isDue = rows > 0 && (isFull || age >= settings.maxAge || plan.next < this.#flushTo);
      if (isDue && !this.#isHeldUp) return;
      await this.#changes.wait(Math.min(trimEvery, rows > 0 && !isDue ? settings.maxAge - age : Infinity), signal);
      if (rows === 0) await this.#trim();
    }
  }

  /** While several batches cannot be published, no further ones are made: they would hardly do better. */
  get #isHeldUp(): boolean {
    return [...this.#runs].filter((run) => this.#troubles.has(run)).length >= mostInTrouble;
  }

  get #mustWaitForOthers(): boolean {
    return this.#appendsAlone && this.#parts.plan.batches.length > 0;
  }

  /** Waits for a slot first: while there is none, more rows come to the batch. */
  async #cut(signal: AbortSignal): Promise<void> {
    const { slots, plan } = this.#parts;
    await this.#lookAtSlots(signal);
    const grows = slots.isFree && !this.#mustWaitForOthers ? 1 : growth;
    while (this.#mustWaitForOthers) {
      await this.#changes.wait(Infinity, signal);
      signal.throwIfAborted();
    }
    await slots.take(signal);
    try {
      const range = await measureRange(this.log, plan.next, await this.#limits(grows, signal));
      if (range === undefined) {
        // What was counted there is damaged, and was cut out when it was read.
        slots.give();
        this.#waiting.wereCut(0);
        this.#changes.tell();
        return;
      }
      const batch = await plan.add(range);
      this.#waiting.wereCut(range.bytes);
      this.#serve(batch);
      this.#run(batch, false);
    } catch (error) {
      slots.give();
      throw error;
    }
  }

  /** Where Druid cannot reach us, a batch is no larger than what stands in a task. */
  async #limits(grows: number, signal: AbortSignal): Promise<RangeLimits> {
    const { settings, isReached } = this.#user;
    const { clock } = this.#parts;
    const reached = await isReached({ clock, deadline: clock.now() + slotsHold, signal });
    this.#reachableBytes = reached ? Infinity : settings.inlineBytes;
    return {
      rows: settings.limits.rows * grows,
      bytes: Math.min(settings.limits.bytes * grows, this.#reachableBytes),
    };
  }

  async #lookAtSlots(signal: AbortSignal): Promise<void> {
    const { clock, slots } = this.#parts;
    if (clock.now() - this.#slotsLookedAt < slotsHold) return;
    const { overlord, settings, appendsAlone } = this.#user;
    const patience = { clock, deadline: clock.now() + slotsHold, signal };
    this.#appendsAlone = await appendsAlone(patience);
    slots.resize(settings.maxTasks ?? slotsFor(await overlord.workers(patience)));
    this.#slotsLookedAt = clock.now();
  }

  #serve(batch: PlannedBatch): void {
    const lines = new BatchLines(this.log, batch);
    this.#lines.set(batch.from, lines);
    this.#parts.server.add(batch.secret, () => lines.open());
  }

  #run(batch: PlannedBatch, resumed: boolean): void {
    const run: BatchRun = new BatchRun(
      {
        ...this.#parts,
        driver: () => this.#user,
        signal: this.#closing.signal,
        rest: (millis) => this.#restWithoutSlot(millis),
        onTrouble: (trouble) => this.#tell(run, trouble),
        onUnread: (taskId, range, report) => {
          const { read } = this.#lines.get(range.from) ?? {};
          return this.#unread.take({ taskId, range, read }, report, this.#user.onUnread);
        },
      },
      batch,
    );
    this.#runs.add(run);
    const running = this.#finish(run, batch, resumed).finally(() => {
      this.#running = this.#running.filter((other) => other !== running);
    });
    this.#running.push(running);
  }

  /** A batch that is in trouble lets others have its slot meanwhile. */
  async #restWithoutSlot(millis: number): Promise<void> {
    const { slots, clock } = this.#parts;
    const { signal } = this.#closing;
    slots.give();
    try {
      await clock.sleep(millis, signal);
      await slots.take(signal);
    } catch (error) {
      slots.seize();
      throw error;
    }
  }

  async #finish(run: BatchRun, batch: PlannedBatch, resumed: boolean): Promise<void> {
    const { slots, plan, server, logger, clock } = this.#parts;
    const { signal } = this.#closing;
    try {
      await run.done(resumed).finally(() => slots.give());
      const { read } = this.#lines.get(batch.from) ?? {};
      this.#unread.leaveOut({ taskId: run.taskId, range: batch, read });
      for (let isWritten = false; !isWritten;) {
        try {
          await plan.remove(batch);
          isWritten = true;
        } catch (error) {
          // It stays in the plan, where the next start finds that it is published.
          this.#tell(run, failing(messageOf(error)));
          await clock.sleep(afterTrouble, signal);
        }
      }
      server.remove(batch.secret);
      this.#lines.delete(batch.from);
      this.#troubles.delete(run);
      logger.debug(`${run.taskId} is published: ${batch.rows} rows.`);
      await this.#trim();
      if (this.#user.settings.acknowledge === 'queryable') await run.untilQueryable();
      this.#troubles.delete(run);
    } catch (error) {
      if (!signal.aborted) this.#tell(run, failing(messageOf(error)));
    } finally {
      this.#runs.delete(run);
      this.#changes.tell();
    }
  }

  async #trim(): Promise<void> {
    try {
      this.#waiting.wereRemoved(await this.log.trimTo(this.#parts.plan.published));
    } catch (error) {
      this.#parts.logger.warn(messageOf(error));
    }
  }

  /** In the log once for each new trouble. */
  #tell(who: unknown, trouble: PullAlarm | undefined): void {
    const { logger, dataSource } = this.#parts;
    if (trouble === undefined) {
      if (this.#troubles.delete(who)) this.#changes.tell();
      return;
    }
    const isNew = this.#troubles.get(who)?.reason !== trouble.reason;
    this.#troubles.set(who, trouble);
    const meanwhile = 'Its rows wait in the journal, and it is tried again.';
    if (isNew)
      logger.warn(`A batch of ${dataSource} is not published yet. ${trouble.message} ${meanwhile}`, { dataSource });
  }
}
