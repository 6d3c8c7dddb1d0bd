import { createHash } from 'node:crypto';
import {
  messageOf,
  TranquilityError,
  type Clock,
  type Config,
  type CounterSnapshot,
  type DataSourceConfig,
  type DropReason,
  type Logger,
  type LaneReport,
  type Sender,
} from '@tranquility-js/core';
import { Secret, senderFor, sumOfCounters, timerMillis } from '@tranquility-js/core/internal';

/** How long a sender that another has taken over from may take to send what it has. */
const patienceMillis = 600_000;

/** What is needed to make senders. */
export interface SenderSurroundings {
  readonly logger: Logger;
  readonly clock?: Clock;
}

interface Entry {
  readonly config: DataSourceConfig;
  /** Tells whether the config has changed. */
  readonly print: string;
  readonly sender: Sender;
  /** Since when the config holds, in epoch milliseconds. */
  readonly since: number;
}

/** An event that was answered for, and is dropped when it comes out of the journal. */
export interface LateDrop {
  readonly dataSource: string;
  readonly reason: DropReason;
  readonly message: string;
  readonly event: unknown;
}

/** A dataSource while the server runs. */
export interface DataSourceState {
  readonly config: DataSourceConfig;
  /** Since when its config holds, in epoch milliseconds. */
  readonly since: number;
  /** How its events get into Druid; undefined until that is known. */
  readonly lane: LaneReport | undefined;
  /** Since the process started, whatever the config was. */
  readonly counters: CounterSnapshot;
}

/** What is left of a sender that a new one has taken over from. */
interface Former {
  /** The sender's own while it closes, then its last ones. */
  counters: () => CounterSnapshot;
  /** Whether all that it had was sent; so far as is known. */
  isDrained: boolean;
}

/** What closing left. */
export interface ClosedSender {
  readonly dataSource: string;
  readonly drained: boolean;
  readonly counters: CounterSnapshot;
}

/** A sender for each dataSource of a config. A new config takes over while they run. */
export class Senders {
  readonly #surroundings: SenderSurroundings;
  #entries = new Map<string, Entry>();
  #warnings: readonly string[] = [];
  #isClosed = false;
  /** Those that came before anybody was there to be told. */
  readonly #untold: LateDrop[] = [];
  #onDropped: (drop: LateDrop) => void = (drop) => void this.#untold.push(drop);
  /** Senders that a new one has taken over from, or that are gone, by dataSource. */
  readonly #former = new Map<string, Former[]>();
  readonly #leaving = new Set<Promise<void>>();
  /** Ends the patience with those that leave. */
  readonly #hurry = new AbortController();

  private constructor(surroundings: SenderSurroundings) {
    this.#surroundings = surroundings;
  }

  /** @throws TRQ_CONFIG_INVALID for files that the config names. */
  static async open(config: Config, surroundings: SenderSurroundings): Promise<Senders> {
    const senders = new Senders(surroundings);
    await senders.reload(config);
    return senders;
  }

  /** The sender of a dataSource. Ask again each time that there is something to send: another may have taken over. */
  get(dataSource: string): Sender | undefined {
    return this.#entries.get(dataSource)?.sender;
  }

  /** Whether who writes to a sender that is full is to wait, rather than to be refused (`tranquility.blockOnFull`). */
  waits({ dataSource }: Sender): boolean {
    return this.#entries.get(dataSource)?.config.properties['tranquility.blockOnFull'] !== false;
  }

  /** What is allowed but likely a mistake in the config that holds, and why a newer one does not. */
  get warnings(): readonly string[] {
    return this.#warnings;
  }

  /** Says who is told about events that were answered for and are dropped when they come out of the journal (`realtime.journal`). */
  onDropped(listener: (drop: LateDrop) => void): void {
    this.#onDropped = listener;
    for (const drop of this.#untold.splice(0)) listener(drop);
  }

  /** Notes why a config was not taken over. */
  warn(message: string): void {
    this.#warnings = [...new Set([...this.#warnings, message])];
  }

  get configs(): readonly DataSourceConfig[] {
    return [...this.#entries.values()].map(({ config }) => config);
  }

  get all(): readonly DataSourceState[] {
    return [...this.#entries.values()].map(({ config, since, sender }) => ({
      config,
      since,
      lane: sender.lane,
      counters: this.#sum(config.dataSource, sender.counters),
    }));
  }

  /**
   * Takes over a new config: a dataSource that has changed gets a new sender, and the old one sends what it has. Tasks that run keep their
   * schema; those of the next segment have the new one.
   * @returns the dataSources that are new, have changed, or are gone.
   * @throws TRQ_CONFIG_INVALID, TRQ_SENDER_CLOSED; then all is as it was.
   */
  async reload(config: Config): Promise<readonly string[]> {
    const entries = await this.#entriesOf(config);
    const old = [...this.#entries].filter(([dataSource, entry]) => entries.get(dataSource) !== entry);
    const changed = [...entries].filter(([dataSource, entry]) => this.#entries.get(dataSource) !== entry);
    this.#entries = entries;
    this.#warnings = config.warnings;
    for (const [dataSource, entry] of old) this.#retire(dataSource, entry);
    return [...new Set([...old, ...changed].map(([dataSource]) => dataSource))];
  }

  /**
   * Those that are the same, and new ones.
   * @throws what making a sender throws; TRQ_SENDER_CLOSED when all are closed meanwhile. Those that were made are closed then.
   */
  async #entriesOf(config: Config): Promise<Map<string, Entry>> {
    const since = this.#surroundings.clock?.now() ?? Date.now();
    const entries = new Map<string, Entry>();
    const made: Sender[] = [];
    try {
      for (const [dataSource, one] of config.dataSources) {
        const before = this.#entries.get(dataSource);
        const print = fingerprint(one);
        if (before?.print === print) entries.set(dataSource, before);
        else {
          const sender = await this.#senderOf(one);
          made.push(sender);
          entries.set(dataSource, { config: one, print, since, sender });
        }
      }
      if (this.#isClosed) throw new TranquilityError('TRQ_SENDER_CLOSED', 'The server stops, and reads no config');
    } catch (error) {
      await Promise.allSettled(made.map((sender) => sender.close({ timeout: 0, until: 'accepted' })));
      throw error;
    }
    return entries;
  }

  #senderOf(config: DataSourceConfig): Promise<Sender> {
    const { dataSource } = config;
    return senderFor(config, {
      ...this.#surroundings,
      onUndelivered: (event, outcome, wasAcknowledged) => {
        if (!wasAcknowledged || outcome.status !== 'dropped') return;
        const { reason, message } = outcome;
        this.#onDropped({ dataSource, reason, message, event });
      },
    });
  }

  /** Sends what there is and closes every sender. What those before it left counts as left, too. */
  async close(timeout: number, signal: AbortSignal): Promise<readonly ClosedSender[]> {
    this.#isClosed = true;
    const hurry = (): void => this.#hurry.abort();
    const timer = setTimeout(hurry, timerMillis(timeout));
    if (signal.aborted) hurry();
    else signal.addEventListener('abort', hurry, { once: true });
    const closing = Promise.all(
      [...this.#entries].map(async ([dataSource, { sender }]) => {
        const { drained, ...counters } = await sender.close({ timeout, signal });
        return { dataSource, drained, counters };
      }),
    );
    try {
      await Promise.all(this.#leaving);
      return this.#withFormer(await closing);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', hurry);
    }
  }

  #withFormer(closed: readonly ClosedSender[]): readonly ClosedSender[] {
    const drained = new Map(closed.map((one) => [one.dataSource, one.drained]));
    const counters = new Map(closed.map((one) => [one.dataSource, one.counters]));
    return [...new Set([...drained.keys(), ...this.#former.keys()])].map((dataSource) => ({
      dataSource,
      drained: drained.get(dataSource) !== false && (this.#former.get(dataSource) ?? []).every((one) => one.isDrained),
      counters: this.#sum(dataSource, counters.get(dataSource)),
    }));
  }

  /** What all senders of a dataSource counted. */
  #sum(dataSource: string, last?: CounterSnapshot): CounterSnapshot {
    const former = (this.#former.get(dataSource) ?? []).map(({ counters }) => counters());
    return [...former, ...(last === undefined ? [] : [last])].reduce((one, other) => sumOfCounters(one, other));
  }

  #retire(dataSource: string, { sender }: Entry): void {
    const former: Former = { counters: () => sender.counters, isDrained: false };
    this.#former.set(dataSource, [...(this.#former.get(dataSource) ?? []), former]);
    const leaving = this.#leave(dataSource, sender, former);
    this.#leaving.add(leaving);
    void leaving.then(() => this.#leaving.delete(leaving));
  }

  async #leave(dataSource: string, sender: Sender, former: Former): Promise<void> {
    const { logger } = this.#surroundings;
    try {
      const { drained } = await sender.close({ timeout: patienceMillis, signal: this.#hurry.signal });
      former.isDrained = drained;
      if (!drained) logger.warn(`${dataSource}: events of the former config were not delivered`);
    } catch (error) {
      logger.warn(`${dataSource}: the former sender did not close: ${messageOf(error)}`);
    } finally {
      const last = sender.counters;
      former.counters = () => last;
    }
  }
}

/** Of all that the config says, secrets included. */
function fingerprint(config: DataSourceConfig): string {
  const text = JSON.stringify(config, function (this: Record<string, unknown>, key, value: unknown) {
    const given = this[key];
    return given instanceof Secret ? (given.reveal() as unknown) : value;
  });
  return createHash('sha256').update(text).digest('hex');
}
