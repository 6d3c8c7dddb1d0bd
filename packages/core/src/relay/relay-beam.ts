import type { Beam, Destination, HandedOver } from '../beam/beam.js';
import type { DataSourceConfig } from '../config/config.js';
import type { Dropped } from '../event/outcome.js';
import type { RowBatch } from '../event/row-batch.js';
import type { Share } from '../journal/shares.js';
import { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import { PullDestination } from '../pull/pull-destination.js';
import type { Clock } from '../time/clock.js';
import { orAborted } from '../time/or-aborted.js';
import type { RelayLine } from './relay-line.js';
import { relaySettings } from './relay-settings.js';
import { RelayStation } from './relay-station.js';
import type { RowOutlet } from './row-outlet.js';

export interface RelayBeamOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** By which events go from the journal. Closed with this beam. */
  readonly lane: Beam;
  /** Whether events go by the lane at once, as it acknowledges none before it is on disk. It may change. */
  readonly goesPast: () => boolean;
  /** What delivers rows by the lane. */
  readonly outlet: ClosableOutlet;
}

export interface ClosableOutlet extends RowOutlet {
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  /** Lets what it has not delivered fail. */
  close(): Promise<void>;
}

/** What waits in a journal before the lane realtime. */
export interface RelayReport {
  /** The directory of the journal. */
  readonly journal: string;
  /** Events that were acknowledged, and that Druid’s tasks have not acknowledged so far. */
  readonly waiting: number;
  /** Whether it takes all events; else it is emptied only, and new ones go past it. */
  readonly takesAll: boolean;
}

/**
 * A journal before a lane whose Druid has to take events while they are there: an event is acknowledged when it is on disk, and delivered
 * from there by this process or the next.
 */
export class RelayBeam implements Beam {
  readonly #options: RelayBeamOptions;
  readonly #station: Share<RelayStation>;
  readonly #line: Share<RelayLine>;
  readonly #journal: PullDestination;

  private constructor(options: RelayBeamOptions, station: Share<RelayStation>, line: Share<RelayLine>) {
    const { config, clock, logger, outlet } = options;
    const { properties, dataSource } = config;
    this.#options = options;
    this.#station = station;
    this.#line = line;
    this.#journal = new PullDestination({
      ...{ log: line.shared.log, clock, logger },
      // Those of the sender are for what goes to Druid.
      counters: new Counters(),
      name: `${dataSource}, the journal`,
      patience: properties['druidBeam.firehoseRetryPeriod']?.millis ?? Infinity,
      ready: () => Promise.resolve(),
    });
    line.shared.join(outlet);
  }

  /**
   * Opens the journal of a dataSource, and delivers what it has.
   * @throws what `RelayStation.share` and its line throw.
   */
  static async open(options: RelayBeamOptions): Promise<RelayBeam> {
    const { config, clock, logger } = options;
    const station = await RelayStation.share(relaySettings(config.properties), clock, logger);
    try {
      return new RelayBeam(options, station, await station.shared.line(config.dataSource));
    } catch (error) {
      await station.release();
      throw error;
    }
  }

  get report(): RelayReport {
    return {
      journal: this.#station.shared.directory,
      waiting: this.#line.shared.waiting,
      takesAll: !this.#options.goesPast(),
    };
  }

  /** What keeps events from being delivered, and what is delivered from being noted or removed. */
  get troubles(): readonly string[] {
    return this.#line.shared.troubles;
  }

  connect(deadline: number, signal?: AbortSignal): Promise<void> {
    return this.#options.lane.connect(deadline, signal);
  }

  route(event: unknown): Destination | Dropped {
    return this.#before(this.#options.lane.route(event));
  }

  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped {
    return this.#before(this.#options.lane.routeRow(row, timestamp));
  }

  write(rows: RowBatch): Dropped | undefined {
    return this.#options.lane.write(rows);
  }

  /** Waits until the lane has all, and then until Druid has what the lane keeps. Where another goes on with the journal, it has the rest. */
  async handOver(until: HandedOver, signal: AbortSignal): Promise<number> {
    const { outlet, lane } = this.#options;
    const line = this.#line.shared;
    while (!signal.aborted && line.waiting > 0 && !line.hasOtherThan(outlet)) await line.changed(signal);
    const isLast = !line.hasOtherThan(outlet);
    line.leave(outlet);
    await orAborted(outlet.settled(), signal).catch(() => undefined);
    return (isLast ? line.waiting : 0) + ((await lane.handOver?.(until, signal)) ?? 0);
  }

  async close(): Promise<void> {
    const { outlet, lane } = this.#options;
    this.#line.shared.leave(outlet);
    await outlet.close();
    await this.#line.release();
    await this.#station.release();
    await lane.close();
  }

  #before(destination: Destination | Dropped): Destination | Dropped {
    return 'reason' in destination || this.#options.goesPast() ? destination : this.#journal;
  }
}
