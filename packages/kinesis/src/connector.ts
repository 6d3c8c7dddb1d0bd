import { EventEmitter } from 'node:events';
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import {
  describeStop,
  Destinations,
  Routes,
  StreamTally,
  timeLimit,
  type Route,
  type StoppedFault,
} from '@tranquility-js/connect';
import { silentLogger, TranquilityError, type Logger, type SenderTarget } from '@tranquility-js/core';
import { systemClock } from '@tranquility-js/core/internal';
import { kinesisClient, type AwsHooks } from './aws/clients.js';
import { describe, kindOf, sentenceOf, type ErrorKind } from './aws/error-kind.js';
import { kinesisProblem } from './aws/problems.js';
import { leaseTable, takenTable } from './config/lease-table.js';
import { readKinesisPlan, type KinesisPlan } from './config/read-plan.js';
import type { KinesisCounters } from './counters.js';
import { DeadLetterStream } from './dead-letter-stream.js';
import { leaseStores, type LeaseStores } from './leases/lease-stores.js';
import type { Start } from './leases/shard-sync.js';
import type { Position } from './position.js';
import type { ReadShard } from './source/batch.js';
import { fanOut } from './source/fan-out.js';
import { isAborted, Patience, waited, whileThrottled } from './source/patience.js';
import { polling } from './source/polling.js';
import { StreamApi } from './source/stream-api.js';
import { StagedCheckpoints } from './staging/staged-checkpoints.js';
import { Turns } from './staging/turns.js';
import { StreamGroup, type StreamGroupOptions } from './stream-group.js';
import type { KinesisTrouble } from './trouble.js';

/** How long events may wait to be shown where Druid sees them only once their place is written down, in milliseconds. */
const longestStage = 1_000;

export interface KinesisConnectorOptions
  extends AwsHooks, Pick<SenderTarget, 'clock' | 'authorize' | 'rewriteAddress'> {
  /** The path of a Tranquility config file, or an object of the same form. */
  readonly config: string | object;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Default: silent. Warnings of the config go here too. */
  readonly logger?: Logger;
}

/** How a connector ended. */
export interface KinesisCloseReport extends KinesisCounters {
  /** Whether all that was read has its outcome. What has none is read again by whoever comes next. */
  readonly drained: boolean;
}

/** What a connector emits. */
export interface KinesisEvents {
  /** These shards of a stream are ours, and no others. */
  assigned: [stream: string, shards: readonly string[]];
  /** A shard's place was written down. */
  checkpoint: [stream: string, shard: string, position: string];
  /** Something is not as it should be, and the connector goes on. */
  trouble: [trouble: KinesisTrouble];
  /** A shard stands still, as its dataSource's owner wishes. */
  stopped: [fault: StoppedFault];
  /** The connector cannot go on: it has closed, with this as its `error`. */
  fatal: [error: TranquilityError];
}

/** A stream that can be read. */
interface Found {
  readonly created: number;
  readonly route: Route;
}

/** A stream that is read. */
interface Opened {
  readonly group: StreamGroup;
  readonly created: number;
  /** The name of its ledger. */
  readonly ledger: string;
}

/**
 * Makes a connector; nothing is connected before `start`.
 * @throws (as a rejection) TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID, TRQ_KINESIS_MISSING.
 */
export async function createKinesisConnector(options: KinesisConnectorOptions): Promise<KinesisConnector> {
  const { logger = silentLogger } = options;
  const plan = await readKinesisPlan(options.config, options.properties);
  for (const warning of plan.config.warnings) logger.warn(warning);
  const client = await kinesisClient(plan.client, options);
  return new KinesisConnector(plan, client, await leaseStores(plan.client, options, logger), options);
}

/**
 * Brings streams to dataSources: shares their shards with others by leases, reads, sends, and writes down only what has its outcome. Each
 * shard goes its own way: one whose dataSource is stuck holds up no other.
 */
export class KinesisConnector extends EventEmitter<KinesisEvents> implements AsyncDisposable {
  readonly #plan: KinesisPlan;
  readonly #logger: Logger;
  readonly #client: KinesisClient;
  readonly #api: StreamApi;
  readonly #read: ReadShard;
  readonly #stores: LeaseStores;
  readonly #routes: Routes;
  readonly #letters: DeadLetterStream;
  readonly #destinations: Destinations<Position>;
  readonly #turns: Turns;
  readonly #groups = new Map<string, Opened>();
  readonly #tallies = new Map<string, StreamTally>();
  readonly #stopping = new AbortController();
  readonly #me = `${hostname()}-${process.pid}-${randomUUID()}`;
  readonly #startedAt = Date.now();
  #looking: Promise<void> = Promise.resolve();
  #error: TranquilityError | undefined;
  #closing: Promise<KinesisCloseReport> | undefined;
  #trouble: string | undefined;
  /** Why streams cannot be opened, by their names. */
  #unopened: ReadonlyMap<string, string> = new Map();

  /** @internal Use {@link createKinesisConnector}. */
  constructor(plan: KinesisPlan, client: KinesisClient, stores: LeaseStores, options: KinesisConnectorOptions) {
    super();
    const { logger = silentLogger, clock, authorize, rewriteAddress } = options;
    const { client: values } = plan;
    this.#plan = plan;
    this.#logger = logger;
    this.#client = client;
    this.#api = new StreamApi(client, values['kinesis.account']);
    this.#stores = stores;
    this.#read = readerFor(this.#api, plan);
    this.#routes = new Routes(plan.routes);
    const letterStream = (dataSource = ''): string | undefined =>
      plan.properties.get(dataSource)?.['deadLetter.stream'];
    this.#letters = new DeadLetterStream(this.#api, (stream) => letterStream(this.#routes.of(stream)?.dataSource));
    this.#destinations = new Destinations<Position>({
      config: plan.config,
      overrides: plan.overrides,
      properties: plan.properties,
      logger,
      target: { ...(clock === undefined ? {} : { clock }), authorize, rewriteAddress },
      staged: true,
      hasLetters: (dataSource) => letterStream(dataSource) !== undefined,
    });
    const checkpoints = new StagedCheckpoints({
      stagings: () => this.#destinations.stagings,
      ledger: (stream, table) => stores.of(stream, table),
      flushed: () => this.#destinations.flushed(),
      clock: systemClock,
      onTrouble: (stream, message) => this.#warn({ kind: 'disconnected', message, stream }),
    });
    this.#turns = new Turns({
      checkpoints,
      clock: systemClock,
      periodMillis: Math.min(values['checkpoint.periodMillis'], longestStage),
      onFatal: (error) => void this.#fatal(error),
    });
  }

  /**
   * Finds the streams, and begins to read all of them.
   * @throws (as a rejection) TRQ_KINESIS_UNREACHABLE, TRQ_KINESIS_REFUSED, TRQ_LEASES_UNREACHABLE, TRQ_LEASES_REFUSED.
   */
  async start(): Promise<void> {
    const { 'kinesis.start': beginning, 'kinesis.syncMillis': syncMillis } = this.#plan.client;
    const start: Start =
      beginning === 'TRIM_HORIZON'
        ? beginning
        : beginning === 'LATEST'
          ? { from: 'LATEST', timestamp: this.#startedAt }
          : { from: 'AT_TIMESTAMP', timestamp: beginning.timestamp };
    const look = this.#look(start);
    // Whoever closes us meanwhile waits for it, and closes what it has opened.
    this.#looking = settled(look);
    try {
      const [first] = await look;
      if (first !== undefined) throw problemOf(`the stream ${first[0]}`, first[1]);
    } catch (error) {
      const isClosing = this.#stopping.signal.aborted;
      await this.close({ timeout: 0 });
      if (isClosing) return;
      throw problemOf('its streams', error);
    }
    this.#looking = this.#lookOn(syncMillis);
  }

  /** Writes down the places up to which all records have their outcome. @returns whether all of that is written. */
  async checkpoint(): Promise<boolean> {
    const done = await Promise.all([...this.#groups.values()].map(({ group }) => group.checkpoint()));
    return done.every(Boolean);
  }

  get counters(): KinesisCounters {
    const groups = [...this.#groups];
    return {
      streams: Object.fromEntries([...this.#tallies].map(([stream, tally]) => [stream, tally.snapshot()])),
      leases: Object.fromEntries(groups.map(([stream, { group }]) => [stream, { ...group.tally }])),
      dataSources: Object.fromEntries(this.#destinations.counters),
      shards: groups.flatMap(([, { group }]) => group.shards),
    };
  }

  /** By which lane each dataSource gets its events, as far as is known. */
  get lanes(): ReadonlyMap<string, string> {
    return this.#destinations.lanes;
  }

  /** What keeps it from being all as it should be, in sentences; nothing when it is. */
  get reasons(): string[] {
    const groups = [...this.#groups.values()].flatMap(({ group }) => group.reasons);
    return [
      ...(this.#trouble === undefined ? [] : [this.#trouble]),
      ...this.#unopened.values(),
      ...this.#turns.reasons,
      ...groups,
    ];
  }

  /** Why it ended by itself, if it did. */
  get error(): TranquilityError | undefined {
    return this.#error;
  }

  /**
   * Settles what was read and writes it down, within the time, in milliseconds; gives the shards up to others, and closes all.
   * @param options.timeout default 30 s.
   * @param options.signal aborts when there is no more time, be it not over yet.
   */
  close({
    timeout = 30_000,
    signal,
  }: { readonly timeout?: number; readonly signal?: AbortSignal } = {}): Promise<KinesisCloseReport> {
    return (this.#closing ??= this.#close(timeout, signal));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeout: number, now?: AbortSignal): Promise<KinesisCloseReport> {
    const signal = timeLimit(timeout, now);
    this.#stopping.abort();
    await this.#looking;
    const { shards } = this.counters;
    const drained = await Promise.all([...this.#groups.values()].map(({ group }) => group.close(signal)));
    await this.#turns.close();
    const report = { ...this.counters, shards, drained: drained.every(Boolean) };
    await this.#destinations.close(0);
    await this.#stores.close();
    this.#client.destroy();
    return report;
  }

  async #lookOn(millis: number): Promise<void> {
    const { signal } = this.#stopping;
    for (await waited(systemClock, millis, signal); !signal.aborted; await waited(systemClock, millis, signal)) {
      try {
        this.#tellUnopened(await this.#look('TRIM_HORIZON'));
      } catch (error) {
        if (isAborted(signal)) return;
        const message = `Streams cannot be looked for: ${sentenceOf(error)} It is tried again.`;
        this.#tell({ kind: troubleKind(error), message });
      }
    }
  }

  /**
   * Opens streams that have come, and closes those that are gone. One that cannot be opened holds up no other.
   * @returns why streams could not be opened, by their names, the first of them first.
   */
  async #look(start: Start): Promise<ReadonlyMap<string, unknown>> {
    const { signal } = this.#stopping;
    const failed = new Map<string, unknown>();
    const found = await this.#find(failed);
    for (const [stream, { group, created }] of this.#groups) {
      const isThere = found.get(stream)?.created === created || failed.has(stream);
      if (isThere && !group.isOutdated) continue;
      this.#groups.delete(stream);
      await group.close(AbortSignal.abort());
      if (!isThere) this.#tell({ kind: 'deleted', message: `The stream ${stream} was deleted.`, stream });
    }
    const taken = new Map([...this.#groups].map(([stream, { ledger }]) => [ledger, stream]));
    for (const [stream, { created, route }] of found) {
      if (this.#groups.has(stream) || signal.aborted) continue;
      const table = leaseTable(this.#plan, route.dataSource, stream);
      const ledger = this.#stores.nameOf(stream, table);
      const other = taken.get(ledger);
      if (other !== undefined) {
        failed.set(
          stream,
          new TranquilityError('TRQ_LEASES_REFUSED', takenTable(stream, other, ledger), { details: { table, other } }),
        );
        continue;
      }
      // Also if it cannot be opened just now: another process may have opened it.
      taken.set(ledger, stream);
      const group = this.#group({ stream, created, route, table, start });
      try {
        await whileThrottled(() => group.open(signal), new Patience(systemClock, this.#throttled), signal);
        this.#groups.set(stream, { group, created, ledger });
      } catch (error) {
        if (isAborted(signal)) throw error;
        failed.set(stream, error);
      }
    }
    if (this.#groups.size + failed.size > 0) {
      this.#trouble = undefined;
    } else {
      const region = await this.#client.config.region();
      const patterns = this.#plan.routes.map(({ pattern }) => pattern.source).join(', ');
      const message = `No stream of the region ${region} matches ${patterns}. Check streamPattern, kinesis.region and the account; streams that are made later are found.`;
      this.#tell({ kind: 'no-streams', message });
    }
    return failed;
  }

  /**
   * The streams that are ours and can be read.
   * @param failed gets why streams may not be asked about, by their names.
   */
  async #find(failed: Map<string, unknown>): Promise<Map<string, Found>> {
    const found = new Map<string, Found>();
    const { signal } = this.#stopping;
    // Kinesis describes twenty streams a second, to all who ask for our account.
    const patience = new Patience(systemClock, this.#throttled);
    const names = this.#plan.names ?? (await whileThrottled(() => this.#api.streams(signal), patience, signal));
    for (const stream of names) {
      const route = this.#routes.of(stream);
      if (route === undefined) continue;
      try {
        const { created, isReady } = await whileThrottled(() => this.#api.stream(stream, signal), patience, signal);
        patience.reset();
        if (isReady) found.set(stream, { created, route });
      } catch (error) {
        const kind = kindOf(error);
        if (kind === 'refused' && !isAborted(signal)) failed.set(stream, error);
        else if (kind !== 'gone') throw error;
      }
    }
    return found;
  }

  #group(given: Pick<StreamGroupOptions, 'stream' | 'created' | 'route' | 'table' | 'start'>): StreamGroup {
    const { client: values } = this.#plan;
    const { stream, table } = given;
    return new StreamGroup({
      ...{ ...given, me: this.#me, read: this.#read },
      destinations: this.#destinations,
      letters: this.#letters,
      tally: this.#tallyOf(stream),
      ...{ store: this.#stores.of(stream, table), turns: this.#turns },
      shards: (signal) => this.#api.shards(stream, signal),
      failoverMillis: values['kinesis.leases.failoverMillis'],
      syncMillis: values['kinesis.syncMillis'],
      checkpointMillis: values['checkpoint.periodMillis'],
      checkpointRecords: values['checkpoint.records'],
      maxLeases: values['kinesis.leases.max'],
      maxWaitingBytes: values['kinesis.max.waiting.bytes'],
      maxInflatedBytes: values['kinesis.max.inflated.bytes'],
      onTrouble: (trouble) => this.#warn(trouble),
      onAssigned: (...assigned) => this.emit('assigned', ...assigned),
      onCheckpoint: (...written) => this.emit('checkpoint', ...written),
      onStopped: (fault) => {
        this.#logger.error(describeStop(fault));
        this.emit('stopped', fault);
      },
      onFatal: (error) => void this.#fatal(error),
    });
  }

  #tallyOf(stream: string): StreamTally {
    let tally = this.#tallies.get(stream);
    if (tally === undefined) this.#tallies.set(stream, (tally = new StreamTally()));
    return tally;
  }

  readonly #throttled = (_: ErrorKind, error: unknown): void => {
    this.#tell({ kind: 'throttled', message: `Streams are found slowly: ${describe(error)}. It is tried again.` });
  };

  /** What lasts is told once. */
  #tell(trouble: KinesisTrouble): void {
    if (this.#trouble === trouble.message) return;
    if (trouble.kind !== 'deleted') this.#trouble = trouble.message;
    this.#warn(trouble);
  }

  /** Each reason is told once. */
  #tellUnopened(failed: ReadonlyMap<string, unknown>): void {
    const before = this.#unopened;
    const unopened = new Map<string, string>();
    for (const [stream, error] of failed) {
      const message = `${stream}: ${sentenceOf(error)} It is tried again.`;
      unopened.set(stream, message);
      if (before.get(stream) !== message) this.#warn({ kind: troubleKind(error), message, stream });
    }
    this.#unopened = unopened;
  }

  #warn(trouble: KinesisTrouble): void {
    this.#logger.warn(trouble.message);
    this.emit('trouble', trouble);
  }

  async #fatal(error: TranquilityError): Promise<void> {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#logger.error(error.message, { code: error.code });
    await this.close({ timeout: 0 }).catch(() => undefined);
    this.emit('fatal', error);
  }
}

const problemOf = (what: string, error: unknown): TranquilityError =>
  error instanceof TranquilityError ? error : kinesisProblem(what, error);

const troubleKind = (error: unknown): KinesisTrouble['kind'] =>
  kindOf(error) === 'refused' ? 'refused' : 'disconnected';

/** Resolves when it is over, however it ends. */
const settled = (work: Promise<unknown>): Promise<void> =>
  work.then(
    () => undefined,
    () => undefined,
  );

function readerFor(api: StreamApi, { client: values }: KinesisPlan): ReadShard {
  if (values['kinesis.read'] === 'fan-out') {
    return fanOut({
      api,
      clock: systemClock,
      consumer: values['kinesis.fanOut.consumer'],
      lookMillis: values['kinesis.syncMillis'],
    });
  }
  return polling({
    api,
    clock: systemClock,
    limit: values['kinesis.poll.limit'],
    intervalMillis: values['kinesis.poll.intervalMillis'],
    idleMillis: values['kinesis.poll.idleMillis'],
  });
}
