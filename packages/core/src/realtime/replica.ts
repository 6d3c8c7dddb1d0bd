import type { Patience, TaskStatus } from '../druid/overlord-client.js';
import { emptyPush, TaskClient, type PushAnswer, type PushBody } from '../druid/task-client.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { isFinal, retry } from '../transport/retry.js';
import { joined } from './joined.js';
import { locateTask, warnLater, type TaskContext } from './task-context.js';
import { pushRefused, taskGone, taskNotReady } from './task-errors.js';

const probeTimeout = 5_000;
const pushTimeout = { least: 1_000, most: 60_000 };
/** How long the overlord may not know a task until it counts as gone. */
const missingPatience = 10_000;
const checkGap = 1_000;
const checkPatience = 5_000;
const startingPause = { first: 250, longest: 2_000, growth: 1.5 };

/** One task that takes rows: it waits until the task runs, pushes to it, and learns when it is gone. */
export class Replica {
  readonly id: string;
  readonly #context: TaskContext;
  readonly #client: TaskClient;
  readonly #serviceName: string;
  #location: string | undefined;
  #ready: Promise<string> | undefined;
  #gone: TranquilityError | undefined;
  #check: Promise<void> | undefined;
  #checkedAt = -Infinity;
  #missingSince: number | undefined;
  #rows = 0;

  constructor(context: TaskContext, id: string, serviceName: string) {
    this.id = id;
    this.#context = context;
    this.#serviceName = serviceName;
    this.#client = new TaskClient(context.http, id, serviceName);
  }

  /** Why it takes no more rows; `undefined` as long as it does. */
  get gone(): TranquilityError | undefined {
    return this.#gone;
  }

  /** How many rows it has acknowledged. */
  get rows(): number {
    return this.#rows;
  }

  /**
   * Pushes rows, and tries again until the deadline.
   * @param body `count` rows.
   * @returns why one of the rows cannot be read, in which case it took none; or `undefined` when all are in.
   * @throws TRQ_TASK_GONE, TRQ_TASK_NOT_READY, TRQ_PUSH_REFUSED, TRQ_OVERLORD_UNREACHABLE, or what the connection threw last.
   */
  async push(body: PushBody, count: number, patience: Patience): Promise<string | undefined> {
    if (this.#gone !== undefined) throw this.#gone;
    await this.ready(patience);
    const { counters } = this.#context;
    const warn = warnLater(this.#context, this.id);
    const onRetry = (error: unknown): void => {
      counters.retries++;
      warn(`A push to the task ${this.id} is tried again: ${messageOf(error)}`);
    };
    const { clock, signal } = patience;
    const unreadable = await retry(() => this.#attempt(body, patience), {
      clock,
      onRetry,
      ...(signal === undefined ? {} : { signal }),
      get deadline() {
        return patience.deadline;
      },
    });
    this.#missingSince = undefined;
    if (unreadable === undefined) this.#rows += count;
    return unreadable;
  }

  /** Waits until the task runs and its receiver answers. */
  async ready(patience: Patience): Promise<void> {
    if (this.#location !== undefined) return;
    this.#location = await joined(() => {
      const isOurs = this.#ready === undefined;
      this.#ready ??= this.#untilReady(patience).finally(() => {
        this.#ready = undefined;
      });
      return { work: this.#ready, isOurs };
    }, patience);
  }

  /** Takes no more rows: this task is to end without publishing, since it lacks rows that others have. */
  async giveUp(reason: TranquilityError): Promise<void> {
    const { clock, overlord, logger } = this.#context;
    this.#end(reason);
    try {
      await overlord.shutdown(this.id, { clock, deadline: clock.now() + checkPatience });
    } catch (error) {
      logger.error(`The task ${this.id} lacks rows and could not be ended: ${messageOf(error)}. End it by hand.`, {
        taskId: this.id,
      });
    }
  }

  async #untilReady(patience: Patience): Promise<string> {
    const { clock, overlord, properties } = this.#context;
    const { id } = this;
    const warn = warnLater(this.#context, id);
    const longest = Math.min(startingPause.longest, properties['druidBeam.overlordPollPeriod'].millis);
    for (let wait = startingPause.first; ; wait = Math.min(longest, wait * startingPause.growth)) {
      const status = await overlord.status(id, patience);
      const gone = this.#judge(status);
      if (gone !== undefined) throw gone;
      const found = await this.#find(status, patience.signal);
      if ('location' in found) return found.location;
      const { problem } = found;
      if (clock.now() >= patience.deadline) throw taskNotReady(id, problem);
      warn(`The task ${id} takes no events yet: ${problem}`);
      await clock.sleep(wait, patience.signal);
    }
  }

  /** Where the task takes rows; or why it does not yet. */
  async #find(
    status: TaskStatus,
    signal: AbortSignal | undefined,
  ): Promise<{ readonly location: string } | { readonly problem: string }> {
    let location: string | undefined;
    try {
      location = await locateTask(this.#context, this.#serviceName, status, signal);
    } catch (error) {
      if (isFinal(error) || signal?.aborted === true) throw error;
      return { problem: messageOf(error) };
    }
    if (location === undefined) {
      const { state } = status;
      const remedy = ': no worker has a free slot for it (replicas run on different workers)';
      return { problem: `it is ${state}${state === 'PENDING' ? remedy : ''}` };
    }
    const answer = await this.#probe(location, signal);
    if (answer.kind === 'accepted') return { location };
    if (answer.kind === 'forbidden') throw pushRefused(this.id, answer.message);
    return { problem: `${location} answers: ${answer.message}` };
  }

  /** Whether the task takes rows, asked with none. */
  async #probe(location: string, signal?: AbortSignal): Promise<PushAnswer> {
    try {
      return await this.#client.push(location, emptyPush, probeTimeout, signal);
    } catch (error) {
      if (isFinal(error) || signal?.aborted === true) throw error;
      return { kind: 'unavailable', message: messageOf(error) };
    }
  }

  async #attempt(body: PushBody, { deadline, signal }: Patience): Promise<string | undefined> {
    // Half of the time that is left, so that a push that hangs is tried again.
    const half = (deadline - this.#context.clock.now()) / 2;
    const timeout = Math.round(Math.max(pushTimeout.least, Math.min(pushTimeout.most, half)));
    const location = this.#location ?? '';
    try {
      const answer = await this.#client.push(location, body, timeout, signal);
      if (answer.kind === 'accepted') return undefined;
      if (answer.kind === 'unreadable') return answer.message;
      if (answer.kind === 'forbidden') throw pushRefused(this.id, answer.message);
      throw new Error(`${location} answered ${answer.message}`);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const isCertain = (await this.#findOut()) && this.#location === location;
      if (this.#gone !== undefined) throw this.#gone;
      // Where the task has moved, somebody else may listen at its old address, who does not speak TLS.
      throw isCertain || !(error instanceof TranquilityError) ? error : new Error(error.message, { cause: error });
    }
  }

  /**
   * Asks the overlord what became of the task, once for all pushes that failed at the same time.
   * @returns whether it was asked.
   */
  async #findOut(): Promise<boolean> {
    const { clock } = this.#context;
    if (this.#check === undefined && clock.now() - this.#checkedAt >= checkGap) {
      this.#check = this.#ask().finally(() => {
        this.#checkedAt = clock.now();
        this.#check = undefined;
      });
    }
    if (this.#check === undefined) return false;
    await this.#check;
    return true;
  }

  async #ask(): Promise<void> {
    const { clock, overlord, logger } = this.#context;
    try {
      const status = await overlord.status(this.id, { clock, deadline: clock.now() + checkPatience });
      if (this.#judge(status) !== undefined) return;
      this.#location = (await locateTask(this.#context, this.#serviceName, status)) ?? this.#location;
    } catch (error) {
      logger.debug(`Cannot ask about the task ${this.id}: ${messageOf(error)}`, { taskId: this.id });
    }
  }

  /** Why a task of this status takes no more rows; `undefined` as long as it might. */
  #judge({ state, error }: TaskStatus): TranquilityError | undefined {
    if (state === 'SUCCESS' || state === 'FAILED') return this.#end(taskGone(this.id, state, error));
    const now = this.#context.clock.now();
    this.#missingSince = state === 'MISSING' ? (this.#missingSince ?? now) : undefined;
    const isMissing = this.#missingSince !== undefined && now - this.#missingSince >= missingPatience;
    return isMissing ? this.#end(taskGone(this.id, state)) : undefined;
  }

  /** A task that is gone stays gone. */
  #end(gone: TranquilityError): TranquilityError {
    if (this.#gone !== undefined) return this.#gone;
    this.#gone = gone;
    this.#context.logger.error(`${gone.message} It had acknowledged ${this.#rows} rows.`, gone.details);
    return gone;
  }
}
