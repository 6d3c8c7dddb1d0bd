import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSchema } from '../ingest/data-schema.js';
import { parseRow, UnparseableRow, type ParsedRow } from '../ingest/row-parser.js';
import { Unsupported } from '../ingest/unsupported.js';
import type { Work, WorkContext } from '../overlord/work.js';
import type { Segment } from '../store/segment.js';
import type { KafkaAccess } from './kafka-access.js';
import type { Fetched, StreamRecord } from './kafka-stream.js';
import type { Offsets, OffsetStore } from './offset-store.js';
import { readStream } from './read-stream.js';
import { eventsOf } from './record-events.js';

/** What a task reads, and how. */
export interface StreamTaskPlan {
  readonly schema: DataSchema;
  readonly topic: string;
  readonly access: KafkaAccess;
  readonly start: Offsets;
  /** Names what is read: tasks that read the same, one after the other or at once, write to the same segments. */
  readonly sequence: string;
  readonly maxRowsInMemory: number;
  readonly maxParseExceptions: number;
  /** Why the task cannot even begin. */
  readonly fault: string | undefined;
  readonly offsets: OffsetStore;
  /** Calls back when all that was read before has been published, or has failed; at once if that is so. */
  readonly whenMyTurn: (act: () => void) => void;
  readonly published: () => void;
}

/** How long to wait, by the machine's clock, before a lock that others hold is asked for again. */
const lockPause = 20;

/** An `index_kafka` task: reads from its start until it is told where to end, then publishes its segments and its offsets in one. */
export class StreamTask implements Work {
  readonly #plan: StreamTaskPlan;
  readonly #context: WorkContext;
  readonly #ending = new AbortController();
  readonly #positions: Map<number, number>;
  readonly #segments = new Map<number, Segment>();
  #end: Offsets | undefined;
  #isStopped = false;
  #isPublishing = false;
  #unparseable = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(plan: StreamTaskPlan, context: WorkContext) {
    this.#plan = plan;
    this.#context = context;
    this.#positions = new Map(plan.start);
  }

  /** How far it has read. */
  get positions(): Offsets {
    return this.#positions;
  }

  /** Goes on behind: an answer about the task does not wait for it. */
  start(): Promise<void> {
    const { access, topic, fault } = this.#plan;
    if (fault !== undefined) return Promise.reject(new Error(fault));
    this.#reading = readStream({
      ...{ access, topic },
      positions: () => this.#unfinished(),
      take: (fetched) => this.#take(fetched),
      signal: this.#ending.signal,
    });
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#isStopped = true;
    this.#ending.abort();
    return this.#reading;
  }

  /** Reads to there, and no further; then publishes. */
  finishAt(end: Offsets): void {
    this.#end = end;
    this.#publishIfDone();
  }

  #unfinished(): Offsets {
    return new Map([...this.#positions].filter(([partition, offset]) => !this.#isBeyond(partition, offset)));
  }

  #isBeyond(partition: number, offset: number): boolean {
    return this.#isStopped || offset >= (this.#end?.get(partition) ?? Infinity);
  }

  async #take({ partition, records, next }: Fetched): Promise<void> {
    try {
      for (const record of records) await this.#takeRecord(partition, record);
      const position = this.#positions.get(partition) ?? next;
      if (!this.#isBeyond(partition, position)) this.#positions.set(partition, Math.max(position, next));
      this.#publishIfDone();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#context.fail(error instanceof Unsupported ? `The sandbox ${message}` : message);
    }
  }

  /** The rows of a record and the place behind it go in together: whoever looks sees both or none. */
  async #takeRecord(partition: number, record: StreamRecord): Promise<void> {
    const isPast = (): boolean =>
      record.offset < (this.#positions.get(partition) ?? 0) || this.#isBeyond(partition, record.offset);
    if (isPast()) return;
    const rows = this.#parse(record);
    for (const row of rows) if (!this.#segments.has(this.#bucketOf(row))) await this.#allocate(this.#bucketOf(row));
    if (isPast()) return;
    this.#positions.set(partition, record.offset + 1);
    for (const row of rows) {
      const segment = this.#segments.get(this.#bucketOf(row));
      if (segment?.add(row) === true) this.#context.track(this.#context.store.relieve(segment));
    }
  }

  #bucketOf({ timestamp }: ParsedRow): number {
    return this.#plan.schema.segmentGranularity.bucketStart(timestamp);
  }

  #parse({ value }: StreamRecord): readonly ParsedRow[] {
    try {
      const events = eventsOf(value);
      if (events !== undefined) return events.map((event) => parseRow(this.#plan.schema, event));
    } catch (error) {
      if (!(error instanceof UnparseableRow)) throw error;
    }
    if (++this.#unparseable > this.#plan.maxParseExceptions) {
      throw new Error('Max parse exceptions exceeded, terminating task...');
    }
    return [];
  }

  /** A segment for the bucket, once no task of another group writes there. */
  async #allocate(start: number): Promise<void> {
    const { store, locks, taskId, groupId } = this.#context;
    const { schema, sequence, maxRowsInMemory } = this.#plan;
    const interval = { start, end: schema.segmentGranularity.bucketEnd(start) };
    while (!this.#isStopped && !this.#segments.has(start)) {
      const version = locks.take(schema.dataSource, interval, groupId, taskId);
      if (version === undefined) {
        await sleep(lockPause);
      } else {
        const id = store.allocate(sequence, { dataSource: schema.dataSource, ...interval }, version);
        this.#segments.set(start, store.begin(taskId, id, schema, maxRowsInMemory));
      }
    }
  }

  #publishIfDone(): void {
    if (this.#end === undefined || this.#isPublishing || this.#isStopped || this.#unfinished().size > 0) return;
    const end = this.#end;
    this.#isPublishing = true;
    this.#ending.abort();
    this.#plan.whenMyTurn(() => {
      if (!this.#isStopped) this.#context.track(this.#publish(end));
    });
  }

  async #publish(end: Offsets): Promise<void> {
    const { agenda, store, timings, succeed } = this.#context;
    const { schema, topic, start, offsets, published } = this.#plan;
    let fault: string | undefined;
    await store.publish([...this.#segments.values()], () => {
      if (this.#isStopped) return false;
      fault = offsets.advance(schema.dataSource, topic, start, end);
      return fault === undefined;
    });
    if (this.#isStopped) return;
    if (fault !== undefined) throw new Error(fault);
    published();
    agenda.at(agenda.now() + timings.handoffMillis, () => {
      if (!this.#isStopped) succeed();
    });
  }
}
