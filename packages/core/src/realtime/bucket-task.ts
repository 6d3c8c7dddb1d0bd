import type { Destination, Row } from '../beam/beam.js';
import type { PeriodValue } from '../config/property-kinds.js';
import type { Patience } from '../druid/overlord-client.js';
import type { PushBody } from '../druid/task-client.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { dropped, failed, sent, type Outcome } from '../event/outcome.js';
import { RowArena, separate } from '../event/row-arena.js';
import type { Bucket } from '../time/bucketer.js';
import { addPeriod, parsePeriod } from '../time/period.js';
import { GiveUp, retry } from '../transport/retry.js';
import { iso } from './names.js';
import { openTask, type OpenTask } from './open-task.js';
import { pushBody } from './push-body.js';
import { warnLater, type TaskContext } from './task-context.js';
import { pushRefused, taskGone } from './task-errors.js';

const leastPatience = 60_000;
const pushTimeout = 60_000;
const checkGap = 1_000;
const checkPatience = 5_000;

/** The task of one bucket: created with the first rows, fed until its window has closed. */
export class BucketTask implements Destination {
  readonly name: string;
  /** When the task stops to take events, epoch milliseconds. */
  readonly shutoff: number;
  /** Where its rows are written. */
  readonly arena = new RowArena();
  readonly #context: TaskContext;
  readonly #bucket: Bucket;
  readonly #windowCloses: number;
  #opening: Promise<OpenTask> | undefined;
  #gone: TranquilityError | undefined;
  #check: Promise<void> | undefined;
  #checkedAt = -Infinity;

  constructor(context: TaskContext, bucket: Bucket) {
    const { spec, properties } = context;
    this.#context = context;
    this.#bucket = bucket;
    this.name = `${spec.dataSource} ${iso(bucket.start)}`;
    this.#windowCloses = addPeriod(bucket.end, parsePeriod(spec.windowPeriod));
    this.shutoff = addPeriod(this.#windowCloses, parsePeriod(properties['druidBeam.firehoseGracePeriod'].text));
  }

  async deliver(rows: readonly Row[], signal: AbortSignal): Promise<readonly Outcome[]> {
    try {
      signal.throwIfAborted();
      if (this.#gone !== undefined) throw this.#gone;
      const task = await (this.#opening ??= this.#open(signal));
      const chunks = chunked(rows, this.#context.properties['druidBeam.firehoseChunkSize']);
      const outcomes = (await Promise.all(chunks.map((chunk) => this.#push(task, chunk, signal)))).flat();
      // After a failure a connection might still hold on to the bytes.
      if (outcomes.every((outcome) => outcome === sent)) this.arena.release(rows);
      return outcomes;
    } catch (error) {
      return allFailed(rows, error, `Cannot deliver to the task of ${this.name}`, signal);
    }
  }

  async #open(signal: AbortSignal): Promise<OpenTask> {
    const patience = this.#patience(this.#context.properties['druidBeam.indexRetryPeriod'], signal);
    try {
      return await openTask(this.#context, this.#bucket, this.shutoff, patience);
    } catch (error) {
      this.#opening = undefined;
      if (error instanceof TranquilityError && error.code === 'TRQ_TASK_GONE') this.#end(error);
      throw error;
    }
  }

  async #push(task: OpenTask, rows: readonly Row[], signal: AbortSignal, isExclusive = true): Promise<Outcome[]> {
    const { counters, properties } = this.#context;
    const body = await pushBody(rows, { millisColumn: task.millisColumn, properties, isExclusive });
    const patience = this.#patience(properties['druidBeam.firehoseRetryPeriod'], signal);
    const warn = warnLater(this.#context, task.id);
    const onRetry = (error: unknown): void => {
      counters.retries++;
      warn(`A push to the task ${task.id} is tried again: ${messageOf(error)}`);
    };
    try {
      const unreadable = await retry(() => this.#attempt(task, body, patience), { ...patience, onRetry });
      if (unreadable === undefined) {
        counters.bytes += body.bytes.length;
        return rows.map(() => sent);
      }
      if (rows.length === 1) return [dropped('refused', `Druid cannot read it: ${unreadable}`)];
    } catch (error) {
      return allFailed(rows, error, `Cannot push to the task ${task.id}`, signal);
    } finally {
      separate(rows);
    }
    // The task took none of the rows, for the sake of one or a few: halve until those are alone.
    const half = Math.ceil(rows.length / 2);
    return [
      ...(await this.#push(task, rows.slice(0, half), signal, false)),
      ...(await this.#push(task, rows.slice(half), signal, false)),
    ];
  }

  /** @returns why the rows cannot be read, or `undefined` when they are in. Throws when trying again may help. */
  async #attempt(task: OpenTask, body: PushBody, { deadline, signal }: Patience): Promise<string | undefined> {
    const timeout = Math.max(1_000, Math.min(pushTimeout, deadline - this.#context.clock.now()));
    try {
      const answer = await task.client.push(task.location, body, timeout, signal);
      if (answer.kind === 'accepted') return undefined;
      if (answer.kind === 'unreadable') return answer.message;
      if (answer.kind === 'forbidden') throw new GiveUp(pushRefused(task.id, answer.message));
      throw new Error(`${task.location} answered ${answer.message}`);
    } catch (error) {
      if (error instanceof GiveUp || signal?.aborted === true) throw error;
      await this.#findOut(task);
      throw this.#gone === undefined ? error : new GiveUp(this.#gone);
    }
  }

  /** Asks the overlord what became of the task, once for all pushes that failed at the same time. */
  #findOut(task: OpenTask): Promise<void> {
    const { clock } = this.#context;
    if (this.#check === undefined && clock.now() - this.#checkedAt >= checkGap) {
      this.#check = this.#ask(task).finally(() => {
        this.#checkedAt = clock.now();
        this.#check = undefined;
      });
    }
    return this.#check ?? Promise.resolve();
  }

  async #ask(task: OpenTask): Promise<void> {
    const { clock, overlord, logger } = this.#context;
    try {
      const { state, location, error } = await overlord.status(task.id, {
        clock,
        deadline: clock.now() + checkPatience,
      });
      if (state === 'SUCCESS' || state === 'FAILED') this.#end(taskGone(task.id, state, error));
      else task.location = location ?? task.location;
    } catch (error) {
      logger.debug(`Cannot ask about the task ${task.id}: ${messageOf(error)}`, { taskId: task.id });
    }
  }

  /** A task that is gone stays gone: a second one would hide what the first has published. */
  #end(gone: TranquilityError): void {
    this.#gone = gone;
    this.#context.logger.error(gone.message, gone.details);
  }

  /** A period that the user gave counts from now; otherwise an event is tried until its window closes. */
  #patience(given: PeriodValue | undefined, signal: AbortSignal): Patience {
    const { clock } = this.#context;
    const now = clock.now();
    const wish = given === undefined ? Math.max(this.#windowCloses, now + leastPatience) : now + given.millis;
    return { clock, deadline: Math.min(wish, this.shutoff), signal };
  }
}

function chunked(rows: readonly Row[], size: number): (readonly Row[])[] {
  if (rows.length <= size) return [rows];
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}

function allFailed(rows: readonly Row[], thrown: unknown, what: string, signal: AbortSignal): Outcome[] {
  const cause: unknown = signal.aborted ? signal.reason : thrown;
  const error =
    cause instanceof TranquilityError
      ? cause
      : new TranquilityError('TRQ_PUSH_FAILED', `${what}: ${messageOf(cause)}`, { cause });
  const outcome = failed(error);
  return rows.map(() => outcome);
}
