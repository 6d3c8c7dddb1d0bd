import type { Partition, StreamRecord } from './record.js';

/** Why a record, or an event in it, did not arrive. */
export interface Fault {
  /** A reason for a drop; `filtered` and the like never come here. */
  readonly reason: string;
  /** One sentence with the values that decided. */
  readonly message: string;
}

/** A record of which something did not arrive, and the first fault in it, for where such records are kept. */
export interface Letter<P> extends Fault, Partition {
  readonly dataSource: string;
  /** How many of its events were dropped, as far as is known: it grows, and counts when the letter is written. */
  readonly dropped: number;
  readonly record: StreamRecord<P>;
}

/** Where records are kept that did not arrive. */
export interface Letters<P> {
  /**
   * Resolves when it is kept.
   * @throws (as a rejection) when it cannot be kept; the record has then no outcome.
   */
  keep(letter: Letter<P>): Promise<void>;
}
