import { setMaxListeners } from 'node:events';
import type { Destination } from '../beam/beam.js';
import type { Haste } from '../beam/haste.js';
import { TranquilityError } from '../errors/tranquility-error.js';
import { WrittenEvent } from '../event/found-event.js';
import type { Dropped, Undelivered } from '../event/outcome.js';
import type { RowBatch } from '../event/row-batch.js';
import type { LaneBeam } from '../lane/lane-beam.js';
import type { JournalRow } from '../relay/journal-row.js';
import type { ClosableOutlet } from '../relay/relay-beam.js';
import type { Clock } from '../time/clock.js';
import { DeliveryQueue, guarded, type QueueLimits, type Receipt } from './delivery-queue.js';

export interface RowOutletParts {
  readonly lane: LaneBeam;
  readonly clock: Clock;
  readonly limits: QueueLimits;
  /** How long rows may be under way before that is told, in milliseconds. */
  readonly quietPeriod: number;
  /** That of the sender whose events these are. */
  readonly haste: Haste;
  /** Told about each row that was dropped or failed, as a copy of its bytes. */
  readonly onUndelivered: (row: Buffer, outcome: Undelivered) => void;
}

/** How long a look for Druid takes at most, in milliseconds. */
const lookTimeout = 10_000;

/** Delivers rows of a journal by a lane, as a sender does: in batches, in a queue for each destination. What is busy is not waited for here. */
export class SenderOutlet implements ClosableOutlet {
  readonly groupBytes: number;
  readonly mostGroups: number;
  readonly quietPeriod: number;
  readonly #parts: RowOutletParts;
  readonly #limits: QueueLimits;
  readonly #queues = new Map<Destination, DeliveryQueue>();
  readonly #abort = new AbortController();
  readonly #everyone: Receipt;
  #onRoom: () => void = () => undefined;
  /** Ends the haste that there is while a queue is full. */
  #relax: (() => void) | undefined;

  constructor(parts: RowOutletParts) {
    const { limits, quietPeriod, onUndelivered } = parts;
    this.#parts = parts;
    this.groupBytes = limits.maxBatchBytes;
    this.mostGroups = limits.maxPendingBatches;
    this.quietPeriod = quietPeriod;
    // They have waited for others before they came into the journal.
    this.#limits = { ...limits, lingerMillis: 0 };
    setMaxListeners(0, this.#abort.signal);
    this.#everyone = {
      sent: () => undefined,
      undelivered: (row, outcome) => guarded(() => onUndelivered(row as Buffer, outcome)),
    };
  }

  /** Rows that are delivered before the lane is known would wait for each other’s tasks. */
  async ready(signal: AbortSignal): Promise<void> {
    const { lane, clock } = this.#parts;
    if (!this.#isLaneUnknown()) return;
    try {
      await lane.connect(clock.now() + lookTimeout, signal);
    } catch (error) {
      if (this.#isLaneUnknown()) throw error;
    }
  }

  route({ bytes, timestamp }: JournalRow): Destination | Dropped {
    return this.#parts.lane.routeRow(bytes, timestamp);
  }

  write(row: JournalRow, to: Destination, receipt: Receipt): void {
    const queue = this.#queues.get(to) ?? this.#newQueue(to);
    const write = (rows: RowBatch): Dropped | undefined => {
      const refused = this.#parts.lane.write(rows);
      // Else each row would keep all that was read with it.
      if (refused === undefined) rows.events[rows.count - 1] = new WrittenEvent(row.offset);
      return refused;
    };
    const refused = queue.add(write, receipt);
    if (refused !== undefined) {
      this.drop(row, refused);
      receipt.undelivered(row.bytes, refused, row.offset);
    }
    if (queue.isFull) this.#relax ??= this.#parts.haste.begin();
  }

  drop({ bytes }: JournalRow, why: Dropped): void {
    this.#everyone.undelivered(Buffer.from(bytes), why);
  }

  isBusy(to: Destination): boolean {
    return this.#queues.get(to)?.isBusy ?? false;
  }

  onRoom(listener: () => void): void {
    this.#onRoom = listener;
  }

  async settled(): Promise<void> {
    const relax = this.#parts.haste.begin();
    for (const queue of this.#queues.values()) queue.send();
    await Promise.all([...this.#queues.values()].map((queue) => queue.settled()));
    relax();
  }

  async close(): Promise<void> {
    for (const queue of this.#queues.values()) queue.send();
    this.#abort.abort(new TranquilityError('TRQ_ABORTED', 'The sender was closed before the event was delivered'));
    await this.settled();
    this.#relax?.();
  }

  #isLaneUnknown(): boolean {
    return this.#parts.lane.lane === undefined;
  }

  #newQueue(destination: Destination): DeliveryQueue {
    for (const [other, queue] of this.#queues) if (queue.isIdle) this.#queues.delete(other);
    const queue = new DeliveryQueue(destination, this.#limits, this.#abort.signal, this.#everyone, () => {
      this.#tellOfRoom();
    });
    this.#queues.set(destination, queue);
    return queue;
  }

  #tellOfRoom(): void {
    if (![...this.#queues.values()].some(({ isFull }) => isFull)) {
      this.#relax?.();
      this.#relax = undefined;
    }
    this.#onRoom();
  }
}
