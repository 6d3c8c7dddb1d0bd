import type { Destination, Row } from '../beam/beam.js';
import type { OverlordCoordination } from '../coordination/overlord-coordination.js';
import type { PeriodValue } from '../config/property-kinds.js';
import type { PropertyValues } from '../config/properties.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { TaskClient, type PushAnswer } from '../druid/task-client.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { jsonWithMillis } from '../event/event-reader.js';
import { dropped, failed, sent, type Outcome } from '../event/outcome.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { Bucket } from '../time/bucketer.js';
import type { Clock } from '../time/clock.js';
import { addPeriod, parsePeriod } from '../time/period.js';
import type { HttpClient } from '../transport/http-client.js';
import { GiveUp, retry } from '../transport/retry.js';
import { firehoseId, firehoseService, iso } from './names.js';
import { readExistingTask, taskJson } from './task-json.js';

/** What all tasks of a dataSource share. */
export interface TaskContext {
  readonly spec: IngestionSpec;
  readonly properties: PropertyValues;
  /** The format of timestamps that our own tasks read. */
  readonly timestampFormat: string;
  readonly coordination: OverlordCoordination;
  readonly overlord: OverlordClient;
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

/** A task that takes rows. */
interface OpenTask {
  readonly id: string;
  readonly client: TaskClient;
  /** Where it runs; it may move. */
  location: string;
  /** The column that must hold epoch milliseconds, if the task does not read our own timestamps. */
  readonly millisColumn?: string;
}

const leastPatience = 60_000;
const pushTimeout = 60_000;
const startingPause = { first: 250, longest: 2_000, growth: 1.5 };
const checkGap = 1_000;
const checkPatience = 5_000;

/** The task of one bucket: created with the first rows, fed until its window has closed. */
export class BucketTask implements Destination {
  readonly name: string;
  /** When the task stops to take events, epoch milliseconds. */
  readonly shutoff: number;
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
      return (await Promise.all(chunks.map((chunk) => this.#push(task, chunk, signal)))).flat();
    } catch (error) {
      const outcome = failed(asTranquilityError(error, `Cannot deliver to the task of ${this.name}`, signal));
      return rows.map(() => outcome);
    }
  }

  async #open(signal: AbortSignal): Promise<OpenTask> {
    try {
      return await this.#claim(signal);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  async #claim(signal: AbortSignal): Promise<OpenTask> {
    const { spec, properties, coordination, logger, counters, timestampFormat, http } = this.#context;
    const slot = { dataSource: spec.dataSource, start: this.#bucket.start, partition: 0, replicant: 0 };
    const plan = {
      slot,
      bucket: this.#bucket,
      shutoff: this.shutoff,
      serviceName: firehoseService(
        properties['druid.selectors.indexing.serviceName'],
        firehoseId(slot, spec.segmentGranularity.name),
      ),
      bufferSize: properties['druidBeam.firehoseBufferSize'],
      timestampFormat,
    };
    const ours = taskJson(spec, plan);
    const patience = this.#patience(properties['druidBeam.indexRetryPeriod'], signal);
    const { id, created, task } = await coordination.claim(ours, patience);
    counters[created ? 'tasksCreated' : 'tasksAdopted']++;
    logger.info(created ? `Created the task ${id}` : `Took over the task ${id}, which exists already`, { taskId: id });
    const existing = readExistingTask(task, ours);
    if (typeof existing === 'string') throw conflict(id, existing);
    if (existing.differs) {
      logger.warn(`The task ${id} was created with other columns; ours take effect with the next segment`, {
        taskId: id,
      });
    }
    const millisColumn = this.#millisColumn(id, existing.timestampColumn, existing.timestampFormat);
    const client = new TaskClient(http, id, existing.serviceName);
    const location = await this.#untilReady(id, client, patience);
    return { id, client, location, ...(millisColumn === undefined ? {} : { millisColumn }) };
  }

  #millisColumn(id: string, column: string, format: string): string | undefined {
    const ours = this.#context.spec.timestampSpec.column;
    if (column === ours && format.toLowerCase() === this.#context.timestampFormat.toLowerCase()) return undefined;
    if (/^(auto|iso|millis)$/i.test(format)) return column;
    throw conflict(id, `it reads timestamps as ${JSON.stringify(format)}`);
  }

  /** Waits until the task runs and its receiver answers. */
  async #untilReady(id: string, client: TaskClient, patience: Patience): Promise<string> {
    const { clock, overlord, properties } = this.#context;
    const { signal } = patience;
    const warn = this.#warnLater(id);
    const longest = Math.min(startingPause.longest, properties['druidBeam.overlordPollPeriod'].millis);
    for (let pause = startingPause.first; ; pause = Math.min(longest, pause * startingPause.growth)) {
      const status = await overlord.status(id, patience);
      let problem = `it is ${status.state}${status.state === 'PENDING' ? ': no worker has a free slot for it yet' : ''}`;
      if (status.state === 'SUCCESS' || status.state === 'FAILED') throw this.#ended(id, status.state, status.error);
      if (status.location !== undefined) {
        const answer = await probe(client, status.location, signal);
        if (answer.kind === 'accepted') return status.location;
        if (answer.kind === 'forbidden') throw forbidden(id, answer.message);
        problem = `${status.location} answers: ${answer.message}`;
      }
      if (clock.now() >= patience.deadline) {
        throw new TranquilityError('TRQ_TASK_NOT_READY', `The task ${id} takes no events yet: ${problem}`, {
          details: { taskId: id, state: status.state },
        });
      }
      warn(`The task ${id} takes no events yet: ${problem}`);
      await clock.sleep(pause, signal);
    }
  }

  async #push(task: OpenTask, rows: readonly Row[], signal: AbortSignal): Promise<Outcome[]> {
    const { counters, properties } = this.#context;
    const texts = rows.map((row) => jsonFor(row, task.millisColumn));
    const body = Buffer.from(`[${texts.join(',')}]`);
    const patience = this.#patience(properties['druidBeam.firehoseRetryPeriod'], signal);
    const warn = this.#warnLater(task.id);
    const onRetry = (error: unknown): void => {
      counters.retries++;
      warn(`A push to the task ${task.id} is tried again: ${messageOf(error)}`);
    };
    try {
      const answer = await retry(() => this.#attempt(task, body, patience), { ...patience, onRetry });
      if (answer === undefined) {
        counters.bytes += body.length;
        return rows.map(() => sent);
      }
      if (rows.length === 1) return [dropped('refused', `Druid cannot read it: ${answer}`)];
    } catch (error) {
      const outcome = failed(asTranquilityError(error, `Cannot push to the task ${task.id}`, signal));
      return rows.map(() => outcome);
    }
    // The task took none of the rows, for the sake of one or a few: halve until those are alone.
    const half = Math.ceil(rows.length / 2);
    return [
      ...(await this.#push(task, rows.slice(0, half), signal)),
      ...(await this.#push(task, rows.slice(half), signal)),
    ];
  }

  /** @returns why the rows cannot be read, or `undefined` when they are in. Throws when trying again may help. */
  async #attempt(task: OpenTask, body: Buffer, { deadline, signal }: Patience): Promise<string | undefined> {
    const timeout = Math.max(1_000, Math.min(pushTimeout, deadline - this.#context.clock.now()));
    try {
      const answer = await task.client.push(task.location, body, timeout, signal);
      if (answer.kind === 'accepted') return undefined;
      if (answer.kind === 'unreadable') return answer.message;
      if (answer.kind === 'forbidden') throw new GiveUp(forbidden(task.id, answer.message));
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
      const status = await overlord.status(task.id, { clock, deadline: clock.now() + checkPatience });
      if (status.state === 'SUCCESS' || status.state === 'FAILED') this.#ended(task.id, status.state, status.error);
      else task.location = status.location ?? task.location;
    } catch (error) {
      logger.debug(`Cannot ask about the task ${task.id}: ${messageOf(error)}`, { taskId: task.id });
    }
  }

  #ended(id: string, state: string, reason = 'no reason given'): TranquilityError {
    const why = state === 'FAILED' ? `failed: ${reason}` : 'has ended';
    this.#gone = new TranquilityError(
      'TRQ_TASK_GONE',
      `The task ${id} ${why}. Events of its segment cannot be delivered until the next one begins.`,
      { details: { taskId: id, state } },
    );
    this.#context.logger.error(this.#gone.message, { taskId: id });
    return this.#gone;
  }

  /** A period that the user gave counts from now; otherwise an event is tried until its window closes. */
  #patience(given: PeriodValue | undefined, signal: AbortSignal): Patience {
    const { clock } = this.#context;
    const now = clock.now();
    const wish = given === undefined ? Math.max(this.#windowCloses, now + leastPatience) : now + given.millis;
    return { clock, deadline: Math.min(wish, this.shutoff), signal };
  }

  /** Logs trouble as debug until it has lasted for the quiet period; then as a warning, once. */
  #warnLater(id: string): (message: string) => void {
    const { clock, logger, properties } = this.#context;
    const loudFrom = clock.now() + properties['druidBeam.firehoseQuietPeriod'].millis;
    let loud = false;
    return (message) => {
      const warn = !loud && clock.now() >= loudFrom;
      loud ||= warn;
      logger[warn ? 'warn' : 'debug'](message, { taskId: id });
    };
  }
}

/** Whether the task takes rows, asked with none. */
async function probe(client: TaskClient, location: string, signal?: AbortSignal): Promise<PushAnswer> {
  try {
    return await client.push(location, '[]', checkPatience, signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return { kind: 'unavailable', message: messageOf(error) };
  }
}

function jsonFor(row: Row, millisColumn: string | undefined): string {
  if (millisColumn === undefined) return row.json;
  const json = jsonWithMillis(row.event, millisColumn, row.timestamp);
  return typeof json === 'string' ? json : row.json;
}

function chunked(rows: readonly Row[], size: number): (readonly Row[])[] {
  if (rows.length <= size) return [rows];
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}

function conflict(id: string, why: string): TranquilityError {
  return new TranquilityError(
    'TRQ_TASK_CONFLICT',
    `A task with the id ${id} exists, and it cannot take our events: ${why}. Use another dataSource, or end that task.`,
    { details: { taskId: id } },
  );
}

function forbidden(id: string, answer: string): TranquilityError {
  return new TranquilityError(
    'TRQ_PUSH_REFUSED',
    `The task ${id} refused us: ${answer}. Check druidBeam.basicAuthUser and druidBeam.basicAuthPass; pushing needs the right to write STATE.`,
    { details: { taskId: id } },
  );
}

function asTranquilityError(thrown: unknown, what: string, signal: AbortSignal): TranquilityError {
  const error: unknown = signal.aborted ? signal.reason : thrown;
  if (error instanceof TranquilityError) return error;
  return new TranquilityError('TRQ_PUSH_FAILED', `${what}: ${messageOf(error)}`, { cause: error });
}
