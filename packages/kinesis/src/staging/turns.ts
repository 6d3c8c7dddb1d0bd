import { Changes, type Lane } from '@tranquility-js/connect';
import { messageOf, TranquilityError, type Clock } from '@tranquility-js/core';
import type { Position } from '../position.js';
import { isAborted, waited } from '../source/patience.js';
import type { StagedCheckpoints } from './staged-checkpoints.js';
import type { StagedShard } from './staged-shard.js';

/** How long a shard sends before its events are shown, in milliseconds. */
const longestTurn = 250;
/** How often it is looked whose turn it is, in milliseconds. */
const lookMillis = 50;
/** From so many milliseconds on it is told that a turn does not end, and a shard that stands still is given up. */
const tooLong = 10_000;

export interface TurnsOptions {
  readonly checkpoints: StagedCheckpoints;
  readonly clock: Clock;
  /** How long events of a shard may wait for its turn while no other has it, in milliseconds. */
  readonly periodMillis: number;
  readonly onFatal: (error: TranquilityError) => void;
}

/** A shard, and how it takes part. */
interface Member {
  readonly shard: StagedShard;
  /** Whether it sends only in its turns. */
  isHeld: boolean;
  isUrgent: boolean;
  /** Whether its last turn was over before all was sent. */
  hasMore: boolean;
  /** When its last turn ended. */
  last: number;
  /** Told of the end of each turn. */
  readonly ends: Changes;
}

/**
 * Lets shards whose events are staged send one after another. A ledger writes down the place of one shard at a time, so events are shown of
 * one shard at a time: nothing of another one is ever staged with them.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #closing = new AbortController();
  readonly #members = new Map<Lane<Position>, Member>();
  #running: Promise<void> | undefined;
  #current: { readonly member: Member; readonly since: number } | undefined;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** Lets a shard take part, as long as its lane is open. Where Druid does not pull, it goes on as it likes. */
  join(shard: StagedShard): void {
    const { lane } = shard;
    const isHeld = lane.mayBeStaged;
    if (isHeld) lane.hold();
    const member = { shard, isHeld, isUrgent: false, hasMore: false, last: -Infinity, ends: new Changes() };
    this.#members.set(lane, member);
    this.#running ??= this.#run();
  }

  /** Whether the places of a shard are written down by its turns, and must not be otherwise. */
  has(lane: Lane<Position>): boolean {
    return this.#members.get(lane)?.isHeld === true;
  }

  /** Lets a shard wait for its turn no longer than others need for theirs. */
  hurry(lane: Lane<Position>): void {
    const member = this.#members.get(lane);
    if (member?.isHeld === true) member.isUrgent = true;
  }

  /** Resolves when a shard has no turn, and has asked for none, or the signal aborts. */
  async over(lane: Lane<Position>, signal: AbortSignal): Promise<void> {
    const member = this.#members.get(lane);
    await member?.ends.until(() => !this.#isOn(member), signal);
  }

  /** What keeps events from being shown, in sentences. */
  get reasons(): string[] {
    if (this.#current === undefined || !this.#isLong) return [];
    const { stream, held } = this.#current.member.shard;
    return [
      `Nothing more can be shown to Druid: of ${stream}, ${held.lease.leaseKey}, events that were sent have no outcome, or its place cannot be written down. The log says what they wait for.`,
    ];
  }

  /** Begins no further turn, and ends the one that is on: whoever comes next decides about what it has staged. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  get #isLong(): boolean {
    return this.#current !== undefined && performance.now() - this.#current.since >= tooLong;
  }

  #isOn(member: Member): boolean {
    if (this.#closing.signal.aborted || !this.#members.has(member.shard.lane)) return false;
    return member.isUrgent || this.#current?.member === member;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    try {
      while (!isAborted(signal)) {
        this.#look();
        if (await this.#sorted()) continue;
        const member = this.#next();
        if (member === undefined) await waited(this.#options.clock, lookMillis, signal);
        else await this.#turn(member);
      }
    } catch (error) {
      this.#closing.abort();
      this.#options.onFatal(
        error instanceof TranquilityError ? error : new TranquilityError('TRQ_INTERNAL', messageOf(error)),
      );
    }
    for (const { ends } of this.#members.values()) ends.tell();
  }

  /** Forgets shards that are not ours any more, and lets go of those that need no turns. */
  #look(): void {
    for (const [lane, member] of this.#members) {
      if (lane.isClosed) {
        this.#members.delete(lane);
        member.ends.tell();
      } else if (member.isHeld && !lane.mayBeStaged) {
        [member.isHeld, member.isUrgent] = [false, false];
        lane.release();
        member.ends.tell();
      }
    }
  }

  #next(): Member | undefined {
    const now = performance.now();
    const due = [...this.#members.values()].filter(
      ({ shard: { lane }, isHeld, isUrgent, hasMore, last }) =>
        isHeld &&
        (isUrgent || hasMore || lane.isFull || (lane.waitingBytes > 0 && now - last >= this.#options.periodMillis)),
    );
    return due.sort((one, other) => one.last - other.last)[0];
  }

  async #turn(member: Member): Promise<void> {
    const { lane } = member.shard;
    this.#current = { member, since: performance.now() };
    try {
      lane.release();
      await this.#send(lane);
      await this.#write(member);
    } finally {
      member.hasMore = lane.waitingBytes > 0;
      member.isUrgent = false;
      member.last = performance.now();
      this.#current = undefined;
      member.ends.tell();
    }
  }

  async #send(lane: Lane<Position>): Promise<void> {
    const { signal } = this.#closing;
    await lane.drained(AbortSignal.timeout(longestTurn));
    // Events wait for what a process before has left to be decided, and it is known only once they wait.
    while (!(await lane.quiet(AbortSignal.timeout(lookMillis)))) {
      if (lane.isClosed || isAborted(signal) || (lane.stopped !== undefined && this.#isLong)) return;
      await this.#options.checkpoints.decide(signal);
    }
  }

  async #write({ shard }: Member): Promise<void> {
    const { checkpoints } = this.#options;
    const { signal } = this.#closing;
    if (isAborted(signal)) return;
    if (!shard.lane.isQuiet) {
      await givenUp([shard]);
      await checkpoints.takeAway(signal);
    } else if (!(await this.#sorted(shard))) {
      await checkpoints.write(shard, signal);
    }
  }

  /**
   * Where Druid pulls all at once, as it was upgraded, rows of several shards are staged that had no turn. They are taken away, and their
   * shards given up: they are read again from the places that are written down.
   * @returns whether it was so.
   */
  async #sorted(current?: StagedShard): Promise<boolean> {
    const strays = [...this.#members.values()].filter(({ isHeld, shard: { lane } }) => !isHeld && lane.isStaged);
    if (strays.length === 0) return false;
    const shards = [...strays.map(({ shard }) => shard), ...(current === undefined ? [] : [current])];
    await givenUp(shards);
    await this.#options.checkpoints.takeAway(this.#closing.signal);
    return true;
  }
}

/** Lets others have shards, or us once more, from the places that are written down. */
async function givenUp(shards: readonly StagedShard[]): Promise<void> {
  await Promise.allSettled(shards.map(({ held }) => held.release()));
  for (const { held } of shards) held.lose();
}
