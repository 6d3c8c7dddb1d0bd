import type { Receipt, Undelivered } from '@tranquility-js/core';
import type { Event } from './event.js';
import type { Stretch } from './prefix.js';
import type { StreamRecord } from './record.js';
import type { Records } from './records.js';

/** Who deals with what became of the events of a stretch. */
export interface OutcomeTaker<P> {
  sent(count: number, stretch: Stretch<P>): void;
  undelivered(event: Event, record: StreamRecord<P>, outcome: Undelivered, receipt: StretchReceipt<P>): void;
}

/** One receipt for the events of a stretch. It finds the record of an event only when one is asked for. */
export class StretchReceipt<P> implements Receipt {
  readonly stretch: Stretch<P>;
  readonly #taker: OutcomeTaker<P>;
  readonly #records: Records<P>;
  /** Events that were not sent from where their record lies, each with that. */
  readonly #read: [event: unknown, record: StreamRecord<P>][] = [];
  #recordOf: Map<unknown, StreamRecord<P>> | undefined;

  constructor(stretch: Stretch<P>, records: Records<P>, taker: OutcomeTaker<P>) {
    this.stretch = stretch;
    this.#records = records;
    this.#taker = taker;
  }

  /** Notes an event that was read from a record. */
  add(event: Event, record: StreamRecord<P>): void {
    this.#note(event, record);
    this.stretch.expect(1);
  }

  /** A receipt for one of its events that is to be sent again: it holds none of the other records in memory. */
  alone(event: Event, record: StreamRecord<P>): StretchReceipt<P> {
    const alone = new StretchReceipt<P>(this.stretch, [record], this.#taker);
    alone.#note(event, record);
    return alone;
  }

  sent(count: number): void {
    this.#taker.sent(count, this.stretch);
  }

  /** @param place of the record, where its event was sent from where it lies. */
  undelivered(event: unknown, outcome: Undelivered, place?: number): void {
    const record = place === undefined ? this.#recordWith(event) : this.#records.at(place);
    if (record === undefined) return;
    // It is a copy, by which we are told if it is sent again.
    if (place !== undefined) this.#note(event, record);
    this.#taker.undelivered(event as Event, record, outcome, this);
  }

  #note(event: unknown, record: StreamRecord<P>): void {
    this.#read.push([event, record]);
    this.#recordOf?.set(event, record);
  }

  #recordWith(event: unknown): StreamRecord<P> | undefined {
    this.#recordOf ??= new Map(this.#read);
    return this.#recordOf.get(event);
  }
}
