import { TranquilityError, type Undelivered } from '@tranquility-js/core';
import type { Destination } from './destination.js';
import { detached, detachedEvent } from './detached.js';
import type { Event } from './event.js';
import type { Fault, Letter, Letters } from './letter.js';
import { LetterDrops, type DropCount } from './letter-drops.js';
import { firstPause, persist } from './persist.js';
import type { Stretch } from './prefix.js';
import { sizeOf, type Partition, type StreamRecord } from './record.js';
import type { Room } from './room.js';
import type { StoppedFault } from './stopped-fault.js';
import type { OutcomeTaker, StretchReceipt } from './stretch-receipt.js';
import type { StreamTally } from './tally.js';
import { sentenceOf } from './troubles.js';
import { waited } from './waits.js';

/** The lane whose outcomes they are. */
export interface OutcomesLane<P> {
  /** Whether it is neither closed nor stands still. */
  readonly isOpen: () => boolean;
  /** Aborts when it is closed: outcomes that come later change nothing. */
  readonly closing: AbortSignal;
  /** Whether an event of the record, or of one behind it, may be on its way. */
  readonly isBehind: (record: StreamRecord<P>) => boolean;
  /** Has it stand still. */
  readonly stop: (fault: StoppedFault) => void;
  /** The connector cannot go on. */
  readonly fatal: (error: unknown) => void;
}

export interface OutcomesOptions<P> extends Partition {
  readonly destination: Destination<P>;
  readonly tally: StreamTally;
  readonly letters: Letters<P> | undefined;
  readonly room: Room;
  readonly lane: OutcomesLane<P>;
}

/** Deals with what became of the events of a lane, as the owner of the dataSource wishes. */
export class Outcomes<P> implements OutcomeTaker<P> {
  readonly #options: OutcomesOptions<P>;
  readonly #drops = new LetterDrops<P>();
  #trouble: string | undefined;

  constructor(options: OutcomesOptions<P>) {
    this.#options = options;
  }

  /** Why dead letters wait to be kept, if any do. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  sent(count: number, stretch: Stretch<P>): void {
    if (this.#isLost) return;
    this.#options.tally.sent += count;
    stretch.settle(count);
  }

  undelivered(event: Event, record: StreamRecord<P>, outcome: Undelivered, receipt: StretchReceipt<P>): void {
    if (this.#isLost) return;
    try {
      if (outcome.status === 'dropped') {
        this.faulty(record, outcome, receipt.stretch);
      } else if (outcome.error.retryable) {
        const later = detachedEvent(event);
        void this.#again(later, outcome.error, receipt.alone(later, detached(record)));
      } else {
        this.#options.lane.fatal(outcome.error);
      }
    } catch (error) {
      // Headers are read only now, and may be broken.
      this.#options.lane.fatal(error);
    }
  }

  /** An event of the record was dropped, or the record itself. */
  faulty(record: StreamRecord<P>, fault: Fault, stretch: Stretch<P>): void {
    const { destination, tally, stream, partition, lane } = this.#options;
    const remedy = destination.remedyFor(fault.reason);
    const position = String(record.position);
    const isBehind = lane.isBehind(record);
    // A partition stands still before a record. Where what came behind it has gone already, and must not come twice, only the end is left.
    if (remedy === 'fail' || (remedy === 'stop' && isBehind && destination.isStaged)) {
      const message = `${stream}, partition ${partition}, ${position}: an event was dropped (${fault.reason}): ${fault.message}`;
      lane.fatal(new TranquilityError('TRQ_EVENT_DROPPED', message, { details: { stream, partition, position } }));
    } else if (remedy === 'stop') {
      if (!isBehind) stretch.settle(1);
      lane.stop({ stream, partition, position, reason: fault.reason, message: fault.message });
    } else {
      tally.drop(fault.reason);
      const drops = remedy === 'dead-letter' ? this.#drops.first(record.position, stretch) : undefined;
      if (drops === undefined) stretch.settle(1);
      else void this.#keep(this.#letterOf(record, fault, drops), stretch);
    }
  }

  #letterOf(record: StreamRecord<P>, { reason, message }: Fault, drops: DropCount): Letter<P> {
    const { stream, partition, destination } = this.#options;
    return {
      ...{ stream, partition, dataSource: destination.dataSource, record: detached(record), reason, message },
      get dropped() {
        return drops.count;
      },
    };
  }

  get #isLost(): boolean {
    return this.#options.lane.closing.aborted;
  }

  /** @param letter what waits for long, if need be: nothing that it does not hold stays in memory with it. */
  async #keep(letter: Letter<P>, stretch: Stretch<P>): Promise<void> {
    const { letters, destination, tally, room, lane } = this.#options;
    const size = sizeOf(letter.record);
    // What waits for its letter fills the lane, until it is kept.
    if (lane.isOpen()) room.keep(size);
    try {
      const isKept = await persist(() => letters?.keep(letter), {
        isWanted: lane.isOpen,
        signal: lane.closing,
        mayPass: (error) => !(error instanceof TranquilityError) || error.retryable,
        onTrouble: (error) => {
          this.#trouble = sentenceOf(error);
          destination.warn(error);
        },
      });
      this.#trouble = undefined;
      if (!isKept) return;
      tally.deadLetters++;
      if (lane.isOpen()) room.free(size);
      stretch.settle(1);
    } catch (error) {
      lane.fatal(error);
    }
  }

  /** An event whose fate is unknown is sent again, until it has another one: its place is held meanwhile. */
  async #again(event: Event, error: TranquilityError, receipt: StretchReceipt<P>): Promise<void> {
    const { destination, tally, lane } = this.#options;
    destination.warn(error);
    await waited(firstPause, lane.closing);
    if (this.#isLost) return;
    tally.retried++;
    try {
      destination.write(event, receipt);
    } catch (again) {
      lane.fatal(again);
    }
  }
}
