import { setMaxListeners } from 'node:events';
import {
  Lane,
  reasonsOf,
  type Destinations,
  type Letters,
  type Route,
  type StoppedFault,
  type StreamRecord,
  type StreamTally,
} from '@tranquility-js/connect';
import { systemClock } from '@tranquility-js/core/internal';
import type { TranquilityError } from '@tranquility-js/core';
import type { ShardStatus } from './counters.js';
import { beginningOf } from './leases/beginning.js';
import { withGrace } from './grace.js';
import type { HeldLease } from './leases/held-lease.js';
import { LeaseKeeper } from './leases/lease-keeper.js';
import type { Lease } from './leases/lease.js';
import type { LeaseStore } from './leases/lease-store.js';
import { missingLeases, needlessLeases, type Shard, type Start } from './leases/shard-sync.js';
import { isOf, isReadFromOldest, leasesOf, madeAnew } from './leases/stream-leases.js';
import { LoopTroubles, type Loop } from './loop-troubles.js';
import type { Position } from './position.js';
import { ShardReading } from './shard-reading.js';
import type { ReadShard } from './source/batch.js';
import { isAborted, waited } from './source/patience.js';
import type { Turns } from './staging/turns.js';
import type { KinesisTrouble } from './trouble.js';

/** How long what is under way at the ledger may take when the time is up, in milliseconds. */
const endingGrace = 1_000;

export interface StreamGroupOptions {
  readonly stream: string;
  /** When the stream was made, in epoch milliseconds. */
  readonly created: number;
  readonly route: Route;
  readonly destinations: Destinations<Position>;
  readonly letters: Letters<Position> | undefined;
  readonly tally: StreamTally;
  readonly store: LeaseStore;
  /** The name of the ledger. */
  readonly table: string;
  readonly turns: Turns;
  readonly read: ReadShard;
  readonly shards: (signal: AbortSignal) => Promise<readonly Shard[]>;
  readonly start: Start;
  readonly me: string;
  /** All of these in milliseconds. */
  readonly failoverMillis: number;
  readonly syncMillis: number;
  readonly checkpointMillis: number;
  readonly checkpointRecords: number | undefined;
  readonly maxLeases: number;
  readonly maxWaitingBytes: number;
  readonly maxInflatedBytes: number;
  readonly onTrouble: (trouble: KinesisTrouble) => void;
  readonly onAssigned: (stream: string, shards: readonly string[]) => void;
  readonly onCheckpoint: (stream: string, shard: string, position: string) => void;
  readonly onStopped: (fault: StoppedFault) => void;
  readonly onFatal: (error: TranquilityError) => void;
}

/** What a group has counted. All numbers only grow. */
export interface GroupTally {
  checkpoints: number;
  failedCheckpoints: number;
  gained: number;
  ended: number;
  throttled: number;
  expiredIterators: number;
}

/** One stream: our share of its shards, and the reading of each. */
export class StreamGroup {
  readonly tally: GroupTally = {
    ...{ checkpoints: 0, failedCheckpoints: 0, gained: 0, ended: 0, throttled: 0, expiredIterators: 0 },
  };
  readonly #options: StreamGroupOptions;
  readonly #keeper: LeaseKeeper;
  readonly #troubles: LoopTroubles;
  readonly #closing = new AbortController();
  /** No lease is ours any more. */
  readonly #closed = new AbortController();
  readonly #readings = new Map<HeldLease, ShardReading>();
  readonly #opening = new Set<Promise<void>>();
  #loops: Promise<unknown> = Promise.resolve();
  #isOpen = false;
  /** Whether nothing is begun any more. */
  #isLeft = false;
  /** Why it has ended by itself. */
  #outdated: TranquilityError | undefined;

  constructor(options: StreamGroupOptions) {
    this.#options = options;
    const { stream, store, me, start, created, failoverMillis, maxLeases, onTrouble } = options;
    this.#troubles = new LoopTroubles(stream, onTrouble);
    // Each shard waits on it.
    setMaxListeners(0, this.#closing.signal);
    this.#keeper = new LeaseKeeper({
      ...{ store, me, failoverMillis, maxLeases, signal: this.#closing.signal },
      isOurs: (lease) => isOf(lease, created),
      now: () => performance.now(),
      random: Math.random,
      completion: (lease) => beginningOf(lease, start, systemClock.now()),
      onGained: (held) => {
        const opening = this.#gained(held).finally(() => this.#opening.delete(opening));
        this.#opening.add(opening);
      },
      onWanted: (held) => {
        void this.#readings.get(held)?.leave(AbortSignal.timeout(failoverMillis));
      },
    });
  }

  /**
   * Makes the ledger and its leases, and begins to take them.
   * @param signal ends the wait for the ledger, and for Kinesis.
   * @throws (as a rejection) TRQ_LEASES_UNREACHABLE, TRQ_LEASES_REFUSED; what Kinesis says.
   */
  async open(signal: AbortSignal): Promise<void> {
    const { store, failoverMillis, syncMillis, checkpointMillis } = this.#options;
    await store.open(signal);
    await this.#sync(signal);
    this.#isOpen = true;
    void this.#expire();
    this.#loops = Promise.all([
      this.#every('leases', failoverMillis / 3, 0, () => this.#keeper.round()),
      this.#every('shards', syncMillis, syncMillis, () => this.#sync(this.#closing.signal)),
      this.#every('checkpoints', checkpointMillis, checkpointMillis, () => this.#checkpoint()),
    ]);
  }

  /** Whether it has ended by itself, as its ledger tells of a stream of the same name that was made later. */
  get isOutdated(): boolean {
    return this.#outdated !== undefined;
  }

  get shards(): ShardStatus[] {
    const { stream } = this.#options;
    return [...this.#readings.values()].map(({ shard, lane, settled, millisBehind, iteratorAgeMillis, held }) => {
      const { checkpoint, checkpointSubSequenceNumber: sub } = held.lease;
      const { waitingBytes, stopped } = lane;
      return {
        ...{ stream, shard, waitingBytes, iteratorAgeMillis },
        dataSource: this.#options.route.usesStreamName ? stream : this.#options.route.dataSource,
        settled: lane.settled === undefined ? (settled?.toString() ?? checkpoint) : lane.settled.toString(),
        checkpoint: sub === 0 ? checkpoint : `${checkpoint}:${sub}`,
        ...(millisBehind === undefined ? {} : { millisBehind }),
        ...(stopped === undefined ? {} : { stopped }),
      };
    });
  }

  /** What keeps it from being all as it should be, in sentences. */
  get reasons(): string[] {
    const readings = [...this.#readings.values()].flatMap(({ trouble }) =>
      trouble !== undefined && ['disconnected', 'refused', 'throttled'].includes(trouble.kind) ? [trouble.message] : [],
    );
    const lanes = [...this.#readings.values()].map(({ lane }) => lane);
    const own = this.#outdated === undefined ? [] : [this.#outdated.message];
    return [...own, ...this.#troubles.reasons, ...readings, ...reasonsOf(lanes)];
  }

  /** Writes down up to where each of its shards is settled. @returns whether all of that is written. */
  async checkpoint(): Promise<boolean> {
    try {
      const isWritten = await this.#checkpoint();
      this.#troubles.done('checkpoints');
      return isWritten;
    } catch (error) {
      this.#troubles.failed('checkpoints', error);
      return false;
    }
  }

  /**
   * @param signal ends the wait for what is not settled, and for a ledger that does not answer.
   * @returns whether all that was read has its outcome.
   */
  async close(signal: AbortSignal): Promise<boolean> {
    setMaxListeners(0, signal);
    this.#closing.abort();
    const ended = this.#loops.then(() => Promise.all(this.#opening));
    await withGrace(ended, signal, endingGrace);
    this.#isLeft = true;
    // Signs of life go on while records settle.
    const signs = new AbortController();
    const living = this.#every('leases', this.#options.failoverMillis / 3, 0, () => this.#renew(), signs.signal);
    const drained = await Promise.all([...this.#readings.values()].map((reading) => reading.leave(signal)));
    signs.abort();
    await withGrace(living, signal, 0);
    await withGrace(this.#keeper.release(), signal, endingGrace);
    this.#keeper.lose();
    this.#closed.abort();
    await this.#options.store.close();
    return drained.every(Boolean);
  }

  async #every(
    loop: Loop,
    millis: number,
    first: number,
    work: () => Promise<unknown>,
    signal: AbortSignal = this.#closing.signal,
  ): Promise<void> {
    await waited(systemClock, first, signal);
    while (!signal.aborted) {
      try {
        await work();
        this.#troubles.done(loop);
      } catch (error) {
        if (!isAborted(signal)) this.#troubles.failed(loop, error);
      }
      await waited(systemClock, millis, signal);
    }
  }

  /** Loses in time what has no sign of life, however long the store takes to answer. */
  async #expire(): Promise<void> {
    const { signal } = this.#closed;
    while (!isAborted(signal)) await waited(systemClock, this.#keeper.expire(), signal);
  }

  #renew(): Promise<unknown> {
    return Promise.all(this.#keeper.held.map((held) => held.renew()));
  }

  /**
   * Makes the leases that are missing, and removes those that nobody needs.
   * @throws (as a rejection) TRQ_LEASES_REFUSED where they tell of a later stream: the group has ended then; and what the ledger and Kinesis say.
   */
  async #sync(signal: AbortSignal): Promise<readonly Shard[]> {
    const { stream, shards, store, start, created } = this.#options;
    // The ledger first: to a newer one, shards that others have done meanwhile would look as if nobody had read them.
    const { ours, outdated } = this.#leasesOf(await store.list());
    const found = await shards(signal);
    if (outdated.length > 0) {
      const message = `${stream} is another stream than that of which ${outdated.length} leases tell: it was deleted and made anew. It is read from its beginning.`;
      this.#options.onTrouble({ kind: 'another-stream', message, stream });
    }
    const isFromOldest = outdated.length > 0 || isReadFromOldest(ours, found, created);
    const beginning = isFromOldest ? 'TRIM_HORIZON' : start;
    const unused = new Map(outdated.map((lease) => [lease.leaseKey, lease]));
    for (const lease of missingLeases(found, ours, beginning)) {
      const fresh = { ...lease, streamCreated: created };
      const before = unused.get(lease.leaseKey);
      unused.delete(lease.leaseKey);
      await (before === undefined ? store.create(fresh) : store.change(before, madeAnew(fresh)));
    }
    for (const lease of [...unused.values(), ...needlessLeases(found, ours)]) await store.remove(lease);
    return found;
  }

  #leasesOf(leases: readonly Lease[]): ReturnType<typeof leasesOf> {
    try {
      return leasesOf(this.#options, leases);
    } catch (error) {
      this.#end(error as TranquilityError);
      throw error;
    }
  }

  /** Ends all that is done for a stream that is not there any more, and writes nothing. */
  #end(error: TranquilityError): void {
    const { stream, onTrouble } = this.#options;
    if (this.#isOpen && !this.isOutdated) onTrouble({ kind: 'another-stream', message: error.message, stream });
    this.#outdated = error;
    this.#closing.abort();
    this.#keeper.lose();
  }

  async #gained(held: HeldLease): Promise<void> {
    const { stream, route, destinations, letters, tally, maxWaitingBytes, onStopped, onFatal } = this.#options;
    const { turns, created, table } = this.#options;
    const place = { stream, partition: held.lease.leaseKey };
    try {
      const destination = await destinations.of(place, route);
      if (this.isOutdated || this.#isLeft) held.lose();
      if (held.lost.aborted) return;
      const lane = new Lane<Position>({
        ...{ ...place, destination, tally, letters, maxWaitingBytes, onStopped, onFatal },
        // The reading waits for room by itself.
        onRoom: () => undefined,
        onLeftOut: this.#teller(place.partition),
      });
      this.tally.gained++;
      turns.join({ stream, created, table, held, lane, onWritten: () => this.#written(held) });
      this.#readings.set(held, this.#reading(held, lane));
      this.#assigned();
    } catch (error) {
      onFatal(error as TranquilityError);
    }
  }

  /** Tells the first time that a packed record of a shard holds what belongs to others. */
  #teller(shard: string): (record: StreamRecord<Position>) => void {
    const { stream, onTrouble } = this.#options;
    let isTold = false;
    return ({ position }) => {
      if (isTold) return;
      isTold = true;
      const message = `${stream}, ${shard}: the packed record ${position.sequenceNumber} holds records whose keys belong to other shards. They are left out, and counted as outside-shard: the Kinesis Producer Library sends such records again. If another producer packed them, they are lost: let it pack for each shard by itself.`;
      onTrouble({ kind: 'outside-shard', message, stream, shard });
    };
  }

  #reading(held: HeldLease, lane: Lane<Position>): ShardReading {
    const { stream, read, maxInflatedBytes, checkpointRecords, failoverMillis, shards } = this.#options;
    const { onTrouble, onFatal, turns } = this.#options;
    const over = (): void => {
      this.tally.ended++;
      this.#readings.delete(held);
      this.#assigned();
    };
    held.lost.addEventListener('abort', over, { once: true });
    return new ShardReading({
      ...{ stream, held, lane, read, shards, maxInflatedBytes, checkpointRecords, onTrouble, onFatal, turns },
      sync: (signal) => this.#sync(signal),
      clock: systemClock,
      lookMillis: Math.min(failoverMillis / 3, 1000),
      leaseOf: (shard) => this.#options.store.get(shard),
      onWritten: () => {
        this.#written(held);
      },
      onNotWritten: () => this.tally.failedCheckpoints++,
      onThrottled: () => this.tally.throttled++,
      onExpiredIterator: () => this.tally.expiredIterators++,
    });
  }

  /** @throws (as a rejection) what the store throws, when all have been tried. */
  async #checkpoint(): Promise<boolean> {
    const { signal } = this.#closing;
    const done = await Promise.allSettled([...this.#readings.values()].map((reading) => reading.checkpoint(signal)));
    const failed = done.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return done.every((result) => result.status === 'fulfilled' && result.value);
  }

  #written({ lease }: HeldLease): void {
    const { stream, onCheckpoint } = this.#options;
    this.tally.checkpoints++;
    onCheckpoint(stream, lease.leaseKey, `${lease.checkpoint}:${lease.checkpointSubSequenceNumber}`);
  }

  #assigned(): void {
    if (this.#closing.signal.aborted) return;
    this.#options.onAssigned(
      this.#options.stream,
      [...this.#readings.values()].map(({ shard }) => shard),
    );
  }
}
