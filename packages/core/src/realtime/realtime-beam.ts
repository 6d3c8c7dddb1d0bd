import type { Beam, Row } from '../beam/beam.js';
import type { DataSourceConfig } from '../config/config.js';
import { OverlordCoordination } from '../coordination/overlord-coordination.js';
import { OverlordClient } from '../druid/overlord-client.js';
import { EventReader } from '../event/event-reader.js';
import { fieldPlan } from '../event/field-plan.js';
import { dropped, type Dropped } from '../event/outcome.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import { Bucketer, type Bucket } from '../time/bucketer.js';
import type { Clock } from '../time/clock.js';
import { parsePeriod } from '../time/period.js';
import { HttpClient } from '../transport/http-client.js';
import { BucketTask } from './bucket-task.js';
import { iso } from './names.js';
import type { TaskContext } from './task-context.js';
import { Window } from './window.js';

export interface RealtimeBeamOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
}

/** The lane that feeds Druid's `index_realtime` tasks: one task for each bucket whose window is open. */
export class RealtimeBeam implements Beam {
  readonly #context: TaskContext;
  readonly #reader: EventReader;
  readonly #bucketer: Bucketer;
  readonly #window: Window;
  readonly #tasks = new Map<number, BucketTask>();

  constructor({ config, clock, logger, counters }: RealtimeBeamOptions) {
    const { spec, properties } = config;
    const http = new HttpClient({ headers: authorization(properties) });
    const overlord = new OverlordClient(http, properties['druid.overlord.urls'] ?? []);
    this.#reader = new EventReader(spec.timestampSpec, fieldPlan(spec));
    this.#bucketer = new Bucketer(spec.segmentGranularity);
    this.#window = new Window(spec.segmentGranularity, parsePeriod(spec.windowPeriod));
    this.#context = {
      spec,
      properties,
      timestampFormat: this.#reader.keepsFormat ? spec.timestampSpec.format : 'millis',
      coordination: new OverlordCoordination(overlord),
      overlord,
      http,
      clock,
      logger,
      counters,
    };
  }

  async connect(deadline: number, signal?: AbortSignal): Promise<void> {
    const { coordination, clock } = this.#context;
    await coordination.connect({ clock, deadline, ...(signal === undefined ? {} : { signal }) });
  }

  route(event: unknown): Row | Dropped {
    const reader = this.#reader;
    const unreadable = reader.accept(event);
    if (unreadable !== undefined) return unreadable;
    const { timestamp } = reader;
    const bucket = this.#bucketer.bucketOf(timestamp);
    const outside = this.#outside(bucket, timestamp);
    if (outside !== undefined) return outside;
    const destination = this.#taskOf(bucket);
    const { arena } = destination;
    const unwritable = reader.write(arena);
    if (unwritable !== undefined) return unwritable;
    const { block: bytes, lastStart: start, lastEnd: end, ordinal } = arena;
    return { status: 'routed', destination, event, timestamp, bytes, start, end, ordinal };
  }

  async close(): Promise<void> {
    await this.#context.http.close();
  }

  #outside(bucket: Bucket, timestamp: number): Dropped | undefined {
    const window = this.#window;
    window.moveTo(this.#context.clock.now());
    if (bucket.start >= window.start && bucket.end <= window.end) return undefined;
    const accepted = `Segments from ${iso(window.start)} to ${iso(window.end)} take events now.`;
    return dropped(bucket.start < window.start ? 'late' : 'early', `Its time is ${iso(timestamp)}. ${accepted}`);
  }

  #taskOf(bucket: Bucket): BucketTask {
    const known = this.#tasks.get(bucket.start);
    if (known !== undefined) return known;
    const now = this.#context.clock.now();
    for (const [start, task] of this.#tasks) if (task.shutoff < now) this.#tasks.delete(start);
    const task = new BucketTask(this.#context, bucket);
    this.#tasks.set(bucket.start, task);
    return task;
  }
}

function authorization(properties: DataSourceConfig['properties']): Readonly<Record<string, string>> {
  const user = properties['druidBeam.basicAuthUser'] ?? '';
  const password = properties['druidBeam.basicAuthPass'] ?? '';
  if (user === '' && password === '') return {};
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` };
}
