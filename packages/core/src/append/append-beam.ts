import type { Beam, Destination, HandedOver, RoutedRun } from '../beam/beam.js';
import type { Haste } from '../beam/haste.js';
import type { DataSourceConfig } from '../config/config.js';
import { serverText } from '../config/connect-string.js';
import { isOnThisMachine } from '../druid/on-this-machine.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { EventReader, type EventForms } from '../event/event-reader.js';
import { fieldPlan } from '../event/field-plan.js';
import { dropped, failed, type Dropped, type Undelivered } from '../event/outcome.js';
import type { ObjectRuns } from '../event/object-runs.js';
import type { RowBatch } from '../event/row-batch.js';
import { mostBatchBytes } from '../journal/batch-header.js';
import type { OffsetRange } from '../journal/partition-log.js';
import type { Share } from '../journal/shares.js';
import type { Staging } from '../journal/staging.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import type { PullAlarm } from '../pull/pull-alarm.js';
import { PullDestination } from '../pull/pull-destination.js';
import type { Clock } from '../time/clock.js';
import type { TlsServer } from '../transport/tls-files.js';
import { orAborted } from '../time/or-aborted.js';
import type { AppendLine, BatchReport, LineUser } from './append-line.js';
import { appendSettings, appendStationSettings, type AppendSettings } from './append-settings.js';
import { AppendStation } from './append-station.js';
import { appendsAlone, appendTask, type AppendInput } from './append-task.js';
import type { PlannedBatch } from './batch-plan.js';
import { laneAppend, requireAppends } from './require-appends.js';
import { RowServer } from './row-server.js';
import type { OnUnread, UnreadCounts } from './unread-rows.js';

export interface AppendBeamOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly overlord: OverlordClient;
  /** Whether events are shown to Druid only when `staging` says so. */
  readonly staged: boolean;
  /** What events look like. Default: as they are written. */
  readonly forms?: EventForms;
  /** Told of rows that were accepted, and that Druid could not read. */
  readonly onUnread?: OnUnread;
  /** Of the server from which large batches are read. */
  readonly tls: TlsServer | undefined;
  /** Whether somebody waits until events are settled. */
  readonly haste: Haste;
}

/** What a lane of batches does. */
export interface AppendReport extends UnreadCounts {
  /** Events that are not published yet. */
  readonly unpublished: number;
  /** Those of them that are under way. */
  readonly batches: readonly BatchReport[];
}

/**
 * The lane of batches: events are taken with being written to a journal, from where they go to Druid in tasks that append, each
 * published whole or not at all, and once.
 */
export class AppendBeam implements Beam {
  readonly #options: AppendBeamOptions;
  readonly #station: Share<AppendStation>;
  readonly #line: Share<AppendLine>;
  readonly #reader: EventReader;
  readonly #destination: PullDestination;
  readonly #user: LineUser;
  readonly #stopHurrying: () => void;

  private constructor(options: AppendBeamOptions, station: Share<AppendStation>, line: Share<AppendLine>) {
    const { config, clock, logger, counters, overlord, staged, forms, haste } = options;
    const { spec, properties, dataSource } = config;
    this.#options = options;
    this.#station = station;
    this.#line = line;
    this.#reader = new EventReader(spec.timestampSpec, fieldPlan(spec), forms);
    const settings = appendSettings(properties);
    this.#destination = new PullDestination({
      ...{ log: line.shared.log, clock, logger, counters },
      name: `${dataSource}, the journal of batches`,
      patience: properties['druidBeam.firehoseRetryPeriod']?.millis ?? Infinity,
      ready: (signal) => (staged ? orAborted(station.shared.staging.decided, signal) : Promise.resolve()),
      ...(settings.acknowledge === 'journaled'
        ? {}
        : { settled: (rows: OffsetRange, signal: AbortSignal) => this.#settled(rows, signal) }),
    });
    this.#stopHurrying = haste.onBegin(() => {
      if (settings.acknowledge !== 'journaled') line.shared.flush();
    });
    const timestampFormat = this.#reader.keepsFormat ? spec.timestampSpec.format : 'millis';
    this.#user = {
      ...{ spec, overlord, counters, settings },
      onUnread: options.onUnread ?? (() => undefined),
      isReached: (patience) => this.#isReached(settings, patience),
      appendsAlone: async (patience) => appendsAlone(await overlord.version(patience)),
      task: async (id, batch, patience) => {
        const input = await this.#input(batch, settings, patience);
        if (input === undefined) return undefined;
        const version = await overlord.version(patience);
        const { acknowledge, awaitAvailability } = settings;
        // Who waits for a row is told of it, if it is not there.
        const told = acknowledge === 'journaled' ? {} : { mustTellOf: batch.rows };
        return appendTask(spec, { id, timestampFormat, awaitAvailability, version, input, ...told });
      },
    };
    line.shared.join(this.#user);
  }

  /**
   * Opens the journal of a dataSource's batches, and goes on with what it has.
   * @throws what `AppendStation.share` and its line throw.
   */
  static async open(options: AppendBeamOptions): Promise<AppendBeam> {
    const { config, clock, logger, staged, tls } = options;
    const station = await AppendStation.share(appendStationSettings(config.properties, tls), clock, logger);
    let line: Share<AppendLine> | undefined;
    try {
      line = await station.shared.line(config.dataSource);
      await station.shared.stage(config.dataSource, line.shared, staged);
      return new AppendBeam(options, station, line);
    } catch (error) {
      await line?.release();
      await station.release();
      throw error;
    }
  }

  /** What keeps events from being published. */
  get troubles(): readonly PullAlarm[] {
    return this.#line.shared.troubles;
  }

  /** The directory of the journal. */
  get journal(): string {
    return this.#station.shared.directory;
  }

  /** What shows events to Druid; `undefined` where it sees them as they come. */
  get staging(): Staging | undefined {
    return this.#options.staged ? this.#station.shared.staging : undefined;
  }

  get report(): AppendReport {
    const { unpublished, batches, unread } = this.#line.shared;
    return { unpublished, batches, ...unread };
  }

  /** @throws TRQ_DRUID_UNSUPPORTED for a Druid that is too old. */
  async connect(deadline: number, signal?: AbortSignal): Promise<void> {
    const { overlord, clock } = this.#options;
    const patience = { clock, deadline, ...(signal === undefined ? {} : { signal }) };
    await requireAppends(overlord, laneAppend, patience);
  }

  route(event: unknown): Destination | Dropped {
    return this.#reader.accept(event) ?? this.#destination;
  }

  routeRun(run: ObjectRuns): RoutedRun | undefined {
    const count = this.#reader.countOf(run);
    return count === 0 ? undefined : { destination: this.#destination, count };
  }

  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped {
    return this.#reader.adopt(row, timestamp) ?? this.#destination;
  }

  write(rows: RowBatch): Dropped | undefined {
    return this.#reader.write(rows);
  }

  /** What waits for others goes at once. What is published can be queried as soon as Druid's servers have it. */
  async handOver(_until: HandedOver, signal: AbortSignal): Promise<number> {
    const line = this.#line.shared;
    line.flush();
    while (!signal.aborted && line.unpublished > 0) await line.changed(signal);
    return line.unpublished;
  }

  async close(): Promise<void> {
    this.#stopHurrying();
    this.#line.shared.leave(this.#user);
    await this.#line.release();
    await this.#station.release();
  }

  async #settled(rows: OffsetRange, signal: AbortSignal): Promise<ReadonlyMap<number, Undelivered>> {
    const line = this.#line.shared;
    if (this.#options.haste.isOn) line.flush();
    const { unread, damaged } = await line.settled(rows, signal).catch((error: unknown) => {
      throw leftInJournal(this.#options.config.dataSource, error);
    });
    const outcomes = new Map<number, Undelivered>();
    for (const [offset, why] of unread) outcomes.set(offset, dropped('refused', why));
    if (damaged.length === 0) return outcomes;
    const lost = failed(damagedInJournal(this.#station.shared.directory));
    for (const { from, to } of damaged) for (let offset = from; offset < to; offset++) outcomes.set(offset, lost);
    return outcomes;
  }

  async #isReached({ advertised }: AppendSettings, patience: Patience): Promise<boolean> {
    return advertised !== undefined || isOnThisMachine(await this.#options.overlord.leader(patience));
  }

  /**
   * Small batches stand in the task; large ones are served by us, to keep them out of Druid's store.
   * @returns `undefined` when no row of a small one is left, which Druid refuses; a task may read none of what is served.
   */
  async #input(batch: PlannedBatch, settings: AppendSettings, patience: Patience): Promise<AppendInput | undefined> {
    const { inlineBytes, advertised } = settings;
    if (batch.bytes <= inlineBytes || !(await this.#isReached(settings, patience))) {
      // A batch that was cut off while Druid could reach us is too much for a task.
      if (batch.bytes > Math.max(inlineBytes, mostBatchBytes)) throw unreachedBy(batch.bytes);
      const chunks: Buffer[] = [];
      for await (const chunk of this.#line.shared.linesOf(batch)) chunks.push(chunk);
      return chunks.length === 0 ? undefined : { kind: 'inline', lines: Buffer.concat(chunks).toString() };
    }
    const { properties } = this.#options.config;
    const { port } = this.#station.shared;
    const address = serverText(advertised ?? { host: properties['append.endpoint.host'], port });
    const [user, password] = [properties['append.endpoint.user'], properties['append.endpoint.password']];
    const scheme = properties['append.endpoint.tls.enable'] ? 'https' : 'http';
    return {
      kind: 'http',
      url: `${scheme}://${address}${RowServer.pathOf(batch.secret)}`,
      ...(user === undefined || password === undefined ? {} : { user, password: password.reveal() }),
    };
  }
}

const unreachedBy = (bytes: number): Error =>
  new Error(
    `Druid's workers would have to fetch its ${bytes} bytes from here, and no address is given under which they reach us: set append.endpoint.advertised.`,
  );

const leftInJournal = (dataSource: string, cause: unknown): TranquilityError =>
  new TranquilityError(
    'TRQ_ABORTED',
    `The sender was closed before the event was as far as append.acknowledge of ${dataSource} says. It is in the journal, from where the next process sends it to Druid: who sends it again has it twice.`,
    { cause },
  );

const damagedInJournal = (directory: string): TranquilityError =>
  new TranquilityError(
    'TRQ_JOURNAL_FAILED',
    `The event was damaged in the journal in ${directory} before it was read from there. Look at the disk, and send it again.`,
    { details: { directory } },
  );
