import { PlaceNotes, within } from '@tranquility-js/connect';
import { TranquilityError, type Logger } from '@tranquility-js/core';
import { timerMillis } from '@tranquility-js/core/internal';
import kafkajs, { type Admin, type Kafka, type KafkaConfig } from 'kafkajs';
import type { ClientValues } from '../config/read-plan.js';
import { thirdOf } from '../config/third-of.js';
import { installCodecs } from '../codecs/codecs.js';
import { internalTopics, kafkaError } from './brokers.js';
import { EndsAtStart } from './ends-at-start.js';
import { GroupSession, NoPlace } from './group-session.js';
import { quietQueues } from './quiet-queue.js';
import { Sockets } from './sockets.js';
import type { Assigned, SourceListener, SourceTrouble } from './source.js';

const firstPause = 500;
const longestPause = 15_000;

/** How much longer than settling may take it takes at most to commit and to leave the group, in milliseconds. */
const leaveGrace = 3_000;
/** The same to close the connection that only lists topics. */
const disconnectTimeout = 1_000;

export interface KafkaSourceOptions {
  readonly config: Omit<KafkaConfig, 'retry'>;
  readonly client: ClientValues;
  readonly logger: Logger;
  readonly wants: (topic: string) => boolean;
  readonly listener: SourceListener;
}

/** Reads all topics that are wanted, for as long as it is open: brokers may go and come back, topics come and go. */
export class KafkaSource {
  readonly #options: KafkaSourceOptions;
  readonly #kafka: Kafka;
  /** Only lists topics. */
  readonly #admin: Admin;
  readonly #sockets = new Sockets();
  readonly #closing = new AbortController();
  readonly #endsAtStart = new EndsAtStart();
  #topics: readonly string[] = [];
  #session: GroupSession | undefined;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();
  #failures = 0;
  #isHeld = false;

  constructor(options: KafkaSourceOptions) {
    quietQueues();
    installCodecs(options.client['kafka.max.decompressed.bytes']);
    this.#options = options;
    const { config, client } = options;
    this.#kafka = new kafkajs.Kafka({
      ...config,
      socketFactory: this.#sockets.factory,
      retry: {
        retries: 3,
        initialRetryTime: client['kafka.retry.backoff.ms'],
        maxRetryTime: 5_000,
        factor: 0.2,
        multiplier: 2,
      },
      logLevel: kafkajs.logLevel.NOTHING,
    });
    this.#admin = this.#kafka.admin();
  }

  /** The client, for what else is to be done with the same brokers. */
  get kafka(): Kafka {
    return this.#kafka;
  }

  /**
   * Finds brokers and topics, and begins to read, unless it is closed meanwhile.
   * @throws (as a rejection) TRQ_KAFKA_UNREACHABLE, TRQ_KAFKA_REFUSED.
   */
  async open(): Promise<void> {
    try {
      await this.#admin.connect();
      if (!this.#mustEnd()) this.#topics = await this.#wanted();
      if (!this.#mustEnd()) await this.#endsAtStart.note(this.#kafka, this.#options.client, this.#topics);
    } catch (error) {
      await this.#admin.disconnect().catch(() => undefined);
      throw kafkaError(error, this.#options.client);
    }
    if (this.#mustEnd()) {
      await this.#admin.disconnect().catch(() => undefined);
      return;
    }
    this.#begin();
    this.#watch();
  }

  /** The batches that cannot be read, and before which partitions wait. */
  get broken(): readonly SourceTrouble[] {
    return this.#session?.broken ?? [];
  }

  /** Fetches nothing, or goes on. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    this.#session?.hold(isHeld);
  }

  pause(topic: string, partition: number): void {
    this.#session?.pause(topic, partition);
  }

  resume(topic: string, partition: number): void {
    this.#session?.resume(topic, partition);
  }

  /**
   * @param journals those that have written up to these places.
   * @returns whether the places are committed.
   */
  async commit(positions: readonly Assigned[], journals: readonly string[] = []): Promise<boolean> {
    return (await this.#session?.commit(positions, journals)) ?? false;
  }

  /**
   * What the group keeps beside its places now, by topic and partition.
   * @throws (as a rejection) TRQ_KAFKA_UNREACHABLE, TRQ_KAFKA_REFUSED.
   */
  async notes(): Promise<(topic: string, partition: number) => PlaceNotes | undefined> {
    const { client } = this.#options;
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      const topics = await admin.fetchOffsets({ groupId: client['kafka.group.id'] });
      return (topic, partition) => {
        const found = topics
          .find((one) => one.topic === topic)
          ?.partitions.find((one) => one.partition === partition && Number(one.offset) >= 0);
        return found === undefined ? undefined : PlaceNotes.read(found.metadata);
      };
    } catch (error) {
      throw kafkaError(error, client);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /** Settles and commits what can be before the limit, leaves the group, and lets go of all connections. */
  async close(limit: AbortSignal): Promise<void> {
    this.#closing.abort();
    clearTimeout(this.#timer);
    await within(this.#work, limit);
    await this.#leave(limit);
    await within(
      this.#admin.disconnect().catch(() => undefined),
      AbortSignal.timeout(disconnectTimeout),
    );
    this.#sockets.destroy();
  }

  async #leave(limit: AbortSignal): Promise<void> {
    const ended = this.#session?.end(limit).then(() => true);
    if (ended !== undefined && (await within(ended, limit)) === undefined) {
      await within(ended, AbortSignal.timeout(leaveGrace));
    }
    this.#session = undefined;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  #begin(): void {
    if (this.#isClosed) return;
    const { client, listener } = this.#options;
    if (this.#topics.length === 0) {
      listener.trouble({
        kind: 'no-topics',
        message: 'No topic that we may see matches a topicPattern. We go on looking for one.',
      });
      return;
    }
    const session = new GroupSession({
      kafka: this.#kafka,
      client,
      topics: this.#topics,
      listener,
      endsAtStart: this.#endsAtStart,
      onBroken: (error) => {
        if (this.#session === session) void this.#queue(() => this.#recover(error));
      },
    });
    this.#session = session;
    session.hold(this.#isHeld);
    void session.start();
  }

  #watch(): void {
    this.#timer = setTimeout(() => {
      void this.#queue(() => this.#look()).finally(() => {
        if (!this.#isClosed) this.#watch();
      });
    }, timerMillis(this.#options.client['kafka.metadata.max.age.ms']));
    this.#timer.unref();
  }

  /** One change of the session at a time. */
  #queue(work: () => Promise<void>): Promise<void> {
    this.#work = this.#work
      .then(async () => {
        if (!this.#isClosed) await work();
      })
      .catch((error: unknown) => {
        this.#options.listener.fatal(error as Error);
      });
    return this.#work;
  }

  /** kafkajs asks for the topics of a pattern once. So we ask, and begin anew where they have changed; and where logs end. */
  async #look(): Promise<void> {
    let topics: readonly string[] | undefined;
    try {
      topics = await within(this.#wanted(), this.#closing.signal);
    } catch {
      // The session tells if brokers are away.
      return;
    }
    if (topics === undefined) return;
    if (this.#session !== undefined) this.#failures = 0;
    if (topics.join() === this.#topics.join()) {
      await within(this.#session?.tellEnds() ?? Promise.resolve(), this.#closing.signal);
      return;
    }
    this.#options.logger.info(`The topics are now: ${topics.join(', ') || 'none'}.`);
    this.#topics = topics;
    await this.#session?.end(AbortSignal.timeout(thirdOf(this.#options.client)));
    this.#session = undefined;
    this.#begin();
  }

  async #recover(error: Error): Promise<void> {
    const { listener, client } = this.#options;
    const broken = this.#session;
    this.#session = undefined;
    await broken?.abandon();
    if (error instanceof NoPlace) {
      listener.fatal(new TranquilityError('TRQ_CONFIG_INVALID', error.message));
      return;
    }
    if (error instanceof TranquilityError && !error.retryable && !error.code.startsWith('TRQ_KAFKA')) {
      listener.fatal(error);
      return;
    }
    const known = kafkaError(error, client);
    listener.trouble({ kind: known.retryable ? 'disconnected' : 'refused', message: known.message });
    for (
      let pause = Math.min(firstPause * 2 ** this.#failures++, longestPause);
      !this.#isClosed;
      pause = Math.min(2 * pause, longestPause)
    ) {
      await this.#sleep(pause);
      if (this.#mustEnd()) return;
      try {
        const topics = await within(
          this.#admin.connect().then(() => this.#wanted()),
          this.#closing.signal,
        );
        this.#topics = topics ?? [];
        this.#begin();
        return;
      } catch (again) {
        listener.trouble({ kind: 'disconnected', message: kafkaError(again, client).message });
      }
    }
  }

  #mustEnd(): boolean {
    return this.#isClosed;
  }

  async #wanted(): Promise<readonly string[]> {
    const topics = await this.#admin.listTopics();
    const wanted = topics.filter((topic) => !internalTopics.has(topic) && this.#options.wants(topic)).sort();
    this.#endsAtStart.keep(wanted);
    return wanted;
  }

  #sleep(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearInterval(looking);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(end, millis);
      const looking = setInterval(() => {
        if (this.#isClosed) end();
      }, 50);
    });
  }
}
