import { turn, within, type Lane, type StreamRecord } from '@tranquility-js/connect';
import { TranquilityError } from '@tranquility-js/core';
import { Arrivals } from './arrivals.js';
import { describe, kindOf, type ErrorKind } from './aws/error-kind.js';
import { failureOf } from './failure.js';
import { withGrace } from './grace.js';
import type { HeldLease } from './leases/held-lease.js';
import { isFinished, settledIn } from './leases/lease.js';
import type { Shard } from './leases/shard-sync.js';
import type { Position } from './position.js';
import { unpackedPieces, type Unpacking } from './records/stream-records.js';
import type { Batch } from './source/batch.js';
import { Patience, waited } from './source/patience.js';
import type { Place } from './source/stream-api.js';
import type { ShardReadingOptions } from './shard-reading-options.js';
import { startingPlace } from './starting-place.js';
import type { KinesisTrouble } from './trouble.js';

/** About how much is unpacked before there has to be room for it. */
const pieceBytes = 64 * 1024;

/** How long what is settled may take to be written down when the time is up, in milliseconds. */
const writingGrace = 1_000;

/** The reading of one shard under our lease: from where it was to its end, as long as the lease is ours. */
export class ShardReading {
  readonly #options: ShardReadingOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  /** Between two readings: only what is new ends it, as each begins with what was taken last. */
  readonly #patience: Patience;
  /** The last record that was taken: here, or by whoever had the lease before. */
  #taken: Position | undefined;
  #millisBehind: number | undefined;
  readonly #arrivals = new Arrivals();
  #isAnother = false;
  #sinceCheckpoint = 0;
  #isFirst = true;
  #trouble: KinesisTrouble | undefined;
  #leaving: Promise<boolean> | undefined;

  constructor(options: ShardReadingOptions) {
    this.#options = options;
    const { held, lane } = options;
    this.#taken = settledIn(held.lease);
    this.#patience = new Patience(options.clock, this.#failed);
    const stop = (): void => {
      this.#stopping.abort();
      lane.close();
    };
    held.lost.addEventListener('abort', stop, { once: true });
    if (held.lost.aborted) stop();
    this.#ended = this.#run().catch((error: unknown) => {
      options.onFatal(
        new TranquilityError('TRQ_INTERNAL', `The reading of ${this.shard} broke: ${describe(error)}`, {
          cause: error,
        }),
      );
    });
  }

  get held(): HeldLease {
    return this.#options.held;
  }

  get lane(): Lane<Position> {
    return this.#options.lane;
  }

  get shard(): string {
    return this.held.lease.leaseKey;
  }

  /** Up to where every record has its outcome. */
  get settled(): Position | undefined {
    return this.lane.settled ?? settledIn(this.held.lease);
  }

  /** How far behind the newest record of the shard the reading is, in milliseconds; nothing before the first answer. */
  get millisBehind(): number | undefined {
    return this.#millisBehind;
  }

  /** How long ago the oldest record arrived that was read and has no outcome, in milliseconds; 0 where there is none. */
  get iteratorAgeMillis(): number {
    const oldest = this.#arrivals.oldestBehind(this.settled);
    return oldest === undefined ? 0 : Math.max(0, this.#options.clock.now() - oldest);
  }

  /** What keeps it from going on, until it goes on. */
  get trouble(): KinesisTrouble | undefined {
    return this.#trouble;
  }

  /**
   * Writes down up to where all is settled.
   * @param signal ends the wait for its turn, where it needs one.
   * @returns whether the lease is still ours.
   * @throws (as a rejection) what the store throws.
   */
  async checkpoint(signal: AbortSignal): Promise<boolean> {
    this.#sinceCheckpoint = 0;
    const { turns } = this.#options;
    if (this.#isInTurns) {
      turns.hurry(this.lane);
      await turns.over(this.lane, signal);
      return !this.held.lost.aborted;
    }
    return this.#write();
  }

  /**
   * Reads nothing more, settles what was read, writes that down, and lets go of the lease.
   * @param signal ends the wait for what is not settled.
   * @returns whether all that was read has its outcome.
   */
  leave(signal: AbortSignal): Promise<boolean> {
    return (this.#leaving ??= this.#leave(signal));
  }

  async #leave(signal: AbortSignal): Promise<boolean> {
    this.#stopping.abort();
    await withGrace(this.#ended, signal, writingGrace);
    const { turns } = this.#options;
    if (!signal.aborted) turns.hurry(this.lane);
    await this.lane.drained(signal);
    const isSettled = this.#isSettled;
    try {
      const isDrained = await withGrace(this.#release(isSettled), signal, 2 * writingGrace);
      if (isDrained !== undefined) return isDrained;
      throw new Error('There was no answer in time.');
    } catch (error) {
      this.#tell('disconnected', `its lease could not be given up: ${describe(error)}`);
      this.held.lose();
      return isSettled && this.#isWritten;
    }
  }

  /** Writes down what is settled, and lets go of the lease. @returns whether all that was read has its outcome. */
  async #release(isSettled: boolean): Promise<boolean> {
    const isInTurns = this.#isInTurns;
    const grace = AbortSignal.timeout(writingGrace);
    if (isInTurns) await this.#options.turns.over(this.lane, grace);
    else await this.checkpoint(grace);
    const isDrained = (isSettled && (!isInTurns || this.#isWritten)) || isFinished(this.held.lease);
    await this.held.release();
    return isDrained;
  }

  async #write(): Promise<boolean> {
    const { settled } = this.lane;
    if (settled === undefined || this.#isWritten) return !this.held.lost.aborted;
    const { onWritten, onNotWritten } = this.#options;
    try {
      const isOurs = await this.held.checkpoint(settled);
      if (isOurs) onWritten();
      return isOurs;
    } catch (error) {
      onNotWritten();
      throw error;
    }
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    await this.#parentsRead();
    while (await this.#isReadToEnd()) {
      this.#options.turns.hurry(this.lane);
      await this.lane.drained(signal);
      await this.#options.turns.over(this.lane, signal);
      // A turn that failed has ended too: what it sent is not shown, and is to be read again.
      if (this.#isStopping() || !this.#isSettled || (this.#isInTurns && !this.#isWritten)) return;
      if (await this.#isFinished()) return;
      await this.#patience.pause(signal);
    }
  }

  /** Reads on from where we are. @returns whether that was all of the shard; not when we stop. */
  async #isReadToEnd(): Promise<boolean> {
    const { signal } = this.#stopping;
    while (!this.#isStopping()) {
      try {
        await this.#readFrom(startingPlace(this.held.lease, this.#taken, this.#isAnother));
        return !this.#isStopping();
      } catch (error) {
        if (this.#isStopping()) return false;
        if (await this.#isGone(error)) return true;
        await this.#patience.pause(signal);
      }
    }
    return false;
  }

  /** Whether its places are written down by turns only. */
  get #isInTurns(): boolean {
    return this.#options.turns.has(this.lane);
  }

  /** Whether the lease says up to where all is settled. */
  get #isWritten(): boolean {
    const written = settledIn(this.held.lease);
    const { settled } = this.lane;
    return settled === undefined || (written !== undefined && !settled.isAfter(written));
  }

  /** Whether every record that was read has its outcome. A lane that a fatal error has closed let go of some. */
  get #isSettled(): boolean {
    return this.lane.stopped === undefined && this.lane.isDone;
  }

  async #readFrom(from: Place): Promise<void> {
    const { read, stream } = this.#options;
    const { signal } = this.#stopping;
    for await (const batch of read({ stream, shard: this.shard, from, signal, onTrouble: this.#failed })) {
      this.#trouble = undefined;
      await this.#take(batch);
      if (this.#isStopping() || this.lane.stopped !== undefined) return;
    }
  }

  async #take({ records, millisBehind }: Batch): Promise<void> {
    const [first] = records;
    if (first !== undefined && this.#isFirst) {
      this.#isFirst = false;
      this.#checkFirst(first.sequenceNumber);
    }
    this.#millisBehind = millisBehind;
    for (const piece of unpackedPieces(records, this.#unpacking(), pieceBytes)) {
      await this.#push(piece);
      // Signs of life for our leases are due meanwhile, however many pieces there are.
      await turn();
      if (this.#isStopping() || this.lane.stopped !== undefined) return;
    }
  }

  /** Hands records over, and waits until there is room for more. */
  async #push(piece: readonly StreamRecord<Position>[]): Promise<void> {
    const { checkpointRecords } = this.#options;
    this.#patience.reset();
    this.#taken = piece.at(-1)?.position ?? this.#taken;
    this.#arrivals.oldestBehind(this.settled);
    this.#arrivals.add(piece);
    this.lane.push(piece);
    this.#sinceCheckpoint += piece.length;
    if (checkpointRecords !== undefined && this.#sinceCheckpoint >= checkpointRecords) {
      await this.#checkpointSoon().catch((error: unknown) => {
        this.#tell('disconnected', `a checkpoint could not be written: ${describe(error)}`);
      });
    }
    if (this.lane.isFull) await within(this.lane.room(), this.#stopping.signal);
  }

  async #checkpointSoon(): Promise<void> {
    if (this.#isInTurns) this.#options.turns.hurry(this.lane);
    else await this.checkpoint(this.#stopping.signal);
  }

  /** Where a record that was settled is not there any more, others behind it may be gone too. */
  #checkFirst(sequenceNumber: string): void {
    const settled = settledIn(this.held.lease);
    if (settled === undefined || settled.sequenceNumber === sequenceNumber) return;
    this.#tell(
      'lost-records',
      `the last record that was read, ${settled.sequenceNumber}, is not there any more: records behind it may have been deleted before they were read. Reading goes on with the oldest one. Lengthen the stream's retention.`,
    );
  }

  #unpacking(): Unpacking {
    const { startingHashKey, endingHashKey } = this.held.lease;
    const range =
      startingHashKey === undefined || endingHashKey === undefined
        ? undefined
        : { first: BigInt(startingHashKey), last: BigInt(endingHashKey) };
    return { range, settled: this.#taken, maxInflatedBytes: this.#options.maxInflatedBytes };
  }

  /** Waits until all parents are read to their end, or are not known any more. */
  async #parentsRead(): Promise<void> {
    const { leaseOf, clock, lookMillis } = this.#options;
    const patience = new Patience(clock, this.#failed);
    for (const parent of this.held.lease.parentShardIds) {
      while (!this.#isStopping()) {
        try {
          const lease = await leaseOf(parent);
          this.#trouble = undefined;
          patience.reset();
          if (lease === undefined || isFinished(lease)) break;
          await waited(clock, lookMillis, this.#stopping.signal);
        } catch (error) {
          await patience.after(error, this.#stopping.signal);
        }
      }
    }
  }

  /** @returns whether the shard is not there any more; else reading may go on. */
  async #isGone(error: unknown): Promise<boolean> {
    const kind = kindOf(error);
    if (kind === 'invalid' && this.#taken === undefined) {
      this.#tell(
        'disconnected',
        `Kinesis refuses the place where reading is to begin: ${describe(error)}. It does so with a time in the future: check the clock of this machine. It is tried again.`,
      );
      return false;
    }
    if (kind === 'invalid') {
      this.#tell(
        'another-stream',
        `there is no place ${String(this.#taken)}: the stream was perhaps deleted and made anew. Reading begins at its oldest record.`,
      );
      this.#taken = undefined;
      this.#isAnother = true;
      return false;
    }
    if (kind !== 'gone') throw error;
    const shards = await this.#listShards(this.#options.shards);
    if (shards === undefined || shards.some(({ id }) => id === this.shard)) return false;
    this.#tell('lost-records', 'the shard is not there any more: what it held was deleted before it was read.');
    return true;
  }

  /**
   * Writes down the end. Every shard of the stream must have its lease before: a child's other parents too.
   * @returns whether nothing is left to be read: not where an answer said so by mistake, and the shard is open.
   */
  async #isFinished(): Promise<boolean> {
    const { sync } = this.#options;
    const shards = await this.#listShards(sync);
    if (shards === undefined) return true;
    const children = shards.filter(({ parents }) => parents.includes(this.shard)).map(({ id }) => id);
    if (children.length === 0 && shards.some(({ id, isClosed }) => id === this.shard && !isClosed)) {
      this.#tell('disconnected', 'Kinesis says that it has ended, and lists it as open. It is read on.');
      return false;
    }
    const patience = new Patience(this.#options.clock, this.#failed);
    while (!this.#isStopping()) {
      try {
        await this.held.finish(children);
        break;
      } catch (error) {
        await patience.after(error, this.#stopping.signal);
      }
    }
    return true;
  }

  /** The shards of the stream; nothing when there is no such stream, or we stop. */
  async #listShards(list: ShardReadingOptions['shards']): Promise<readonly Shard[] | undefined> {
    const patience = new Patience(this.#options.clock, this.#failed);
    let hasFailed = false;
    while (!this.#isStopping()) {
      try {
        const shards = await list(this.#stopping.signal);
        if (hasFailed) this.#trouble = undefined;
        return shards;
      } catch (error) {
        if (this.#isStopping()) return undefined;
        if (kindOf(error) === 'gone') {
          this.#tell('deleted', 'the stream is not there any more.');
          return undefined;
        }
        hasFailed = true;
        await patience.after(error, this.#stopping.signal);
      }
    }
    return undefined;
  }

  readonly #failed = (kind: ErrorKind, error: unknown): void => {
    if (kind === 'expired-iterator') {
      this.#options.onExpiredIterator();
      return;
    }
    if (kind === 'throttled') this.#options.onThrottled();
    const failure = failureOf(kind, error);
    this.#tell(failure.kind, failure.text);
  };

  #tell(kind: KinesisTrouble['kind'], text: string): void {
    const { stream, onTrouble } = this.#options;
    const trouble = { kind, message: `${stream}, ${this.shard}: ${text}`, stream, shard: this.shard };
    // What lasts is told once.
    const isNew = this.#trouble?.kind !== kind;
    this.#trouble = trouble;
    if (isNew) onTrouble(trouble);
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }
}
