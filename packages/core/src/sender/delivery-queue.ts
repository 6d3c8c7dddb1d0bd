import type { Destination } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import {
  failed,
  isOutcomeList,
  sent,
  type Dropped,
  type Outcome,
  type Outcomes,
  type Undelivered,
} from '../event/outcome.js';
import { WrittenEvent, WrittenRun } from '../event/found-event.js';
import type { ObjectRuns } from '../event/object-runs.js';
import { BlockPool, RowBatch } from '../event/row-batch.js';
import { timerMillis } from '../time/timer-millis.js';

/** Told what became of events. Shared by many events where one answer for many is enough. What it throws becomes a warning of the process. */
export interface Receipt {
  /**
   * So many of its events were sent, all in one batch.
   * @param events has them at `from` and behind it, in the order in which they were written.
   */
  sent(count: number, events: readonly unknown[], from: number): void;
  /**
   * This event was not.
   * @param place of an event that was found among others: its place there. It comes as a copy of its bytes.
   */
  undelivered(event: unknown, outcome: Undelivered, place?: number): void;
}

/** The limits of a queue: Tranquility's, and one in bytes. */
export interface QueueLimits {
  /** The most events in a batch. */
  readonly maxBatchSize: number;
  /** The most bytes of JSON in a batch; a larger event makes a batch of its own. */
  readonly maxBatchBytes: number;
  /** The most batches under way. */
  readonly maxPendingBatches: number;
  /** How long an unfilled batch waits for more; -1: until it is full or flushed. */
  readonly lingerMillis: number;
}

interface Batch {
  readonly rows: RowBatch;
  /** For each receipt in turn, how many rows it is for. */
  readonly receipts: { readonly receipt: Receipt; count: number }[];
  /** Resolves when every row of it is settled. */
  readonly done: Promise<void>;
  readonly finish: () => void;
}

/** Gathers the rows of one destination into batches, and keeps so many of them under way. */
export class DeliveryQueue {
  readonly #destination: Destination;
  readonly #limits: QueueLimits;
  readonly #signal: AbortSignal;
  readonly #everyone: Receipt;
  readonly #onRoom: () => void;
  readonly #blocks = new BlockPool();
  readonly #waiting: Batch[] = [];
  readonly #underWay = new Set<Batch>();
  #open: Batch | undefined;
  #turn: NodeJS.Immediate | undefined;
  #linger: NodeJS.Timeout | undefined;

  /**
   * @param everyone told about each event, before its own receipt.
   * @param onRoom called each time that a queue, full or not, has finished a batch.
   */
  constructor(
    destination: Destination,
    limits: QueueLimits,
    signal: AbortSignal,
    everyone: Receipt,
    onRoom: () => void,
  ) {
    this.#destination = destination;
    this.#limits = limits;
    this.#signal = signal;
    this.#everyone = everyone;
    this.#onRoom = onRoom;
  }

  /** Whether a full batch waits because as many as may be are under way. */
  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  /** Whether as many batches as may be are under way. */
  get isBusy(): boolean {
    return this.#underWay.size >= this.#limits.maxPendingBatches;
  }

  get isIdle(): boolean {
    return (this.#open?.rows.count ?? 0) === 0 && this.#waiting.length === 0 && this.#underWay.size === 0;
  }

  /**
   * Adds a row.
   * @param write writes it to the end of the rows that it is given.
   * @returns why it could not be written, if so.
   */
  add(write: (rows: RowBatch) => Dropped | undefined, receipt: Receipt): Dropped | undefined {
    const { maxBatchBytes } = this.#limits;
    let batch = (this.#open ??= this.#newBatch());
    const refused = write(batch.rows);
    if (refused !== undefined) return refused;
    if (batch.rows.size > maxBatchBytes && batch.rows.count > 1) {
      const next = this.#newBatch();
      batch.rows.moveLast(next.rows);
      this.#sendOpen(next);
      batch = next;
    }
    this.#added(batch, 1, receipt);
    return undefined;
  }

  /**
   * Adds the next events of a run, up to the end of a batch: their rows are what they came as.
   * @returns how many.
   */
  addRun(run: ObjectRuns, most: number, receipt: Receipt): number {
    let batch = (this.#open ??= this.#newBatch());
    let count = this.#fitting(batch.rows, run, most);
    if (count === 0) {
      this.send();
      batch = this.#open ??= this.#newBatch();
      count = Math.max(1, this.#fitting(batch.rows, run, most));
    }
    batch.rows.takeRun(run, count);
    this.#added(batch, count, receipt);
    return count;
  }

  /** How many events of a run a batch has room for. */
  #fitting(rows: RowBatch, run: ObjectRuns, most: number): number {
    let count = Math.min(most, this.#limits.maxBatchSize - rows.count);
    while (count > 0 && rows.size + run.sizeOf(count) > this.#limits.maxBatchBytes) count--;
    return count;
  }

  #added({ rows, receipts }: Batch, count: number, receipt: Receipt): void {
    const { maxBatchBytes, maxBatchSize } = this.#limits;
    const last = receipts.at(-1);
    if (last?.receipt === receipt) last.count += count;
    else receipts.push({ receipt, count });
    if (rows.count >= maxBatchSize || rows.size >= maxBatchBytes) this.send();
    else if (rows.count === count) this.#schedule();
  }

  /** Sends what there is, without waiting for a full batch. */
  send(): void {
    this.#sendOpen(undefined);
  }

  #sendOpen(next: Batch | undefined): void {
    this.#unschedule();
    const batch = this.#open;
    if (batch === undefined || batch.rows.count === 0) return;
    this.#open = next;
    this.#waiting.push(batch);
    this.#pump();
  }

  /** Resolves when every row that was added before is settled. */
  async settled(): Promise<void> {
    await Promise.all([...this.#waiting, ...this.#underWay].map((batch) => batch.done));
  }

  /** With no linger, a batch is what the caller adds in one turn of the event loop. */
  #schedule(): void {
    const { lingerMillis } = this.#limits;
    if (lingerMillis === 0) {
      this.#turn = setImmediate(() => {
        this.#sendIfIdle();
      });
    } else if (lingerMillis > 0) {
      this.#linger = setTimeout(() => {
        this.send();
      }, timerMillis(lingerMillis));
    }
  }

  #unschedule(): void {
    clearImmediate(this.#turn);
    clearTimeout(this.#linger);
  }

  #sendIfIdle(): void {
    if (this.#underWay.size < this.#limits.maxPendingBatches) this.send();
  }

  #pump(): void {
    while (this.#underWay.size < this.#limits.maxPendingBatches) {
      const batch = this.#waiting.shift();
      if (batch === undefined) break;
      this.#underWay.add(batch);
      void this.#deliver(batch);
    }
  }

  async #deliver(batch: Batch): Promise<void> {
    const outcomes = await this.#outcomes(batch);
    this.#underWay.delete(batch);
    settle(batch, outcomes, this.#everyone);
    batch.finish();
    this.#pump();
    if (this.#limits.lingerMillis === 0) this.#sendIfIdle();
    this.#onRoom();
  }

  async #outcomes({ rows }: Batch): Promise<Outcomes> {
    try {
      return await this.#destination.deliver(rows, this.#signal);
    } catch (error) {
      const message = `The delivery to ${this.#destination.name} broke: ${messageOf(error)}`;
      return failed(new TranquilityError('TRQ_INTERNAL', message, { cause: error }));
    }
  }

  #newBatch(): Batch {
    let finish = (): void => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    return { rows: new RowBatch(this.#blocks), receipts: [], done, finish };
  }
}

function settle({ rows, receipts }: Batch, outcomes: Outcomes, everyone: Receipt): void {
  const outcomeOf = (index: number): Outcome =>
    isOutcomeList(outcomes)
      ? (outcomes[index] ?? failed(new TranquilityError('TRQ_INTERNAL', 'A row has no outcome')))
      : outcomes;
  let index = 0;
  for (const { receipt, count } of receipts) {
    const end = index + count;
    if (outcomes === sent) tellSent(count, rows.events, index, everyone, receipt);
    else for (let at = index; at < end; at++) tell(rows, at, outcomeOf(at), everyone, receipt);
    index = end;
  }
}

function tell(rows: RowBatch, at: number, outcome: Outcome, everyone: Receipt, receipt: Receipt): void {
  if (outcome.status === 'sent') tellSent(1, rows.events, at, everyone, receipt);
  else tellUndelivered(rows.eventAt(at), outcome, everyone, receipt, placeOf(rows.events[at], at));
}

function placeOf(event: unknown, row: number): number | undefined {
  if (event instanceof WrittenRun) return event.placeOf(row);
  return event instanceof WrittenEvent ? event.place : undefined;
}

function tellSent(count: number, events: readonly unknown[], from: number, everyone: Receipt, receipt: Receipt): void {
  everyone.sent(count, events, from);
  guarded(() => {
    receipt.sent(count, events, from);
  });
}

/** Tells both that an event was not sent. */
export function tellUndelivered(
  event: unknown,
  outcome: Undelivered,
  everyone: Receipt,
  receipt: Receipt,
  place?: number,
): void {
  everyone.undelivered(event, outcome, place);
  guarded(() => {
    receipt.undelivered(event, outcome, place);
  });
}

/** Calls what is not ours: if it breaks, that must not cost other events their outcome. */
export function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    warnOfCallback(error);
  }
}

export function warnOfCallback(error: unknown): void {
  process.emitWarning(`A callback of a sender threw: ${messageOf(error)}`);
}
