import type { Beam, Destination, RoutedRun } from '../beam/beam.js';
import type { DataSourceConfig } from '../config/config.js';
import { messageOf } from '../errors/tranquility-error.js';
import { EventReader, type EventForms } from '../event/event-reader.js';
import { KeyName } from '../event/key-name.js';
import { fieldPlan } from '../event/field-plan.js';
import { dropped, type Dropped } from '../event/outcome.js';
import type { ObjectRuns } from '../event/object-runs.js';
import type { RowBatch } from '../event/row-batch.js';
import { HashPartitioner, type Partitioner } from '../partition/partitioner.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import { Bucketer, type Bucket } from '../time/bucketer.js';
import type { Clock } from '../time/clock.js';
import { truncate } from '../time/granularity.js';
import { parsePeriod } from '../time/period.js';
import { TurnClock } from '../time/turn-clock.js';
import type { DruidAccess } from '../druid/druid-access.js';
import { backends } from './backends.js';
import { BucketTasks } from './bucket-tasks.js';
import { iso } from './names.js';
import type { PartitionDestination } from './partition-destination.js';
import type { TaskContext } from './task-context.js';
import { Warmer } from './warmer.js';
import { Window } from './window.js';

export interface RealtimeBeamOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  /** Not closed with the beam. */
  readonly druid: DruidAccess;
  /** Default: Tranquility's, by time and dimensions. */
  readonly partitioner?: Partitioner;
  /** What events look like. Default: as they are written. */
  readonly forms?: EventForms;
}

/** The lane that feeds Druid's `index_realtime` tasks: for each bucket whose window is open, partitions and their replicas. */
export class RealtimeBeam implements Beam {
  readonly #context: TaskContext;
  readonly #reader: EventReader;
  readonly #bucketer: Bucketer;
  readonly #window: Window;
  readonly #clock: TurnClock;
  readonly #partitioner: Partitioner;
  /** The fields that the partitioner looks at. */
  readonly #partitionFields: readonly KeyName[] | undefined;
  readonly #warmer: Warmer;
  readonly #buckets = new Map<number, BucketTasks>();
  /** Those of the last event. */
  #current: BucketTasks | undefined;
  readonly #closing = new AbortController();

  constructor({ config, clock, logger, counters, druid, partitioner, forms }: RealtimeBeamOptions) {
    const { spec, properties } = config;
    this.#clock = new TurnClock(clock);
    this.#reader = new EventReader(spec.timestampSpec, fieldPlan(spec), forms);
    this.#bucketer = new Bucketer(spec.segmentGranularity);
    this.#partitioner = partitioner ?? new HashPartitioner(spec, (ms) => truncate(spec.queryGranularity, ms));
    this.#partitionFields = this.#partitioner.fields?.map((name) => new KeyName(name));
    this.#warmer = new Warmer(clock, spec.segmentGranularity, properties['task.warmingPeriod'].millis, (start) => {
      this.#warm(start);
    });
    this.#window = new Window(spec.segmentGranularity, parsePeriod(spec.windowPeriod));
    this.#context = {
      spec,
      properties,
      timestampFormat: this.#reader.keepsFormat ? spec.timestampSpec.format : 'millis',
      ...backends(config, druid, logger),
      http: druid.http,
      clock,
      logger,
      counters,
    };
  }

  async connect(deadline: number, signal?: AbortSignal): Promise<void> {
    const { coordination, clock } = this.#context;
    await coordination.connect({ clock, deadline, ...(signal === undefined ? {} : { signal }) });
  }

  route(event: unknown): Destination | Dropped {
    const reader = this.#reader;
    const unreadable = reader.accept(event);
    if (unreadable !== undefined) return unreadable;
    return this.#destinationAt(reader.timestamp);
  }

  routeRun(run: ObjectRuns): RoutedRun | undefined {
    const times = this.#reader.timesOf(run);
    const time = times?.[run.at] ?? NaN;
    if (times === undefined || Number.isNaN(time)) return undefined;
    const bucket = this.#bucketer.bucketOf(time);
    if (!this.#isOpen(bucket)) return undefined;
    const { destinations } = this.#tasksOf(bucket);
    const [destination] = destinations;
    if (destination === undefined || destinations.length > 1) return undefined;
    let end = run.at + 1;
    while (end < run.count && isWithin(bucket, times[end] ?? NaN)) end++;
    return { destination, count: end - run.at };
  }

  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped {
    return this.#reader.adopt(row, timestamp) ?? this.#destinationAt(timestamp);
  }

  write(rows: RowBatch): Dropped | undefined {
    return this.#reader.write(rows);
  }

  close(): Promise<void> {
    this.#warmer.close();
    this.#closing.abort();
    return Promise.resolve();
  }

  #destinationAt(timestamp: number): PartitionDestination | Dropped {
    const bucket = this.#bucketer.bucketOf(timestamp);
    return this.#outside(bucket, timestamp) ?? this.#destinationOf(bucket, timestamp);
  }

  #destinationOf(bucket: Bucket, timestamp: number): PartitionDestination | Dropped {
    const { destinations } = this.#tasksOf(bucket);
    const { length } = destinations;
    try {
      const index =
        length === 1 ? 0 : this.#partitioner.partition(this.#reader.fields(this.#partitionFields), timestamp, length);
      return destinations[index] ?? dropped('unparseable', `The partitioner chose ${index} of ${length} partitions.`);
    } catch (error) {
      return dropped('unserializable', `No partition can be chosen for it: ${messageOf(error)}`);
    }
  }

  #isOpen(bucket: Bucket): boolean {
    const window = this.#window;
    const now = this.#clock.now();
    window.moveTo(now);
    this.#warmer.noteEvent(now);
    return bucket.start >= window.start && bucket.end <= window.end;
  }

  #outside(bucket: Bucket, timestamp: number): Dropped | undefined {
    if (this.#isOpen(bucket)) return undefined;
    const window = this.#window;
    const accepted = `Segments from ${iso(window.start)} to ${iso(window.end)} take events now.`;
    return dropped(bucket.start < window.start ? 'late' : 'early', `Its time is ${iso(timestamp)}. ${accepted}`);
  }

  #tasksOf(bucket: Bucket): BucketTasks {
    if (this.#current?.bucket.start === bucket.start) return this.#current;
    return (this.#current = this.#buckets.get(bucket.start) ?? this.#newTasks(bucket));
  }

  #newTasks(bucket: Bucket): BucketTasks {
    const now = this.#context.clock.now();
    for (const [start, tasks] of this.#buckets) if (tasks.shutoff < now) this.#buckets.delete(start);
    const tasks = new BucketTasks(this.#context, bucket);
    this.#buckets.set(bucket.start, tasks);
    return tasks;
  }

  #warm(start: number): void {
    const tasks = this.#tasksOf(this.#bucketer.bucketOf(start));
    const { logger } = this.#context;
    logger.debug(`Warming the tasks of ${tasks.name}`);
    tasks.warm(this.#closing.signal).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) logger.warn(`Cannot warm the tasks of ${tasks.name}: ${messageOf(error)}`);
    });
  }
}

const isWithin = ({ start, end }: Bucket, time: number): boolean => time >= start && time < end;
