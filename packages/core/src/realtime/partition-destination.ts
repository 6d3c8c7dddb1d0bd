import type { Destination } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { dropped, failed, isOutcomeList, sent, type Outcomes } from '../event/outcome.js';
import type { RowBatch, RowSlice } from '../event/row-batch.js';
import type { PushBody } from '../druid/task-client.js';
import type { BucketTasks, OpenPartition } from './bucket-tasks.js';
import { pushBody } from './push-body.js';
import type { TaskContext } from './task-context.js';

const leastLag = 60_000;

/** One partition of a bucket: writes rows once, and pushes them to all of its replicas. */
export class PartitionDestination implements Destination {
  readonly name: string;
  readonly #context: TaskContext;
  readonly #bucket: BucketTasks;
  readonly #index: number;

  constructor(context: TaskContext, bucket: BucketTasks, index: number) {
    this.#context = context;
    this.#bucket = bucket;
    this.#index = index;
    this.name = `${bucket.name}, partition ${index}`;
  }

  async deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes> {
    const chunks = rows.slice().chunks(this.#context.properties['druidBeam.firehoseChunkSize']);
    const { counters } = this.#context;
    counters.batches++;
    const { retries } = counters;
    const outcomes = await together(chunks, (chunk) => this.#deliver(chunk, signal));
    // After a failure a connection might still hold on to the bytes.
    if (outcomes === sent && counters.retries === retries) rows.release();
    return outcomes;
  }

  /** @param isExclusive whether no other body has any of these rows in it meanwhile. */
  async #deliver(rows: RowSlice, signal: AbortSignal, isExclusive = true): Promise<Outcomes> {
    try {
      return await this.#push(rows, signal, isExclusive);
    } catch (error) {
      return failed(asTranquilityError(signal.aborted ? signal.reason : error, this.name));
    }
  }

  async #push(rows: RowSlice, signal: AbortSignal, isExclusive: boolean): Promise<Outcomes> {
    signal.throwIfAborted();
    const { counters, properties } = this.#context;
    const partition = await this.#bucket.partition(this.#index, signal);
    const body = await pushBody(rows, { millisColumn: partition.millisColumn, properties, isExclusive });
    let unreadable: { message: string } | 'replaced' | undefined;
    try {
      unreadable = await this.#toReplicas(partition, body, rows.count, signal);
    } finally {
      if (isExclusive) rows.separate();
    }
    if (unreadable === 'replaced') return this.#push(rows, signal, isExclusive);
    if (unreadable === undefined) {
      counters.bytes += body.bytes.length;
      return sent;
    }
    if (rows.count === 1) return dropped('refused', `Druid cannot read it: ${unreadable.message}`);
    // The tasks took none of the rows, for the sake of one or a few: halve until those are alone.
    return together(rows.chunks(Math.ceil(rows.count / 2)), (half) => this.#deliver(half, signal, false));
  }

  async #toReplicas(
    { replicas }: OpenPartition,
    body: PushBody,
    count: number,
    signal: AbortSignal,
  ): Promise<{ message: string } | 'replaced' | undefined> {
    const retryPeriod = this.#context.properties['druidBeam.firehoseRetryPeriod'];
    const patience = this.#bucket.patience(retryPeriod, signal);
    try {
      const message = await replicas.push(body, count, patience, retryPeriod?.millis ?? leastLag);
      return message === undefined ? undefined : { message };
    } catch (error) {
      // The next look at the partition replaces its tasks, or throws why it cannot.
      if (replicas.gone !== undefined) return 'replaced';
      throw error;
    }
  }
}

/** Delivers each of several slices, and puts their outcomes together. */
async function together(
  slices: readonly RowSlice[],
  deliver: (slice: RowSlice) => Promise<Outcomes>,
): Promise<Outcomes> {
  const outcomes = await Promise.all(slices.map(deliver));
  if (outcomes.every((outcome) => outcome === sent)) return sent;
  return outcomes.flatMap((outcome, index) =>
    isOutcomeList(outcome) ? outcome : Array.from({ length: slices[index]?.count ?? 0 }, () => outcome),
  );
}

function asTranquilityError(cause: unknown, name: string): TranquilityError {
  if (cause instanceof TranquilityError) return cause;
  return new TranquilityError('TRQ_PUSH_FAILED', `Cannot deliver to ${name}: ${messageOf(cause)}`, { cause });
}
