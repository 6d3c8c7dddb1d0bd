import type { Destination, Row } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { dropped, failed, sent, type Outcome } from '../event/outcome.js';
import { RowArena, separate } from '../event/row-arena.js';
import type { PushBody } from '../druid/task-client.js';
import type { BucketTasks, OpenPartition } from './bucket-tasks.js';
import { pushBody } from './push-body.js';
import type { TaskContext } from './task-context.js';

const leastLag = 60_000;

/** One partition of a bucket: writes rows once, and pushes them to all of its replicas. */
export class PartitionDestination implements Destination {
  readonly name: string;
  /** Where its rows are written. */
  readonly arena = new RowArena();
  readonly #context: TaskContext;
  readonly #bucket: BucketTasks;
  readonly #index: number;

  constructor(context: TaskContext, bucket: BucketTasks, index: number) {
    this.#context = context;
    this.#bucket = bucket;
    this.#index = index;
    this.name = `${bucket.name}, partition ${index}`;
  }

  async deliver(rows: readonly Row[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const chunks = chunked(rows, this.#context.properties['druidBeam.firehoseChunkSize']);
    const { counters } = this.#context;
    counters.batches++;
    const { retries } = counters;
    const outcomes = (await Promise.all(chunks.map((chunk) => this.#deliver(chunk, signal)))).flat();
    // After a failure a connection might still hold on to the bytes.
    const isQuiet = counters.retries === retries;
    if (isQuiet && outcomes.every((outcome) => outcome === sent)) this.arena.release(rows);
    return outcomes;
  }

  /** @param isExclusive whether no other body has any of these rows in it meanwhile. */
  async #deliver(rows: readonly Row[], signal: AbortSignal, isExclusive = true): Promise<Outcome[]> {
    try {
      return await this.#push(rows, signal, isExclusive);
    } catch (error) {
      const outcome = failed(asTranquilityError(signal.aborted ? signal.reason : error, this.name));
      return rows.map(() => outcome);
    }
  }

  async #push(rows: readonly Row[], signal: AbortSignal, isExclusive: boolean): Promise<Outcome[]> {
    signal.throwIfAborted();
    const { counters, properties } = this.#context;
    const partition = await this.#bucket.partition(this.#index, signal);
    const body = await pushBody(rows, { millisColumn: partition.millisColumn, properties, isExclusive });
    let unreadable: { message: string } | 'replaced' | undefined;
    try {
      unreadable = await this.#toReplicas(partition, body, rows, signal);
    } finally {
      separate(rows);
    }
    if (unreadable === 'replaced') return this.#push(rows, signal, isExclusive);
    if (unreadable === undefined) {
      counters.bytes += body.bytes.length;
      return rows.map(() => sent);
    }
    if (rows.length === 1) return [dropped('refused', `Druid cannot read it: ${unreadable.message}`)];
    // The tasks took none of the rows, for the sake of one or a few: halve until those are alone.
    const half = Math.ceil(rows.length / 2);
    return [
      ...(await this.#deliver(rows.slice(0, half), signal, false)),
      ...(await this.#deliver(rows.slice(half), signal, false)),
    ];
  }

  async #toReplicas(
    { replicas }: OpenPartition,
    body: PushBody,
    rows: readonly Row[],
    signal: AbortSignal,
  ): Promise<{ message: string } | 'replaced' | undefined> {
    const retryPeriod = this.#context.properties['druidBeam.firehoseRetryPeriod'];
    const patience = this.#bucket.patience(retryPeriod, signal);
    try {
      const message = await replicas.push(body, rows.length, patience, retryPeriod?.millis ?? leastLag);
      return message === undefined ? undefined : { message };
    } catch (error) {
      // The next look at the partition replaces its tasks, or throws why it cannot.
      if (replicas.gone !== undefined) return 'replaced';
      throw error;
    }
  }
}

function chunked(rows: readonly Row[], size: number): (readonly Row[])[] {
  if (rows.length <= size) return [rows];
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, index) =>
    rows.slice(index * size, (index + 1) * size),
  );
}

function asTranquilityError(cause: unknown, name: string): TranquilityError {
  if (cause instanceof TranquilityError) return cause;
  return new TranquilityError('TRQ_PUSH_FAILED', `Cannot deliver to ${name}: ${messageOf(cause)}`, { cause });
}
