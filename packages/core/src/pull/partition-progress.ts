import type { PartitionLog } from '../journal/partition-log.js';
import type { PartitionReading } from './fetch-ledger.js';

/** Whether the reading of one partition goes on, from one look to the next. Times are epoch milliseconds. */
export class PartitionProgress {
  #askedAt: number | undefined;
  #current: number | undefined;
  #unreadSince: number | undefined;
  #stuckSince: number | undefined;

  /** Since when there has been something to read that nobody asks for. */
  get unreadSince(): number | undefined {
    return this.#unreadSince;
  }

  /** Since when Druid's own offset has stood still below the end. */
  get stuckSince(): number | undefined {
    return this.#stuckSince;
  }

  /** @param current how far Druid says that it has read; `undefined` when it does not say. */
  look(now: number, log: PartitionLog, reading: PartitionReading | undefined, current: number | undefined): void {
    const isUnread = log.countFrom(reading?.offset ?? 0) > 0;
    const wasAsked = reading?.askedAt !== this.#askedAt;
    this.#unreadSince = isUnread ? (wasAsked ? now : (this.#unreadSince ?? now)) : undefined;

    const isBehind = current !== undefined && log.countFrom(current) > 0;
    const hasMoved = current !== this.#current;
    this.#stuckSince = isBehind ? (hasMoved ? now : (this.#stuckSince ?? now)) : undefined;

    this.#askedAt = reading?.askedAt;
    this.#current = current;
  }
}
