import type { DropReason, TranquilityError, Undelivered } from '@tranquility-js/core';

/** Why an event was not sent: the engine's reasons, and `unrouted`: it names no dataSource that there is, or none that the client may post to. */
export type RejectReason = DropReason | 'unrouted' | 'failed';

/** An event that was not sent. */
export interface Rejected {
  /** Its place among all of the body, from 0. */
  readonly index: number;
  /** The line where it began, from 1, and the bytes before it, where they are known. */
  readonly line?: number;
  readonly byte?: number;
  readonly reason: RejectReason;
  readonly message: string;
}

/** A fault of the body, which decides over the answer's status. */
export interface Fault {
  readonly status: 400 | 403;
  /** In Tranquility's words. */
  readonly message: string;
}

/** The most rejected events that an answer tells of. */
const mostTold = 10;

/** What became of the events of one POST. */
export class PostReport {
  received = 0;
  sent = 0;
  failed = 0;
  readonly dropped: Partial<Record<RejectReason, number>> = {};
  /** The first ones by their places, in order, and among them the one behind the fault. */
  readonly rejected: Rejected[] = [];
  /** The first one. */
  fault: Fault | undefined;
  /** Of the first event that failed. */
  error: TranquilityError | undefined;
  /** The event behind the fault. */
  #faulty: Rejected | undefined;
  #underWay = 0;
  #finish: (() => void) | undefined;
  #settled: Promise<void> | undefined;

  /** Counts events that a sender was given. */
  handOver(count: number): void {
    this.received += count;
    this.#underWay += count;
  }

  /** Takes back the last one: the sender did not take it. */
  takeBack(): void {
    this.received--;
    this.#underWay--;
  }

  /** Counts an event that no sender was given. */
  reject(rejected: Rejected, fault?: Fault): void {
    this.received++;
    if (this.fault === undefined && fault !== undefined) {
      this.fault = fault;
      this.#faulty = rejected;
    }
    this.#count(rejected.reason);
    this.#tell(rejected);
  }

  settleSent(count: number): void {
    this.sent += count;
    this.#settle(count);
  }

  /**
   * @param index where the event stood; asked only if it may be told.
   * @param from where it stood at the earliest.
   */
  settleUndelivered(index: () => number, outcome: Undelivered, from = 0): void {
    if (outcome.status === 'failed') {
      this.failed++;
      this.error ??= outcome.error;
    }
    const { reason, message } = reasonOf(outcome);
    this.#count(reason);
    if (this.#tells(from)) this.#tell({ index: index(), reason, message });
    this.#settle(1);
  }

  /** Resolves when every event that a sender was given has its outcome. */
  async settled(): Promise<void> {
    if (this.#underWay === 0) return;
    this.#settled ??= new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    await this.#settled;
  }

  /** How many events have no outcome yet. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Whether an event at a place would be told now. */
  #tells(index: number): boolean {
    const last = this.rejected.at(this.#leastTold);
    return this.rejected.length < mostTold || (last !== undefined && index < last.index);
  }

  #tell(rejected: Rejected): void {
    if (rejected !== this.#faulty && !this.#tells(rejected.index)) return;
    const at = this.rejected.findLastIndex(({ index }) => index <= rejected.index) + 1;
    this.rejected.splice(at, 0, rejected);
    if (this.rejected.length <= mostTold) return;
    this.rejected.splice(this.#leastTold, 1);
  }

  /** Which one makes room for another, from the end. */
  get #leastTold(): number {
    return this.rejected.at(-1) === this.#faulty ? -2 : -1;
  }

  #count(reason: RejectReason): void {
    if (reason !== 'failed') this.dropped[reason] = (this.dropped[reason] ?? 0) + 1;
  }

  #settle(count: number): void {
    this.#underWay -= count;
    if (this.#underWay === 0) this.#finish?.();
  }
}

/** What an event that was not delivered is told as. */
export function reasonOf(outcome: Undelivered): { readonly reason: RejectReason; readonly message: string } {
  return outcome.status === 'dropped'
    ? outcome
    : { reason: 'failed', message: `${outcome.error.code}: ${outcome.error.message}` };
}
