import { PlaceNotes, within } from '@tranquility-js/connect';
import { messageOf } from '@tranquility-js/core';
import type { Admin, Consumer, Kafka } from 'kafkajs';
import type { ClientValues } from '../config/read-plan.js';
import { thirdOf } from '../config/third-of.js';
import type { EndsAtStart } from './ends-at-start.js';
import { consumerWithCluster, logBounds, type BoundsOf, type OffsetsCluster } from './log-bounds.js';
import { joinWith } from './membership.js';
import { PartitionReading } from './partition-reading.js';
import { anotherLog, lostRecords } from './source-troubles.js';
import type { Assigned, SourceListener, SourceTrouble } from './source.js';
import { committedPlace, startPosition } from './start-position.js';
import { witnessIn, withWitness } from './witness-note.js';

/** How long kafkajs may take to leave a group: it waits for an answer that may never come. */
const leaveTimeout = 10_000;

export interface SessionOptions {
  readonly kafka: Kafka;
  readonly client: ClientValues;
  readonly topics: readonly string[];
  readonly listener: SourceListener;
  readonly endsAtStart: EndsAtStart;
  /** The session is over, and not because it was ended. */
  readonly onBroken: (error: Error) => void;
}

/**
 * One membership in the group for a fixed list of topics, on one kafkajs consumer. kafkajs only fetches and gives signs of life; which
 * records were read, what may be committed, and when a partition waits is decided here.
 */
export class GroupSession {
  readonly #options: SessionOptions;
  readonly #consumer: Consumer;
  /** Of its own: kafkajs asks for every topic that a client was ever asked for, and fails when one of them is gone. */
  readonly #admin: Admin;
  /** The consumer's own, which knows its isolation level. */
  readonly #cluster: OffsetsCluster;
  #held = new Map<string, PartitionReading>();
  /** Kept with the places of the partitions that are ours. */
  readonly #notes = new Map<string, PlaceNotes>();
  /** Counts what makes earlier work void: joins, and the end. */
  #generation = 0;
  #isOver = false;
  #isHeld = false;
  #commitsConfirmed = 0;
  #committing: Promise<unknown> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { kafka, client } = options;
    this.#admin = kafka.admin();
    const retry = {
      retries: 5,
      initialRetryTime: client['kafka.retry.backoff.ms'],
      maxRetryTime: 5_000,
      factor: 0.2,
      multiplier: 2,
      // A session that broke is replaced as a whole, in one place.
      restartOnFailure: () => Promise.resolve(false),
    };
    const config = {
      groupId: client['kafka.group.id'],
      sessionTimeout: client['kafka.session.timeout.ms'],
      rebalanceTimeout: client['kafka.max.poll.interval.ms'],
      heartbeatInterval: client['kafka.heartbeat.interval.ms'],
      metadataMaxAge: client['kafka.metadata.max.age.ms'],
      minBytes: client['kafka.fetch.min.bytes'],
      maxBytes: client['kafka.fetch.max.bytes'],
      maxBytesPerPartition: client['kafka.max.partition.fetch.bytes'],
      // Signs of life are given between fetches.
      maxWaitTimeInMs: client['kafka.fetch.max.wait.ms'],
      readUncommitted: client['kafka.isolation.level'] === 'read_uncommitted',
      rackId: client['kafka.client.rack'] ?? '',
      // Or a topic that was deleted would come back empty, for being asked about.
      allowAutoTopicCreation: false,
      retry,
    };
    const assigner = joinWith({
      beforeJoin: () => this.#beforeJoin(),
      answered: (topic, partition, offset) => this.#held.get(keyOf(topic, partition))?.answered(offset),
      outOfRange: (topic, partition, offset) => void this.#held.get(keyOf(topic, partition))?.outOfRange(offset),
    });
    ({ consumer: this.#consumer, cluster: this.#cluster } = consumerWithCluster(kafka, config, assigner));
    const { GROUP_JOIN, CRASH, COMMIT_OFFSETS } = this.#consumer.events;
    this.#consumer.on(GROUP_JOIN, ({ payload }) => {
      this.#joined(payload.memberAssignment);
    });
    this.#consumer.on(CRASH, ({ payload }) => {
      this.#broken(payload.error);
    });
    this.#consumer.on(COMMIT_OFFSETS, () => {
      this.#commitsConfirmed++;
    });
  }

  /** Joins the group. What goes wrong, now or later, `onBroken` tells. */
  async start(): Promise<void> {
    try {
      await Promise.all([this.#admin.connect(), this.#consumer.connect()]);
      // From the beginning, or kafkajs would jump to the end where a place is no longer there.
      await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: 1_000,
        eachBatch: async (payload) => {
          await this.#held.get(keyOf(payload.batch.topic, payload.batch.partition))?.take(payload);
        },
      });
    } catch (error) {
      this.#broken(error as Error);
    }
  }

  /** Gives up fetching a partition for a while; the membership stays. */
  pause(topic: string, partition: number): void {
    this.#held.get(keyOf(topic, partition))?.want(false);
  }

  resume(topic: string, partition: number): void {
    this.#held.get(keyOf(topic, partition))?.want(true);
  }

  /** Gives up fetching all partitions for a while, or goes on. */
  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    for (const held of this.#held.values()) held.hold(isHeld);
  }

  /** The batches that cannot be read, and before which partitions wait. */
  get broken(): readonly SourceTrouble[] {
    return [...this.#held.values()].flatMap(({ broken }) => broken ?? []);
  }

  /** Tells where the logs end of partitions that are not fetched: of the others the answers say it. */
  async tellEnds(): Promise<void> {
    const generation = this.#generation;
    const resting = [...this.#held.values()].filter(({ isResting }) => isResting);
    const boundsOf = resting.length === 0 ? undefined : await this.#boundsOf(resting);
    if (generation !== this.#generation) return;
    for (const { topic, partition, isResting } of resting) {
      const bounds = boundsOf?.(topic, partition);
      if (isResting && bounds !== undefined) this.#options.listener.grown(topic, partition, bounds.readable);
    }
  }

  /**
   * Commits places in partitions that are still ours.
   * @param journals those that have written up to there.
   * @returns whether the group's coordinator has them.
   */
  async commit(positions: readonly Assigned[], journals: readonly string[] = []): Promise<boolean> {
    const generation = this.#generation;
    // One at a time, so that none overtakes another, or a join.
    const committing = this.#committing.then(async () => {
      if (generation !== this.#generation || this.#isOver) return false;
      // What was given up may be another's by now, who has read on.
      if (positions.some(({ topic, partition }) => !this.#held.has(keyOf(topic, partition)))) return false;
      const before = this.#commitsConfirmed;
      const noted = positions.map((position) => {
        const key = keyOf(position.topic, position.partition);
        const before = (this.#notes.get(key) ?? PlaceNotes.read('')).with(journals, String(position.offset));
        const witness = this.#held.get(key)?.witnessBefore(position.offset);
        return { ...position, key, notes: withWitness(before, position.offset, witness) };
      });
      await this.#consumer.commitOffsets(
        noted.map(({ topic, partition, offset, notes }) => ({
          ...{ topic, partition, offset: String(offset), metadata: notes.toString() },
        })),
      );
      // A consumer that is about to stop commits nothing, and says nothing.
      if (this.#commitsConfirmed === before) return false;
      for (const { key, notes } of noted) this.#notes.set(key, notes);
      return true;
    });
    this.#committing = committing.catch(() => undefined);
    try {
      return await committing;
    } catch (error) {
      this.#options.listener.trouble({ kind: 'commit', message: `Places could not be committed: ${messageOf(error)}` });
      return false;
    }
  }

  /** Settles and commits what can be before the limit, and leaves the group. */
  async end(limit: AbortSignal): Promise<void> {
    if (this.#isOver) return;
    this.hold(true);
    await this.#options.listener.revoking(limit);
    await this.abandon();
  }

  /** Leaves the group as it is. */
  async abandon(): Promise<void> {
    this.#isOver = true;
    this.#forget();
    const left = Promise.allSettled([this.#consumer.disconnect(), this.#admin.disconnect()]);
    await Promise.race([left, unreferenced(leaveTimeout)]);
  }

  /** Before each join but the first: what was ours may be another's afterwards. */
  async #beforeJoin(): Promise<void> {
    // What came meanwhile could no longer be settled, and would be sent again. The partitions that we are given then begin anew.
    for (const held of this.#held.values()) held.hold(true);
    if (this.#held.size > 0 && !this.#isOver) {
      // Within the session, as no sign of life is given meanwhile.
      await this.#options.listener.revoking(AbortSignal.timeout(thirdOf(this.#options.client)));
    }
    await this.#committing;
    this.#forget();
  }

  #forget(): void {
    this.#generation++;
    for (const held of this.#held.values()) held.end();
    if (this.#held.size > 0) this.#options.listener.lost();
    this.#held = new Map();
  }

  #joined(assignment: Readonly<Record<string, number[]>>): void {
    if (this.#isOver) return;
    const generation = ++this.#generation;
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    // Nothing is fetched before we know where to begin.
    for (const { topic, partition } of partitions) this.#consumer.pause([{ topic, partitions: [partition] }]);
    this.#position(partitions, generation).catch((error: unknown) => {
      if (generation === this.#generation) this.#broken(error as Error);
    });
  }

  async #position(partitions: readonly { topic: string; partition: number }[], generation: number): Promise<void> {
    const found = await this.#starts(partitions);
    if (generation !== this.#generation) return;
    await this.#options.listener.assigned(found);
    if (generation !== this.#generation) return;
    this.#held = new Map(found.map((place) => [keyOf(place.topic, place.partition), this.#readingFrom(place)]));
    for (const held of this.#held.values()) held.begin();
    // So that whoever comes after us begins there too, and not at what is the end then; and that each place that was read from is known.
    const fresh = found.filter(({ isFresh }) => isFresh);
    if (fresh.length > 0 && !(await this.commit(fresh))) {
      throw new Error('The places to begin at could not be committed.');
    }
    for (const { topic, partition } of fresh) this.#options.endsAtStart.placed(topic, partition);
    if (generation !== this.#generation) return;
    for (const { topic, partition } of found) this.resume(topic, partition);
  }

  async #starts(
    partitions: readonly { topic: string; partition: number }[],
  ): Promise<(Assigned & { readonly isFresh: boolean })[]> {
    const { client, listener, endsAtStart } = this.#options;
    const topics = [...new Set(partitions.map(({ topic }) => topic))];
    if (topics.length === 0) return [];
    const places = await this.#admin.fetchOffsets({ groupId: client['kafka.group.id'], topics });
    for (const { topic, partitions: placed } of places) {
      for (const { partition, offset } of placed) if (Number(offset) >= 0) endsAtStart.placed(topic, partition);
    }
    const boundsOf = await logBounds(this.#cluster, partitions);
    return partitions.map(({ topic, partition }) => {
      const place = places.find((one) => one.topic === topic)?.partitions.find((one) => one.partition === partition);
      const bounds = boundsOf(topic, partition);
      if (bounds === undefined) throw new Error(`Nobody knows the bounds of ${topic}, partition ${partition}.`);
      this.#notes.set(keyOf(topic, partition), PlaceNotes.read(place?.metadata));
      const offset = Number(place?.offset ?? -1);
      const facts = {
        committed: committedPlace(offset, bounds.low),
        ...bounds,
        endAtStart: endsAtStart.of(topic, partition),
      };
      const start = startPosition(facts, client['kafka.auto.offset.reset']);
      if (start === undefined) {
        throw new NoPlace(
          `The group ${client['kafka.group.id']} has no place in ${topic}, partition ${partition}, and kafka.auto.offset.reset is none. Choose earliest or latest.`,
        );
      }
      if (start.lost > 0) listener.trouble(lostRecords(topic, partition, start.lost));
      if (start.isAnother) listener.trouble(anotherLog(topic, partition, facts.committed, facts.high));
      return { topic, partition, offset: start.offset, end: bounds.readable, isFresh: start.offset !== offset };
    });
  }

  #readingFrom(place: Assigned): PartitionReading {
    const { topic, partition } = place;
    const partitions = [{ topic, partitions: [partition] }];
    const fetching = {
      run: (isOn: boolean) => {
        if (isOn) this.#consumer.resume(partitions);
        else this.#consumer.pause(partitions);
      },
      seek: (offset: number) => {
        this.#consumer.seek({ topic, partition, offset: String(offset) });
      },
      keep: (offset: number) => void this.commit([{ topic, partition, offset }]),
      bounds: async () => (await this.#boundsOf([{ topic, partition }]))?.(topic, partition),
    };
    const notes = this.#notes.get(keyOf(topic, partition));
    const witness = notes && witnessIn(notes, place.offset);
    const reading = new PartitionReading(place, fetching, this.#options.listener, witness);
    reading.hold(this.#isHeld);
    return reading;
  }

  /** Within the session, as no sign of life may be given meanwhile. */
  async #boundsOf(
    partitions: readonly { readonly topic: string; readonly partition: number }[],
  ): Promise<BoundsOf | undefined> {
    try {
      return await within(logBounds(this.#cluster, partitions), AbortSignal.timeout(thirdOf(this.#options.client)));
    } catch {
      return undefined;
    }
  }

  #broken(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#forget();
    this.#options.onBroken(error);
  }
}

/** The config does not say where to begin. */
export class NoPlace extends Error {}

const keyOf = (topic: string, partition: number): string => `${topic}/${partition}`;

const unreferenced = (millis: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, millis).unref();
  });
