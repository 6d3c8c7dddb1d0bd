import type { DataSourceConfig } from '../config/config.js';
import type { OverlordClient, Patience } from '../druid/overlord-client.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import type { Endpoint } from './endpoint.js';
import { ManagedSupervisor } from './managed-supervisor.js';
import { lostJournal, type PullAlarm } from './pull-alarm.js';
import type { OwnLogs } from './pull-station.js';
import { PullWatch } from './pull-watch.js';
import { Retention } from './retention.js';
import type { SupervisorPlan } from './supervisor-spec.js';
import type { SupervisorStatus } from './supervisor-status.js';

export interface PullSupervisionOptions {
  readonly config: DataSourceConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly overlord: OverlordClient;
  readonly endpoint: Pick<Endpoint, 'nodes' | 'reading'>;
  readonly logs: OwnLogs;
  readonly plan: SupervisorPlan;
}

/** How long the first events wait for word of the supervisor, in milliseconds, before they are taken without. */
const firstWord = 2_000;
/** How long a refusal of Druid's holds before it is asked again, in milliseconds. */
const refusalHolds = 5_000;
const parkWithin = 15_000;

/** Sees to it that Druid has a supervisor, watches how it reads, and keeps the journal no longer than it needs. */
export class PullSupervision {
  readonly #options: PullSupervisionOptions;
  readonly #supervisor: ManagedSupervisor;
  readonly #watch: PullWatch;
  readonly #closing = new AbortController();
  #ensuring: Promise<void> | undefined;
  #refusal: TranquilityError | undefined;
  /** Resolves with the first word of Druid's: that it reads, or that it will not. */
  #word = Promise.resolve();
  #isEnsured = false;
  /** That the journal of before is lost, if it is. */
  #loss: readonly PullAlarm[] = [];
  /** Until when events wait for word of the supervisor, epoch milliseconds. */
  #wordBy = 0;
  #watching: Promise<void> | undefined;
  #watchedNoMore = new AbortController();

  constructor(options: PullSupervisionOptions) {
    const { config, clock, logger, overlord, endpoint, logs, plan } = options;
    this.#options = options;
    this.#supervisor = new ManagedSupervisor(overlord, config.spec, plan, logger);
    const { millis } = config.properties['pull.supervisorPeriod'];
    const retention = new Retention(logs, logger, clock, millis);
    this.#watch = new PullWatch({
      ...{ supervisor: this.#supervisor, endpoint, logs, clock, logger },
      onStatus: async (status) => {
        await this.#goBeyond(status);
        await retention.saw(status);
      },
      // Somebody has terminated it. The next event makes it again.
      onMissing: () => {
        if (!this.#isEnsured) return;
        this.#supervisor.forget();
        this.#isEnsured = false;
        this.#ensuring = undefined;
      },
    });
  }

  /** What was wrong at the last look. */
  get alarms(): readonly PullAlarm[] {
    const found = [...this.#loss, ...this.#watch.alarms];
    return this.#refusal === undefined ? found : [{ reason: 'failing', message: this.#refusal.message }, ...found];
  }

  /** Why Druid does not read, if it will not. */
  get refusal(): TranquilityError | undefined {
    return this.#refusal;
  }

  /**
   * Whether Druid could read from us. Changes nothing.
   * @throws TRQ_OVERLORD_UNREACHABLE, TRQ_EXTENSION_MISSING, TRQ_SUPERVISOR_CONFLICT.
   */
  async check(patience: Patience): Promise<void> {
    const { readsKafka } = await this.#options.overlord.about(patience);
    if (readsKafka === false) throw noExtension();
    await this.#supervisor.check(patience);
  }

  /** Asks for the supervisor, in the background. */
  begin(): void {
    if (this.#ensuring !== undefined) return;
    this.#wordBy = this.#options.clock.now() + firstWord;
    this.#word = new Promise((resolve) => {
      this.#ensuring = this.#ensure(resolve);
    });
  }

  /**
   * Resolves when the supervisor is there, or it shows that Druid cannot be asked for now: events are kept until it can.
   * @throws why Druid will not read them.
   */
  async ready(signal: AbortSignal): Promise<void> {
    if (this.#isEnsured) return;
    const { clock } = this.#options;
    this.begin();
    const left = this.#wordBy - clock.now();
    if (this.#refusal === undefined && left > 0) {
      const waiting = new AbortController();
      const patience = clock.sleep(left, AbortSignal.any([signal, waiting.signal]));
      await Promise.race([this.#word, patience.catch(() => undefined)]);
      waiting.abort();
    }
    if (this.#refusal !== undefined) throw this.#refusal;
  }

  /** Lets Druid publish, and end its tasks. Says so where it cannot be had. */
  async park(signal: AbortSignal): Promise<void> {
    const { clock, logger, config } = this.#options;
    const patience = { clock, deadline: clock.now() + parkWithin, signal };
    try {
      // What we suspend ourselves is no alarm.
      this.#watchedNoMore.abort();
      await this.#watching;
      this.#watching = undefined;
      // Its tasks show what the journal need not keep. A short process has no other look at them.
      await this.#watch.look(signal);
      await this.#supervisor.park(patience);
      this.#isEnsured = false;
      this.#ensuring = undefined;
      while (!signal.aborted && (await this.#supervisor.hasTasks(patience))) {
        await clock.sleep(500, signal).catch(() => undefined);
      }
    } catch (error) {
      if (signal.aborted) return;
      logger.warn(`Druid reads ${config.dataSource}, but did not publish at once: ${messageOf(error)}`);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ensuring;
    await this.#watching;
  }

  #watchOn(): Promise<void> {
    this.#watchedNoMore = new AbortController();
    const signal = AbortSignal.any([this.#closing.signal, this.#watchedNoMore.signal]);
    return this.#watch.run(this.#options.config.properties['pull.supervisorPeriod'].millis, signal);
  }

  /** Asks until there is a supervisor: what refuses us may be mended. */
  async #ensure(tell: () => void): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#closing;
    const isClosed = (): boolean => signal.aborted;
    for (;;) {
      try {
        await this.#supervisor.ensure({ clock, deadline: Infinity, signal, onRetry: this.#tellOnce() });
        this.#tellLoss();
        // Where Druid stands beyond the end of a log, that shows before the next event gets an offset.
        if (this.#watching === undefined) await this.#watch.look(signal);
        this.#refusal = undefined;
        this.#isEnsured = true;
        this.#watching ??= this.#watchOn();
        tell();
        return;
      } catch (error) {
        if (isClosed()) return;
        const refusal = error instanceof TranquilityError ? error : internal(error);
        if (this.#refusal?.message !== refusal.message) logger.error(refusal.message);
        this.#refusal = refusal;
        tell();
      }
      await clock.sleep(refusalHolds, signal).catch(() => undefined);
      if (isClosed()) return;
    }
  }

  /** A log that ends below Druid's place was put back, or has lost its end. */
  async #goBeyond({ currentOffsets }: SupervisorStatus): Promise<void> {
    const { logs, logger } = this.#options;
    for (const [partition, log] of logs) {
      const place = currentOffsets.get(partition) ?? 0;
      if (place <= log.tail || !Number.isSafeInteger(place)) continue;
      await log.leapOver(place).catch((error: unknown) => logger.error(messageOf(error)));
    }
  }

  #tellLoss(): void {
    const { logger, logs } = this.#options;
    const { dataSource, replaced } = this.#supervisor;
    if (replaced === undefined || this.#loss.length > 0) return;
    const alarm = lostJournal(dataSource, replaced, logs);
    this.#loss = [alarm];
    logger.error(alarm.message, { dataSource, alarm: alarm.reason });
  }

  #tellOnce(): (error: unknown) => void {
    const { logger, config } = this.#options;
    let isTold = false;
    return (error) => {
      if (isTold) return;
      isTold = true;
      const until = 'Events are kept in the journal until it can be asked.';
      logger.warn(`Druid cannot be asked to read ${config.dataSource}: ${messageOf(error)}. ${until}`);
    };
  }
}

function noExtension(): TranquilityError {
  return new TranquilityError(
    'TRQ_EXTENSION_MISSING',
    'Druid does not read from Kafka. Add "druid-kafka-indexing-service" to druid.extensions.loadList of the overlords and of all that run tasks, and start them again.',
  );
}

function internal(cause: unknown): TranquilityError {
  return new TranquilityError('TRQ_INTERNAL', `The supervisor could not be made: ${messageOf(cause)}`, { cause });
}
