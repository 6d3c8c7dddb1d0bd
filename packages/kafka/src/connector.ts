import { EventEmitter } from 'node:events';
import { describeStop, Destinations, Routes, timeLimit, within, type StoppedFault } from '@tranquility-js/connect';
import { messageOf, silentLogger, TranquilityError, type Logger, type SenderTarget } from '@tranquility-js/core';
import type { KafkaConfig } from 'kafkajs';
import { clientConfig, type KafkaHooks } from './config/client-config.js';
import { openDecoders, type Decoders } from './config/decoders.js';
import { thirdOf } from './config/third-of.js';
import { readKafkaPlan, type KafkaPlan } from './config/read-plan.js';
import type { KafkaCloseReport, KafkaCounters, PartitionStatus } from './counters.js';
import { DeadLetterTopic } from './dead-letter-topic.js';
import { Shares } from './shares.js';
import { StagedCommits } from './staged-commits.js';
import { Steady } from './steady.js';
import { KafkaSource } from './source/kafka-source.js';
import type { Assigned, SourceListener, SourceTrouble } from './source/source.js';

/** How long events may wait to be committed where Druid sees them only then, in milliseconds. */
const longestStage = 1_000;

/** How long what is settled may take to be committed when the time is up, in milliseconds. */
const commitGrace = 1_000;

/** From so many attempts on it is told that events cannot be shown. */
const manyAttempts = 3;

export interface KafkaConnectorOptions
  extends KafkaHooks, Pick<SenderTarget, 'clock' | 'authorize' | 'rewriteAddress'> {
  /** The path of a Tranquility config file, or an object of the same form. */
  readonly config: string | object;
  /** Properties that win over those of the config, by name. */
  readonly properties?: Readonly<Record<string, unknown>>;
  /** Default: silent. Warnings of the config go here too. */
  readonly logger?: Logger;
}

/** What a connector emits. */
export interface KafkaEvents {
  /** These partitions are ours, and no others. */
  assigned: [partitions: readonly Assigned[]];
  /** All partitions were given up, settled and committed as far as they could be. */
  revoked: [];
  /** These places were committed. */
  committed: [positions: readonly Assigned[]];
  /** Something is not as it should be, and the connector goes on. */
  trouble: [trouble: SourceTrouble];
  /** A partition stands still, as its dataSource's owner wishes. */
  stopped: [fault: StoppedFault];
  /** The connector cannot go on: it has closed, with this as the error of `finished`. */
  fatal: [error: TranquilityError];
}

/**
 * Makes a connector; nothing is connected before `start`.
 * @throws (as a rejection) TRQ_CONFIG_UNREADABLE, TRQ_CONFIG_SYNTAX, TRQ_CONFIG_INVALID.
 */
export async function createKafkaConnector(options: KafkaConnectorOptions): Promise<KafkaConnector> {
  const { logger = silentLogger } = options;
  const plan = await readKafkaPlan(options.config, options.properties, options);
  for (const warning of plan.config.warnings) logger.warn(warning);
  const config = await clientConfig(plan.client, options);
  return new KafkaConnector(plan, config, await openDecoders(plan.properties), options);
}

/**
 * Brings topics to dataSources: reads, sends, and commits only what has its outcome. Each partition goes its own way: one whose dataSource
 * is stuck holds up no other.
 */
export class KafkaConnector extends EventEmitter<KafkaEvents> implements AsyncDisposable {
  readonly #plan: KafkaPlan;
  readonly #logger: Logger;
  readonly #decoders: Decoders;
  readonly #source: KafkaSource;
  readonly #letters: DeadLetterTopic;
  readonly #destinations: Destinations<number>;
  readonly #shares: Shares;
  readonly #staged: StagedCommits;
  #commitsSteadily: Steady | undefined;
  /** What concerns places: one at a time, as what one has staged is not yet committed. */
  #turn: Promise<unknown> = Promise.resolve();
  #commits = 0;
  #failedCommits = 0;
  #rebalances = 0;
  #lost = 0;
  #drained = true;
  #error: TranquilityError | undefined;
  #closing: Promise<KafkaCloseReport> | undefined;
  #trouble: string | undefined;
  /** The attempts in a row that found something under way, and of which partitions. */
  #attempts = 0;
  #restless: readonly string[] = [];
  /** What was ours when it was given up, for the report. */
  #left: readonly PartitionStatus[] = [];

  /** @internal Use {@link createKafkaConnector}. */
  constructor(plan: KafkaPlan, config: Omit<KafkaConfig, 'retry'>, decoders: Decoders, options: KafkaConnectorOptions) {
    super();
    const { logger = silentLogger, clock, authorize, rewriteAddress } = options;
    const routes = new Routes(plan.routes);
    this.#plan = plan;
    this.#decoders = decoders;
    this.#logger = logger;
    this.#source = new KafkaSource({
      config,
      client: plan.client,
      logger,
      wants: (topic) => routes.of(topic) !== undefined,
      listener: this.#listener(),
    });
    const letterTopic = (dataSource = ''): string | undefined => plan.properties.get(dataSource)?.['deadLetter.topic'];
    this.#letters = new DeadLetterTopic(this.#source.kafka, (topic) => letterTopic(routes.of(topic)?.dataSource));
    this.#destinations = new Destinations<number>({
      config: plan.config,
      overrides: plan.overrides,
      properties: plan.properties,
      logger,
      target: { ...(clock === undefined ? {} : { clock }), authorize, rewriteAddress },
      decoderOf: (dataSource) => decoders.of.get(dataSource),
      staged: true,
      hasLetters: (dataSource) => letterTopic(dataSource) !== undefined,
    });
    this.#staged = new StagedCommits({ source: this.#source, stagings: () => this.#destinations.stagings });
    this.#shares = new Shares({
      routes,
      destinations: this.#destinations,
      letters: this.#letters,
      maxWaitingBytes: plan.client['kafka.max.waiting.bytes'],
      pause: (topic, partition) => {
        this.#source.pause(topic, partition);
      },
      resume: (topic, partition) => {
        this.#source.resume(topic, partition);
      },
      onStopped: (fault) => {
        this.#stopped(fault);
      },
      onFatal: (error) => {
        this.#fatal(error);
      },
    });
  }

  /**
   * Connects to Kafka and begins to read, unless it is closed meanwhile.
   * @throws (as a rejection) TRQ_KAFKA_UNREACHABLE, TRQ_KAFKA_REFUSED.
   */
  async start(): Promise<void> {
    await this.#source.open();
    if (this.#closing !== undefined) return;
    const period = this.#plan.client['commit.periodMillis'];
    this.#commitsSteadily = new Steady({
      every: Math.min(period, longestStage),
      isDue: (since) => this.#staged.isNeeded || since >= period,
      work: () => this.commit(),
    });
  }

  /** Fetches nothing more until `resume`; what was fetched is sent and committed, and partitions stay ours. */
  pause(): void {
    this.#source.hold(true);
  }

  resume(): void {
    this.#source.hold(false);
  }

  /**
   * Commits the places up to which all records have their outcome. Happens by itself each `commit.periodMillis`, and before partitions are
   * given up.
   * @returns whether there was nothing to commit, or it is committed.
   */
  async commit(): Promise<boolean> {
    try {
      return await this.#inTurn(() => this.#commit());
    } catch (error) {
      if (!(error instanceof TranquilityError) || !error.retryable) this.#broke(error);
      else this.#tell({ kind: 'commit', message: `Places could not be committed: ${error.message}` });
      this.#failedCommits++;
      return false;
    }
  }

  get counters(): KafkaCounters {
    return {
      topics: Object.fromEntries([...this.#shares.tallies].map(([topic, tally]) => [topic, tally.snapshot()])),
      dataSources: Object.fromEntries(this.#destinations.counters),
      partitions: this.#shares.status.map((one) => this.#withBroken(one)),
      commits: this.#commits,
      failedCommits: this.#failedCommits,
      rebalances: this.#rebalances,
      lost: this.#lost,
    };
  }

  /** By which lane each dataSource gets its events, as far as is known. */
  get lanes(): ReadonlyMap<string, string> {
    return this.#destinations.lanes;
  }

  /** What keeps it from being all as it should be, in sentences; nothing when it is. */
  get reasons(): string[] {
    const waiting =
      this.#attempts < manyAttempts
        ? []
        : [
            `Nothing more can be shown to Druid: of ${this.#restless.join('; ')}, events that were sent have no outcome. The log says what they wait for.`,
          ];
    const broken = this.#source.broken.map(({ message }) => message);
    return [...(this.#trouble === undefined ? [] : [this.#trouble]), ...waiting, ...broken, ...this.#shares.reasons];
  }

  #withBroken(status: PartitionStatus): PartitionStatus {
    const { topic, partition } = status;
    const broken = this.#source.broken.find((one) => one.topic === topic && one.partition === partition);
    return broken === undefined ? status : { ...status, broken: broken.message };
  }

  /** Why it ended by itself, if it did. */
  get error(): TranquilityError | undefined {
    return this.#error;
  }

  /**
   * Settles and commits what can be within the time, in milliseconds, leaves the group, and closes all. A commit has a second more.
   * @param options.timeout default 30 s.
   * @param options.signal aborts when there is no more time, be it not over yet.
   */
  close({
    timeout = 30_000,
    signal,
  }: { readonly timeout?: number; readonly signal?: AbortSignal } = {}): Promise<KafkaCloseReport> {
    return (this.#closing ??= this.#close(timeout, timeLimit(timeout, signal)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeout: number, limit: AbortSignal): Promise<KafkaCloseReport> {
    this.#commitsSteadily?.stop();
    this.#left = this.counters.partitions;
    const deadline = performance.now() + timeout;
    try {
      await this.#source.close(limit);
      return { ...this.counters, partitions: this.#left, drained: this.#drained };
    } finally {
      this.#shares.drop();
      await this.#letGo(limit.aborted ? 0 : Math.max(0, deadline - performance.now()));
    }
  }

  async #letGo(timeout: number): Promise<void> {
    try {
      await this.#destinations.close(timeout);
    } finally {
      await this.#letters.close();
      await this.#decoders.close();
    }
  }

  async #commit(): Promise<boolean> {
    const { isNeeded } = this.#staged;
    // First, and by themselves: what is staged may have to wait for a dataSource that is stuck.
    const positions = this.#shares.moved(isNeeded ? 'others' : 'all');
    const isCommitted = positions.length === 0 || this.#note(positions, await this.#source.commit(positions));
    return isNeeded ? (await this.#commitStaged()) && isCommitted : isCommitted;
  }

  async #commitStaged(): Promise<boolean> {
    const shares = this.#shares;
    const { turn } = shares;
    try {
      // First: events wait for it.
      await this.#staged.decide();
      this.#restless = await shares.quiet(AbortSignal.timeout(thirdOf(this.#plan.client)));
      this.#attempts = this.#restless.length === 0 ? 0 : this.#attempts + 1;
      if (this.#restless.length > 0 || shares.turn !== turn) return this.#note([], false);
      if (!(await this.#staged.finish())) return this.#note([], false);
      // One of which it is known only now that its events are staged was not held.
      if (!shares.areQuiet) return this.#note([], false);
      const positions = shares.moved('staged');
      if (positions.length === 0 || shares.turn !== turn) return shares.turn === turn;
      return this.#note(positions, await this.#staged.commit(positions, () => shares.turn === turn));
    } finally {
      shares.release();
    }
  }

  /** What was committed is shown, and the rest taken away: it is read again. */
  async #settle(): Promise<void> {
    await this.#destinations.giveUpUndecided();
    // Behind it, as lanes may become known meanwhile.
    await this.#staged.decide();
    await this.#flushed();
    await this.#staged.settle();
  }

  /** @throws (as a rejection) TRQ_JOURNAL_FAILED where it takes too long: the journal is full, and what is to be taken away keeps it so. */
  async #flushed(): Promise<void> {
    const millis = thirdOf(this.#plan.client);
    const flushed = this.#destinations.staged().then(() => true);
    if (await within(flushed, AbortSignal.timeout(millis))) return;
    throw new TranquilityError(
      'TRQ_JOURNAL_FAILED',
      `The journal has taken nothing for ${millis} ms, so that what was not committed cannot be taken away from it. Start again: that makes room.`,
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  /** @returns whether the places were committed. */
  #note(positions: readonly Assigned[], isCommitted: boolean): boolean {
    if (!isCommitted) {
      this.#failedCommits++;
      return false;
    }
    this.#commits++;
    this.#shares.committed(positions);
    this.emit('committed', positions);
    return true;
  }

  #listener(): SourceListener {
    return {
      assigned: async (partitions) => {
        this.#rebalances++;
        await this.#inTurn(() => this.#settle());
        if (this.#closing !== undefined || !(await this.#shares.take(partitions))) return;
        await this.#inTurn(() => this.#staged.decide());
        this.#trouble = undefined;
        this.#attempts = 0;
        this.#drained = true;
        this.emit('assigned', partitions);
      },
      revoking: async (signal) => {
        const isDrained = await this.#shares.drained(signal);
        const grace = AbortSignal.timeout(commitGrace);
        const commit = this.commit();
        const isCommitted = (await within(commit, signal)) ?? (await within(commit, grace)) ?? false;
        this.#drained = this.#drained && isDrained && isCommitted;
      },
      lost: () => {
        if (!this.#shares.areCommitted) this.#drained = false;
        const { partitions } = this.counters;
        if (this.#closing !== undefined && partitions.length > 0) this.#left = partitions;
        this.#shares.drop();
        this.emit('revoked');
      },
      records: async (topic, partition, records, end) => {
        // What comes while we close is read by whoever comes next.
        if (this.#closing === undefined) await this.#shares.put(topic, partition, records, end);
      },
      grown: (topic, partition, end) => {
        this.#shares.grown(topic, partition, end);
      },
      trouble: (trouble) => {
        this.#tell(trouble);
      },
      fatal: (error) => {
        this.#broke(error);
      },
    };
  }

  #broke(error: unknown): void {
    this.#fatal(error instanceof TranquilityError ? error : new TranquilityError('TRQ_INTERNAL', messageOf(error)));
  }

  #tell(trouble: SourceTrouble): void {
    this.#lost += trouble.count ?? 0;
    if (['disconnected', 'refused', 'no-topics'].includes(trouble.kind)) this.#trouble = trouble.message;
    this.#logger.warn(trouble.message);
    this.emit('trouble', trouble);
  }

  #stopped(fault: StoppedFault): void {
    this.#source.pause(fault.stream, Number(fault.partition));
    this.#logger.error(describeStop(fault));
    this.emit('stopped', fault);
  }

  #fatal(error: TranquilityError): void {
    if (this.#error !== undefined) return;
    this.#error = error;
    this.#logger.error(error.message, { code: error.code });
    void this.close({ timeout: 0 })
      .catch((problem: unknown) => {
        this.#logger.error(`The connector could not be closed as it should be: ${messageOf(problem)}`);
      })
      .then(() => this.emit('fatal', error));
  }
}
