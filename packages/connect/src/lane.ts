import { setMaxListeners } from 'node:events';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import { Changes } from './changes.js';
import type { Destination } from './destination.js';
import type { Event } from './event.js';
import type { Letters } from './letter.js';
import { Outcomes } from './outcomes.js';
import { Prefix } from './prefix.js';
import { Preparation } from './preparation.js';
import { sizeOf, type Partition, type StreamRecord } from './record.js';
import { sumsOf, type Records } from './records.js';
import { Room } from './room.js';
import type { StoppedFault } from './stopped-fault.js';
import { StretchReceipt } from './stretch-receipt.js';
import type { StreamTally } from './tally.js';
import { Waiting } from './waiting.js';
import { turn } from './waits.js';

/** Records that share a receipt: enough that it costs nothing, few enough that the prefix moves on. */
const stretchSize = 500;

export interface LaneOptions<P> extends Partition {
  readonly destination: Destination<P>;
  readonly tally: StreamTally;
  readonly letters: Letters<P> | undefined;
  /** From so many bytes on that wait to be sent, or to be kept as a dead letter, the lane is full. */
  readonly maxWaitingBytes: number;
  /** A record was only counted, as it was to be left out. */
  readonly onLeftOut?: (record: StreamRecord<P>) => void;
  /** There is room again after the lane was full. */
  readonly onRoom: () => void;
  /** The lane takes and sends nothing more, though the connector goes on; it keeps its place. */
  readonly onStopped: (fault: StoppedFault) => void;
  /** The connector cannot go on. */
  readonly onFatal: (error: TranquilityError) => void;
}

/** The way of one partition's records to Druid, in their order, independent of all other partitions. */
export class Lane<P> {
  readonly #options: LaneOptions<P>;
  readonly #closing = new AbortController();
  readonly #room: Room;
  readonly #changes = new Changes();
  readonly #prefix: Prefix<P>;
  readonly #preparation: Preparation<P>;
  readonly #outcomes: Outcomes<P>;
  readonly #waiting = new Waiting<P>();
  #isRunning = false;
  #isClosed = false;
  /** Whether it begins no further record. */
  #isHeld = false;
  /** Ends each wait within a stretch: the lane is held, or closed. */
  #patience = new AbortController();
  /** The record that is being sent, whether an event of it is on its way, and where to go on behind the one before. */
  #current: StreamRecord<P> | undefined;
  #isCurrentBegun = false;
  /** Whether it was read: if not, it waits again. */
  #isCurrentRead = false;
  #lastNext: P | undefined;
  #stopped: StoppedFault | undefined;

  constructor(options: LaneOptions<P>) {
    const { destination, tally, letters, stream, partition, maxWaitingBytes, onRoom } = options;
    const closing = this.#closing.signal;
    const isOpen = (): boolean => this.#isOpen;
    // Each event that is sent again waits on it, and each dead letter.
    setMaxListeners(0, closing);
    this.#options = options;
    this.#room = new Room(maxWaitingBytes, onRoom);
    this.#prefix = new Prefix(() => {
      this.#changes.tell();
    });
    this.#preparation = new Preparation({
      prepare: (record) => destination.prepare(record),
      isWanted: isOpen,
      closing,
      onTrouble: (error) => destination.warn(error),
    });
    this.#outcomes = new Outcomes({
      ...{ stream, partition, destination, tally, letters, room: this.#room },
      lane: {
        isOpen,
        closing,
        isBehind: ({ position }) => position !== this.#current?.position || this.#isCurrentBegun,
        stop: (fault) => this.#stop(fault),
        fatal: (error) => this.#fatal(error),
      },
    });
  }

  /** Up to where every record has its outcome; nothing before the first. */
  get settled(): P | undefined {
    return this.#prefix.settled;
  }

  get isFull(): boolean {
    return this.#room.isFull;
  }

  /** Why it stands still, if it does. */
  get stopped(): StoppedFault | undefined {
    return this.#stopped;
  }

  /** Why dead letters wait to be kept, if any do. */
  get trouble(): string | undefined {
    return this.#outcomes.trouble;
  }

  /** Whether Druid sees what is sent only when its source has let go of it. */
  get isStaged(): boolean {
    return this.#options.destination.isStaged;
  }

  /** Whether that is so, or not known yet. */
  get mayBeStaged(): boolean {
    return this.#options.destination.mayBeStaged;
  }

  /** Whether it has let go of all, and takes nothing any more. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Bytes that wait to be sent, or to be kept as a dead letter. */
  get waitingBytes(): number {
    return this.#room.bytes;
  }

  /** Takes records; it may be full then, and takes them all the same. */
  push(records: Records<P>): void {
    if (!this.#isOpen) return;
    const { tally } = this.#options;
    const { size, values } = sumsOf(records);
    this.#waiting.add(records);
    tally.bytes += values;
    tally.received += records.length;
    this.#room.take(size);
    if (!this.#isRunning && !this.#isHeld) void this.#run();
  }

  /** Resolves when there is room, or the lane is closed or stopped. */
  room(): Promise<void> {
    return this.#room.open();
  }

  /** Resolves when every record that was taken has its outcome, or the signal aborts, or the lane stands still. */
  async drained(signal: AbortSignal): Promise<void> {
    // Many lanes wait on one.
    setMaxListeners(0, signal);
    this.#options.destination.flush();
    await this.#changes.until(() => this.#isIdle, signal);
  }

  /** Sends no further records until `release`: stops before the next one where it has to wait, be it within a stretch. */
  hold(): void {
    this.#isHeld = true;
    this.#patience.abort();
  }

  /**
   * Holds the lane. Resolves when all records that were sent have their outcome, or the signal aborts.
   * @returns whether all have: then exactly what lies before `settled` was sent.
   */
  async quiet(signal: AbortSignal): Promise<boolean> {
    setMaxListeners(0, signal);
    this.hold();
    this.#options.destination.flush();
    await this.#changes.until(() => this.#isClosed || this.#isQuiet, signal);
    return this.isQuiet;
  }

  /** Goes on after `hold` or `quiet`. */
  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    if (!this.#isClosed) this.#patience = new AbortController();
    if (!this.#waiting.isEmpty && !this.#isRunning && this.#isOpen) void this.#run();
  }

  /** Takes nothing more, and lets go of what waits. Outcomes that come later change nothing. */
  close(): void {
    this.#isClosed = true;
    this.#closing.abort();
    this.#patience.abort();
    this.#letGo();
  }

  /** Whether it is held, and all that was sent has its outcome. */
  get isQuiet(): boolean {
    return this.#isHeld && !this.#isClosed && this.#isQuiet;
  }

  /** Whether every record that was taken has its outcome, or the lane stands still. */
  get isDone(): boolean {
    return !this.#isClosed && this.#isIdle;
  }

  get #isOpen(): boolean {
    return !this.#isClosed && this.#stopped === undefined;
  }

  get #isIdle(): boolean {
    return !this.#isOpen || (this.#waiting.isEmpty && this.#isQuiet);
  }

  get #isQuiet(): boolean {
    return !this.#isRunning && this.#prefix.isComplete;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (!this.#waiting.isEmpty && !this.#isHeld && this.#isOpen) {
        await this.#sendStretch(this.#waiting.take(stretchSize));
        await turn();
      }
    } catch (error) {
      this.#fatal(error);
    } finally {
      this.#isRunning = false;
      if (this.#changes.areAwaited) this.#options.destination.flush();
      this.#changes.tell();
    }
  }

  async #sendStretch(records: Records<P>): Promise<void> {
    const stretch = this.#prefix.open();
    // Held open until all of its records were read.
    stretch.expect(1);
    const receipt = new StretchReceipt<P>(stretch, records, this.#outcomes);
    for (let at = 0; at < records.length; at++) {
      const record = records.at(at);
      if (record === undefined) break;
      const sending = this.#send(record, receipt, at);
      if (sending !== undefined) await sending;
      if (!this.#isOpen) {
        if (this.#stopsBefore(record)) {
          stretch.close(this.#lastNext);
          stretch.settle(1);
        }
        return;
      }
      if (!this.#isCurrentRead) {
        this.#waiting.putBack(records, at);
        break;
      }
      this.#lastNext = record.next;
      this.#room.free(sizeOf(record));
      if (sending !== undefined && this.#isHeld) {
        this.#waiting.putBack(records, at + 1);
        break;
      }
    }
    stretch.close(this.#lastNext);
    stretch.settle(1);
  }

  /** Whether the lane stands still before this record, which is the one that is being sent. */
  #stopsBefore(record: StreamRecord<P>): boolean {
    return !this.#isClosed && !this.#isCurrentBegun && this.#stopped?.position === String(record.position);
  }

  /** @returns nothing when there is nothing to wait for, as mostly. */
  #send(record: StreamRecord<P>, receipt: StretchReceipt<P>, at: number): Promise<void> | undefined {
    const { destination } = this.#options;
    this.#current = record;
    this.#isCurrentBegun = false;
    this.#isCurrentRead = false;
    receipt.stretch.expect(1);
    const hasRoom = destination.offer(record, receipt, at);
    if (hasRoom !== undefined) {
      // Where the lane stopped within, the event was refused, and is not on its way.
      this.#isCurrentRead = true;
      this.#isCurrentBegun = this.#stopped === undefined;
      return hasRoom ? undefined : destination.drained(this.#patience.signal);
    }
    receipt.stretch.settle(1);
    const ready = this.#preparation.of(record, this.#patience.signal);
    return ready === undefined
      ? this.#sendEvents(record, receipt)
      : ready.then((isReady) => (isReady ? this.#sendEvents(record, receipt) : undefined));
  }

  #sendEvents(record: StreamRecord<P>, receipt: StretchReceipt<P>): Promise<void> | undefined {
    if (!this.#isOpen) return undefined;
    this.#isCurrentRead = true;
    const { destination, tally, onLeftOut } = this.#options;
    if (record.leftOut !== undefined) {
      tally.drop(record.leftOut);
      onLeftOut?.(record);
      return undefined;
    }
    const { events, refused, filtered } = destination.read(record);
    tally.filtered += filtered;
    for (const fault of refused) {
      receipt.stretch.expect(1);
      this.#outcomes.faulty(record, fault, receipt.stretch);
    }
    return this.#writeFrom(0, events, record, receipt);
  }

  #writeFrom(
    start: number,
    events: readonly Event[],
    record: StreamRecord<P>,
    receipt: StretchReceipt<P>,
  ): Promise<void> | undefined {
    const { destination } = this.#options;
    for (let at = start; at < events.length && this.#isOpen; at++) {
      const event = events[at];
      if (event === undefined) break;
      receipt.add(event, record);
      const hasRoom = destination.write(event, receipt);
      this.#isCurrentBegun = true;
      if (hasRoom) continue;
      return destination.drained(this.#patience.signal).then(() => this.#writeFrom(at + 1, events, record, receipt));
    }
    return undefined;
  }

  #stop(fault: StoppedFault): void {
    if (this.#stopped !== undefined) return;
    this.#stopped = fault;
    this.#letGo();
    this.#options.onStopped(fault);
  }

  #fatal(error: unknown): void {
    if (this.#isClosed) return;
    this.close();
    this.#options.onFatal(
      error instanceof TranquilityError
        ? error
        : new TranquilityError('TRQ_INTERNAL', `A lane broke: ${messageOf(error)}`, { cause: error }),
    );
  }

  #letGo(): void {
    this.#waiting.clear();
    this.#room.clear();
    this.#changes.tell();
  }
}
