import type { Beam, Destination, HandedOver, RoutedRun } from '../beam/beam.js';
import type { DataSourceConfig } from '../config/config.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { messageOf } from '../errors/tranquility-error.js';
import { EventReader, type EventForms } from '../event/event-reader.js';
import { fieldPlan } from '../event/field-plan.js';
import { KeyName } from '../event/key-name.js';
import { dropped, type Dropped } from '../event/outcome.js';
import type { ObjectRuns } from '../event/object-runs.js';
import type { RowBatch } from '../event/row-batch.js';
import type { Staging } from '../journal/staging.js';
import type { Logger } from '../observe/logger.js';
import { HashPartitioner, type Partitioner } from '../partition/partitioner.js';
import type { Clock } from '../time/clock.js';
import { truncate } from '../time/granularity.js';
import type { PullAlarm } from './pull-alarm.js';
import type { PullSource, Ready } from './pull-source.js';
import { PullSupervision } from './pull-supervision.js';

export interface PullBeamOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly overlord: OverlordClient;
  /** Default: Tranquility's, by time and dimensions. */
  readonly partitioner?: Partitioner;
  /** What events look like. Default: as they are written. */
  readonly forms?: EventForms;
}

/** How often to look whether Druid has read on, in milliseconds. */
const lookEvery = 50;

/** The lane in which Druid pulls: events are taken with being written where a supervisor of Druid's reads them. */
export class PullBeam implements Beam {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #source: PullSource;
  readonly #reader: EventReader;
  readonly #partitioner: Partitioner;
  readonly #partitionFields: readonly KeyName[] | undefined;
  readonly #supervision: PullSupervision;

  private constructor(options: PullBeamOptions, source: PullSource) {
    const { config, clock, logger, overlord, partitioner, forms } = options;
    const { spec, properties } = config;
    this.#clock = clock;
    this.#logger = logger;
    this.#source = source;
    this.#reader = new EventReader(spec.timestampSpec, fieldPlan(spec), forms);
    this.#partitioner = partitioner ?? new HashPartitioner(spec, (ms) => truncate(spec.queryGranularity, ms));
    this.#partitionFields = this.#partitioner.fields?.map((name) => new KeyName(name));
    this.#supervision = new PullSupervision({
      ...{ config, clock, logger, overlord, ...source.served },
      plan: {
        ...source.plan,
        timestampFormat: this.#reader.keepsFormat ? spec.timestampSpec.format : 'millis',
        taskCount: properties['task.partitions'],
        replicas: properties['task.replicants'],
        taskDuration: properties['pull.taskDuration'].text,
        completionTimeout: properties['pull.completionTimeout'].text,
        period: properties['pull.supervisorPeriod'].text,
        startDelay: properties['pull.startDelay'].text,
      },
    });
  }

  /**
   * Opens a source, and has what it holds already read.
   * @throws what opening it throws.
   */
  static async open(options: PullBeamOptions, openSource: (ready: Ready) => Promise<PullSource>): Promise<PullBeam> {
    let supervision: PullSupervision | undefined;
    const source = await openSource((signal) => supervision?.ready(signal) ?? Promise.resolve());
    try {
      const beam = new PullBeam(options, source);
      supervision = beam.#supervision;
      if (!source.isEmpty) supervision.begin();
      return beam;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  /** What is wrong with Druid's reading. */
  get alarms(): readonly PullAlarm[] {
    return this.#supervision.alarms;
  }

  /** The directory of the journal; `undefined` where Druid reads from a Kafka. */
  get journal(): string | undefined {
    return this.#source.journal;
  }

  /** What shows events to Druid; `undefined` where it sees them as they come. */
  get staging(): Staging | undefined {
    return this.#source.staging;
  }

  async connect(deadline: number, signal?: AbortSignal): Promise<void> {
    const patience: Patience = { clock: this.#clock, deadline, ...(signal === undefined ? {} : { signal }) };
    await this.#supervision.check(patience);
  }

  route(event: unknown): Destination | Dropped {
    return this.#reader.accept(event) ?? this.#destination();
  }

  routeRun(run: ObjectRuns): RoutedRun | undefined {
    const [destination, ...others] = this.#source.destinations;
    const count = this.#reader.countOf(run);
    return destination === undefined || others.length > 0 || count === 0 ? undefined : { destination, count };
  }

  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped {
    return this.#reader.adopt(row, timestamp) ?? this.#destination();
  }

  write(rows: RowBatch): Dropped | undefined {
    return this.#reader.write(rows);
  }

  /** To publish, Druid must have what there was before too: then nobody need serve it any more. */
  async handOver(until: HandedOver, signal: AbortSignal): Promise<number> {
    const source = this.#source;
    const isWaiting = async (): Promise<boolean> =>
      source.unread > 0 || (until === 'published' && (await source.isBehind()));
    while (!signal.aborted && this.#supervision.refusal === undefined && (await isWaiting())) {
      await this.#clock.sleep(lookEvery, signal).catch(() => undefined);
    }
    if (until === 'published') {
      if (await source.isBehind()) {
        const remedy = 'Any process that opens it with the same config serves them.';
        this.#logger.warn(`The journal in ${String(this.journal)} has older events that Druid has not read. ${remedy}`);
      } else if (source.isAlone && source.hasServed && source.unread === 0) await this.#supervision.park(signal);
    }
    return source.unread;
  }

  async close(): Promise<void> {
    await this.#supervision.close();
    await this.#source.close();
  }

  #destination(): Destination | Dropped {
    const { destinations } = this.#source;
    const { length } = destinations;
    const reader = this.#reader;
    try {
      const index =
        length === 1 ? 0 : this.#partitioner.partition(reader.fields(this.#partitionFields), reader.timestamp, length);
      return destinations[index] ?? dropped('unparseable', `The partitioner chose ${index} of ${length} partitions.`);
    } catch (error) {
      return dropped('unserializable', `No partition can be chosen for it: ${messageOf(error)}`);
    }
  }
}
