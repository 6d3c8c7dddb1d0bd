import type { Destination } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { failed, sent, type Dropped, type Outcome, type Outcomes, type Undelivered } from '../event/outcome.js';
import { BlockPool, RowBatch } from '../event/row-batch.js';

/** Told what became of events. Shared by many events where one answer for many is enough. What it throws becomes a warning of the process. */
export interface Receipt {
  /**
   * So many of its events were sent, all in one batch.
   * @param events has them at `from` and behind it, in the order in which they were written.
   */
  sent(count: number, events: readonly unknown[], from: number): void;
  /** This event was not. */
  undelivered(event: unknown, outcome: Undelivered): void;
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

  get isIdle(): boolean {
    return (this.#open?.rows.count ?? 0) === 0 && this.#waiting.length === 0 && this.#underWay.size === 0;
  }

  /**
   * Adds a row.
   * @param write writes it to the end of the rows that it is given.
   * @returns why it could not be written, if so.
   */
  add(write: (rows: RowBatch) => Dropped | undefined, receipt: Receipt): Dropped | undefined {
    const { maxBatchBytes, maxBatchSize } = this.#limits;
    let batch = (this.#open ??= this.#newBatch());
    const refused = write(batch.rows);
    if (refused !== undefined) return refused;
    if (batch.rows.size > maxBatchBytes && batch.rows.count > 1) {
      const next = this.#newBatch();
      batch.rows.moveLast(next.rows);
      this.#sendOpen(next);
      batch = next;
    }
    const last = batch.receipts.at(-1);
    if (last?.receipt === receipt) last.count++;
    else batch.receipts.push({ receipt, count: 1 });
    const { rows } = batch;
    if (rows.count >= maxBatchSize || rows.size >= maxBatchBytes) this.send();
    else if (rows.count === 1) this.#schedule();
    return undefined;
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
      }, lingerMillis);
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
    isList(outcomes)
      ? (outcomes[index] ?? failed(new TranquilityError('TRQ_INTERNAL', 'A row has no outcome')))
      : outcomes;
  let index = 0;
  for (const { receipt, count } of receipts) {
    const end = index + count;
    if (outcomes === sent) tellSent(count, rows.events, index, everyone, receipt);
    else for (let at = index; at < end; at++) tell(rows.events, at, outcomeOf(at), everyone, receipt);
    index = end;
  }
}

function tell(events: readonly unknown[], at: number, outcome: Outcome, everyone: Receipt, receipt: Receipt): void {
  if (outcome.status === 'sent') tellSent(1, events, at, everyone, receipt);
  else tellUndelivered(events[at], outcome, everyone, receipt);
}

function tellSent(count: number, events: readonly unknown[], from: number, everyone: Receipt, receipt: Receipt): void {
  everyone.sent(count, events, from);
  guarded(() => {
    receipt.sent(count, events, from);
  });
}

/** Tells both that an event was not sent. */
export function tellUndelivered(event: unknown, outcome: Undelivered, everyone: Receipt, receipt: Receipt): void {
  everyone.undelivered(event, outcome);
  guarded(() => {
    receipt.undelivered(event, outcome);
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

function isList(outcomes: Outcomes): outcomes is readonly Outcome[] {
  return Array.isArray(outcomes);
}
