import type { Records } from '@tranquility-js/connect';
import { BatchRecord } from './fetch/batch-record.js';
import type { Fetched } from './fetch/fetched-records.js';

/** A record that was read, as a log keeps it for good: compaction may take it away, and changes nothing of it. */
export interface Witness {
  readonly offset: number;
  /** The term of the leader that took it. */
  readonly epoch: number;
  /** In epoch milliseconds. */
  readonly timestamp: number;
}

/** Answers whose ends are remembered, until what was read up to there is committed. */
const mostWitnesses = 64;

/**
 * Knows the log that was read from another one that is as long by now: a topic that was made anew, or one whose end brokers lost. Offsets are the
 * same then, and nothing fails. So, where that may have happened, the last record that was read is asked for again.
 */
export class KnownLog {
  /** One for each answer, the newest last. */
  #witnesses: Witness[];
  #isDoubted: boolean;
  #epoch: number | undefined;

  /** @param witness what is known from before, if anything. */
  constructor(witness?: Witness) {
    this.#witnesses = witness === undefined ? [] : [witness];
    this.#isDoubted = witness !== undefined;
    this.#epoch = witness?.epoch;
  }

  /** The offset that is to be asked for before anything is taken; nothing while there is no doubt. */
  get asked(): number | undefined {
    return this.#isDoubted ? this.#witnesses.at(-1)?.offset : undefined;
  }

  /** It may be another by now. */
  doubt(): void {
    this.#isDoubted = true;
  }

  /** It is what it was, or nobody can tell. */
  trust(): void {
    this.#isDoubted = false;
  }

  /** It is another: nothing was read of it. */
  forget(): void {
    this.#witnesses = [];
    this.#isDoubted = false;
    this.#epoch = undefined;
  }

  /**
   * Looks at the first records of an answer: where their leader is another than before, the log is doubted.
   * @returns whether it is.
   */
  doubts(records: Records<number>): boolean {
    const epoch = witnessOf(records, 0)?.epoch;
    if (epoch === undefined || this.#epoch === undefined || epoch === this.#epoch) return false;
    this.#epoch = epoch;
    this.#isDoubted = this.#witnesses.length > 0;
    return this.#isDoubted;
  }

  /** Whether an answer has what was asked for, or what lies behind it, and so decides. */
  isDecidedBy({ place, next, broken }: Fetched, offset: number): boolean {
    return place <= offset && (offset < next || broken !== undefined);
  }

  /** Whether the record that was asked for is another one in this answer; where it is gone, nobody can tell. */
  isDeniedBy({ records }: Fetched): boolean {
    const known = this.#witnesses.at(-1);
    for (let at = 0; at < records.length; at++) {
      const found = witnessOf(records, at);
      if (found === undefined || known === undefined || found.offset > known.offset) return false;
      if (found.offset === known.offset) return found.epoch !== known.epoch || found.timestamp !== known.timestamp;
    }
    return false;
  }

  /** These were read. */
  read(records: Records<number>): void {
    const last = witnessOf(records, records.length - 1);
    if (last === undefined) return;
    this.#epoch = last.epoch;
    this.#witnesses.push(last);
    if (this.#witnesses.length > mostWitnesses) this.#witnesses.shift();
  }

  /** The last record before a place that is about to be committed, as far as it is remembered. What lies before it is not any more. */
  before(place: number): Witness | undefined {
    const at = this.#witnesses.findLastIndex(({ offset }) => offset < place);
    if (at > 0) this.#witnesses.splice(0, at);
    return at < 0 ? undefined : this.#witnesses[0];
  }
}

function witnessOf(records: Records<number>, at: number): Witness | undefined {
  const record = at < 0 ? undefined : records.at(at);
  // kafkajs does not say who took the records that it reads.
  if (!(record instanceof BatchRecord)) return undefined;
  const { position, epoch, timestamp } = record;
  return { offset: position, epoch, timestamp };
}
