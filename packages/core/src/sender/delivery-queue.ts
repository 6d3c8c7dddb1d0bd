import type { Destination, Row } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import { failed, type Outcome } from '../event/outcome.js';

/** Told what became of a row. Shared by many rows where one answer for many is enough. */
export interface Receipt {
  settle(row: Row, outcome: Outcome): void;
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
  readonly rows: Row[];
  readonly receipts: Receipt[];
  bytes: number;
  /** Resolves when every row of it is settled. */
  readonly done: Promise<void>;
  readonly finish: () => void;
}

/** Gathers the rows of one destination into batches, and keeps so many of them under way. */
export class DeliveryQueue {
  readonly #destination: Destination;
  readonly #limits: QueueLimits;
  readonly #signal: AbortSignal;
  readonly #onRoom: () => void;
  readonly #waiting: Batch[] = [];
  readonly #underWay = new Set<Batch>();
  #open: Batch | undefined;
  #turn: NodeJS.Immediate | undefined;
  #linger: NodeJS.Timeout | undefined;

  /** @param onRoom called each time that a queue, full or not, has finished a batch. */
  constructor(destination: Destination, limits: QueueLimits, signal: AbortSignal, onRoom: () => void) {
    this.#destination = destination;
    this.#limits = limits;
    this.#signal = signal;
    this.#onRoom = onRoom;
  }

  /** Whether a full batch waits because as many as may be are under way. */
  get isFull(): boolean {
    return this.#waiting.length > 0;
  }

  get isIdle(): boolean {
    return this.#open === undefined && this.#waiting.length === 0 && this.#underWay.size === 0;
  }

  add(row: Row, receipt: Receipt): void {
    const { maxBatchBytes, maxBatchSize } = this.#limits;
    const size = row.end - row.start;
    if (this.#open !== undefined && this.#open.bytes + size > maxBatchBytes) this.send();
    const batch = (this.#open ??= newBatch());
    batch.rows.push(row);
    batch.receipts.push(receipt);
    batch.bytes += size;
    if (batch.rows.length >= maxBatchSize || batch.bytes >= maxBatchBytes) this.send();
    else if (batch.rows.length === 1) this.#schedule();
  }

  /** Sends what there is, without waiting for a full batch. */
  send(): void {
    this.#unschedule();
    if (this.#open === undefined) return;
    this.#waiting.push(this.#open);
    this.#open = undefined;
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
    batch.rows.forEach((row, index) => {
      batch.receipts[index]?.settle(
        row,
        outcomes[index] ?? failed(new TranquilityError('TRQ_INTERNAL', 'A row has no outcome')),
      );
    });
    batch.finish();
    this.#pump();
    if (this.#limits.lingerMillis === 0) this.#sendIfIdle();
    this.#onRoom();
  }

  async #outcomes({ rows }: Batch): Promise<readonly Outcome[]> {
    try {
      return await this.#destination.deliver(rows, this.#signal);
    } catch (error) {
      const message = `The delivery to ${this.#destination.name} broke: ${messageOf(error)}`;
      const outcome = failed(new TranquilityError('TRQ_INTERNAL', message, { cause: error }));
      return rows.map(() => outcome);
    }
  }
}

function newBatch(): Batch {
  let finish = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { rows: [], receipts: [], bytes: 0, done, finish };
}
