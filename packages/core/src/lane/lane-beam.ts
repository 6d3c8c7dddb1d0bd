import { setMaxListeners } from 'node:events';
import type { Beam, Destination, HandedOver, RoutedRun } from '../beam/beam.js';
import type { DataSourceConfig } from '../config/config.js';
import type { DruidAccess } from '../druid/druid-access.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { EventReader, type EventForms } from '../event/event-reader.js';
import { fieldPlan } from '../event/field-plan.js';
import { failed, isOutcomeList, type Dropped, type Outcomes } from '../event/outcome.js';
import type { ObjectRuns } from '../event/object-runs.js';
import type { RowBatch } from '../event/row-batch.js';
import { journalHolds } from '../journal/journal.js';
import type { Staging } from '../journal/staging.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import { orAborted } from '../time/or-aborted.js';
import { isFinal } from '../transport/retry.js';
import { AppendBeam, type AppendReport } from '../append/append-beam.js';
import { appendDirectory } from '../append/append-settings.js';
import { laneAppend, lateEvents, requireAppendsIfThere } from '../append/require-appends.js';
import type { PullAlarm } from '../pull/pull-alarm.js';
import { PullBeam } from '../pull/pull-beam.js';
import type { RelayReport } from '../relay/relay-beam.js';
import { askForLane, type Lane, type LaneChoice } from './choose-lane.js';
import { redeliver } from './redeliver.js';

export interface LaneBeamOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly forms: EventForms;
  /** Closed with the beam. */
  readonly druid: DruidAccess;
  /** Opens the beam of a lane. */
  readonly open: (lane: Lane) => Promise<Beam>;
  /** Opens the way for late events, and for those that were left to append. */
  readonly openSide: () => Promise<AppendBeam>;
}

/** How events get into Druid. */
export interface LaneReport extends LaneChoice {
  /** What is wrong with Druid's reading, where it pulls, or with its appending. */
  readonly alarms: readonly PullAlarm[];
  /** The directory of the journal, where there is one. */
  readonly journal?: string;
  /** What is under way, where events are appended in batches. */
  readonly append?: AppendReport;
  /** What waits for Druid’s tasks, where a journal stands before the lane realtime. */
  readonly relay?: RelayReport;
}

/** How often to ask whether Druid is another one by now, in milliseconds. */
const upgradeCheck = 60_000;
/** How long events wait for a Druid that does not answer yet, at least, in milliseconds. */
const leastPatience = 60_000;

/**
 * Finds out by which lane Druid can be reached, and goes by that one. Events that come before it is known wait. A Druid that gets
 * upgraded to one without realtime tasks is noticed: what its tasks have not taken goes by the lane that is left.
 */
export class LaneBeam implements Beam {
  readonly #options: LaneBeamOptions;
  readonly #waiting: WaitingDestination;
  readonly #reader: EventReader;
  readonly #redirected = new WeakMap<Destination, Destination>();
  /** The last of them, as most events go where the one before went. */
  #last: { readonly from: Destination; readonly to: Destination } | undefined;
  #choice: LaneChoice | undefined;
  #beam: Beam | undefined;
  /** Appends what the lane realtime does not take, and what an earlier process left to append. */
  #side: AppendBeam | undefined;
  /** Whose event is to be written next. */
  #writer: Beam | undefined;
  /** The one that was left behind. */
  #former: Beam | undefined;
  /** Whether `write` is for an event that waits. */
  #writesForLater = false;
  #choosing: Promise<Beam> | undefined;
  #taking: Promise<Beam> | undefined;
  #upgrades: NodeJS.Timeout | undefined;
  #isClosed = false;
  #hasToldOfUpgrade = false;
  #isLooking = false;
  readonly #changed = new AbortController();
  readonly #closing = new AbortController();

  private constructor(options: LaneBeamOptions) {
    const { spec } = options.config;
    this.#options = options;
    this.#reader = new EventReader(spec.timestampSpec, fieldPlan(spec), options.forms);
    this.#waiting = new WaitingDestination(
      `${options.config.dataSource} gets into Druid`,
      (signal) => this.#chosen(signal),
      this,
    );
  }

  /** @param known the lane, if it need not be asked for. */
  static async open(options: LaneBeamOptions, known: LaneChoice | undefined): Promise<LaneBeam> {
    const beam = new LaneBeam(options);
    if (known === undefined) await beam.#goOnWithLateEvents();
    else await beam.#take(known);
    if (known === undefined && options.config.properties['pull.endpoint.nodes'] !== undefined) beam.#chooseAhead();
    return beam;
  }

  /** The name of the lane that is in use; `undefined` until it is known. */
  get lane(): Lane | undefined {
    return this.#choice?.lane;
  }

  /** The lane that is in use; `undefined` until it is known. */
  get report(): LaneReport | undefined {
    const beam = this.#beam;
    if (this.#choice === undefined) return undefined;
    const appends = beam instanceof AppendBeam ? beam : this.#side;
    const journal = beam instanceof PullBeam ? beam.journal : appends?.journal;
    return {
      ...this.#choice,
      alarms: [...(beam instanceof PullBeam ? beam.alarms : []), ...(appends?.troubles ?? [])],
      ...(journal === undefined ? {} : { journal }),
      ...(appends === undefined ? {} : { append: appends.report }),
    };
  }

  /** What shows events to Druid; `undefined` where it sees them as they come, and as long as the lane is not known. */
  get staging(): Staging | undefined {
    const beam = this.#beam;
    return beam instanceof PullBeam || beam instanceof AppendBeam ? beam.staging : undefined;
  }

  async connect(deadline: number, signal?: AbortSignal): Promise<void> {
    const beam = await this.#choose(deadline, signal);
    await beam.connect(deadline, signal);
  }

  route(event: unknown): Destination | Dropped {
    const beam = this.#beam;
    if (beam === undefined) {
      this.#writesForLater = true;
      return this.#reader.accept(event) ?? this.#waiting;
    }
    this.#writesForLater = false;
    const to = beam.route(event);
    if (this.#isForSide(to)) return this.#toSide((side) => side.route(event));
    this.#writer = beam;
    return this.#redirectable(beam, to);
  }

  /** None before the lane is known, and none that it would not take: `route` says what becomes of those. */
  routeRun(run: ObjectRuns): RoutedRun | undefined {
    const beam = this.#beam;
    const routed = beam?.routeRun?.(run);
    if (beam === undefined || routed === undefined) return undefined;
    return { ...routed, destination: this.#redirectable(beam, routed.destination) };
  }

  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped {
    const beam = this.#beam;
    this.#writesForLater = beam === undefined;
    if (beam === undefined) return this.#reader.adopt(row, timestamp) ?? this.#waiting;
    const to = beam.routeRow(row, timestamp);
    if (this.#isForSide(to)) return this.#toSide((side) => side.routeRow(row, timestamp));
    this.#writer = beam;
    return this.#redirectable(beam, to);
  }

  write(rows: RowBatch): Dropped | undefined {
    return this.#writesForLater || this.#writer === undefined ? this.#reader.write(rows) : this.#writer.write(rows);
  }

  async handOver(until: HandedOver, signal: AbortSignal): Promise<number> {
    const left = [this.#beam, this.#side].map((beam) => beam?.handOver?.(until, signal) ?? Promise.resolve(0));
    return (await Promise.all(left)).reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#closing.abort(closedEarly());
    clearInterval(this.#upgrades);
    await this.#taking?.catch(() => undefined);
    await Promise.all([this.#beam?.close(), this.#former?.close(), this.#side?.close()]);
    await this.#options.druid.close();
  }

  /** For events: all that wait have the patience of the first. */
  #chosen(signal: AbortSignal): Promise<Beam> {
    return (this.#choosing ??= this.#choose(this.#deadline(), signal).catch((error: unknown) => {
      this.#choosing = undefined;
      throw error;
    }));
  }

  /** Without an event: Druid begins no task of a dataSource before all nodes that share it answer. */
  #chooseAhead(): void {
    this.#choose(Infinity, this.#closing.signal).catch((error: unknown) => {
      if (this.#isClosed) return;
      const { logger, config } = this.#options;
      logger.error(`${config.dataSource} has no lane yet, its first event tries again: ${messageOf(error)}`);
    });
  }

  async #choose(deadline: number, signal?: AbortSignal): Promise<Beam> {
    if (this.#beam !== undefined) return this.#beam;
    const { druid, clock, config } = this.#options;
    const patience = { clock, deadline, ...(signal === undefined ? {} : { signal }) };
    const choice = await askForLane(config.properties, druid.overlord, patience);
    if (this.#isClosed) throw closedEarly();
    this.#taking ??= this.#take(choice).catch((error: unknown) => {
      this.#taking = undefined;
      throw error;
    });
    return this.#taking;
  }

  async #take(choice: LaneChoice): Promise<Beam> {
    const { logger, config, open, druid, clock } = this.#options;
    const { dataSource } = config;
    if (choice.lane === 'append') await requireAppendsIfThere(druid.overlord, laneAppend, clock);
    const beam = await open(choice.lane);
    try {
      if (choice.lane !== 'append') await this.#openSide(choice.lane);
      else if (this.#choice === undefined) await this.#closeSide();
    } catch (error) {
      await beam.close();
      throw error;
    }
    if (this.#isClosed) {
      await beam.close();
      throw closedEarly();
    }
    this.#choice = choice;
    this.#beam = beam;
    logger.info(`${dataSource} goes to Druid by the lane ${choice.lane}. ${choice.reason}`, {
      dataSource,
      lane: choice.lane,
    });
    if (choice.lane === 'realtime' && config.properties['tranquility.lane'] === 'auto') this.#lookForUpgrades();
    return beam;
  }

  /** For late events, and for those that an earlier process could not append before another lane was taken. */
  async #openSide(lane: Lane): Promise<void> {
    const { config, openSide, logger, druid, clock } = this.#options;
    const { dataSource, properties } = config;
    const takesLate = lane === 'realtime' && properties['tranquility.lateEvents'] === 'append';
    if (takesLate) await requireAppendsIfThere(druid.overlord, lateEvents, clock);
    if (this.#side !== undefined) return;
    if (takesLate) {
      this.#side = await openSide();
      return;
    }
    const directory = appendDirectory(properties['journal.directory']);
    if (!(await journalHolds(directory, dataSource))) return;
    try {
      this.#side = await openSide();
    } catch (error) {
      logger.warn(
        `The journal in ${directory} has events of ${dataSource} that wait to be appended: ${messageOf(error)}`,
      );
    }
  }

  /** Those that an earlier process has left are appended by whatever lane others go, which need not be known for that. */
  async #goOnWithLateEvents(): Promise<void> {
    const { config, openSide } = this.#options;
    const { dataSource, properties } = config;
    if (properties['tranquility.lateEvents'] !== 'append') return;
    if (await journalHolds(appendDirectory(properties['journal.directory']), dataSource)) this.#side = await openSide();
  }

  /** Its events go by the lane that is taken. */
  async #closeSide(): Promise<void> {
    const side = this.#side;
    this.#side = undefined;
    await side?.close();
  }

  #isForSide(to: Destination | Dropped): boolean {
    return (
      this.#side !== undefined &&
      'reason' in to &&
      to.reason === 'late' &&
      this.#options.config.properties['tranquility.lateEvents'] === 'append'
    );
  }

  #toSide(route: (side: Beam) => Destination | Dropped): Destination | Dropped {
    const side = this.#side;
    if (side === undefined) throw new TypeError('There is no way for late events.');
    this.#writer = side;
    return route(side);
  }

  #lookForUpgrades(): void {
    if (this.#upgrades !== undefined) return;
    this.#upgrades = setInterval(() => {
      void this.#lookForUpgrade();
    }, upgradeCheck);
    this.#upgrades.unref();
  }

  async #lookForUpgrade(): Promise<void> {
    const { druid, clock, config } = this.#options;
    if (this.#isLooking || this.#isClosed) return;
    this.#isLooking = true;
    let isUpgraded = false;
    try {
      const choice = await askForLane(config.properties, druid.overlord, { clock, deadline: clock.now() });
      isUpgraded = choice.lane !== this.#choice?.lane;
      if (isUpgraded && !this.#hasClosed()) await this.#change(choice);
    } catch (error) {
      if (isUpgraded || isFinal(error)) this.#tellOfUpgrade(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #change(choice: LaneChoice): Promise<void> {
    const former = this.#beam;
    this.#taking = this.#take(choice);
    await this.#taking;
    clearInterval(this.#upgrades);
    this.#former = former;
    this.#changed.abort(new Error('Druid has no realtime tasks any more.'));
  }

  /** Once: it is tried again every minute. */
  #tellOfUpgrade(error: unknown): void {
    const { logger, config } = this.#options;
    if (this.#hasToldOfUpgrade || this.#isClosed) return;
    this.#hasToldOfUpgrade = true;
    logger.error(`Druid was upgraded, or refuses us, and ${config.dataSource} has no lane to it: ${messageOf(error)}`);
  }

  #hasClosed(): boolean {
    return this.#isClosed;
  }

  /** What a realtime task has not taken when Druid turns out to have none any more is delivered by the next lane. */
  #redirectable<T extends Destination | Dropped>(beam: Beam, destination: T): T | Destination {
    if (this.#upgrades === undefined || this.#choice?.lane !== 'realtime' || 'reason' in destination)
      return destination;
    if (this.#last?.from === destination) return this.#last.to;
    const known = this.#redirected.get(destination);
    const to = known ?? new RedirectedDestination(destination, this.#changed.signal, () => this.#beam ?? beam);
    if (known === undefined) this.#redirected.set(destination, to);
    this.#last = { from: destination, to };
    return to;
  }

  /** As long as the realtime lane would wait for a task. */
  #deadline(): number {
    const { clock, config } = this.#options;
    const period = config.properties['druidBeam.indexRetryPeriod']?.millis ?? 0;
    return clock.now() + Math.max(leastPatience, period);
  }
}

const closedEarly = (): TranquilityError =>
  new TranquilityError('TRQ_SENDER_CLOSED', 'The sender was closed before its lane was known');

/** Keeps events until it is known where they go. */
class WaitingDestination implements Destination {
  readonly name: string;
  readonly #choose: (signal: AbortSignal) => Promise<Beam>;
  readonly #then: Beam;

  /** @param then where the events go when the choice is made. */
  constructor(name: string, choose: (signal: AbortSignal) => Promise<Beam>, then: Beam) {
    this.name = name;
    this.#choose = choose;
    this.#then = then;
  }

  async deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes> {
    try {
      signal.throwIfAborted();
      await orAborted(this.#choose(signal), signal);
      return await redeliver(rows, this.#then, signal);
    } catch (error) {
      const cause: unknown = signal.aborted ? signal.reason : error;
      if (cause instanceof TranquilityError) return failed(cause);
      const message = `Cannot find out how ${this.name}: ${messageOf(cause)}`;
      return failed(new TranquilityError('TRQ_INTERNAL', message, { cause }));
    }
  }
}

/** A destination of a lane that may come to an end. */
class RedirectedDestination implements Destination {
  readonly name: string;
  readonly #first: Destination;
  readonly #changed: AbortSignal;
  readonly #then: () => Beam;
  /** Made once: the sender's signal is always the same. */
  #either: { readonly of: AbortSignal; readonly signal: AbortSignal } | undefined;

  constructor(first: Destination, changed: AbortSignal, then: () => Beam) {
    this.name = first.name;
    this.#first = first;
    this.#changed = changed;
    this.#then = then;
  }

  async deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes> {
    if (this.#hasEnded()) return redeliver(rows, this.#then(), signal);
    const outcomes = await this.#first.deliver(rows, this.#eitherOf(signal));
    if (!this.#hasEnded() || signal.aborted || !hasFailed(outcomes)) return outcomes;
    return redeliver(rows, this.#then(), signal, outcomes);
  }

  #eitherOf(signal: AbortSignal): AbortSignal {
    if (this.#either?.of !== signal) {
      this.#either = { of: signal, signal: AbortSignal.any([signal, this.#changed]) };
      setMaxListeners(0, this.#either.signal);
    }
    return this.#either.signal;
  }

  #hasEnded(): boolean {
    return this.#changed.aborted;
  }
}

const hasFailed = (outcomes: Outcomes): boolean =>
  (isOutcomeList(outcomes) ? outcomes : [outcomes]).some(({ status }) => status === 'failed');
