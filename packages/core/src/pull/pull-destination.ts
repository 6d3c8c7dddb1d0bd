import type { Destination } from '../beam/beam.js';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import {
  dropped,
  failed,
  isOutcomeList,
  sent,
  type Outcome,
  type Outcomes,
  type Undelivered,
} from '../event/outcome.js';
import type { RowBatch, RowSlice } from '../event/row-batch.js';
import { mostBatchBytes } from '../journal/batch-header.js';
import { encodeSlice } from '../journal/encode-batch.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { OffsetRange } from '../journal/partition-log.js';
import type { Counters } from '../observe/counters.js';
import type { Logger } from '../observe/logger.js';
import type { Clock } from '../time/clock.js';
import { retry } from '../transport/retry.js';

export interface PullDestinationParts {
  readonly log: JournalLog;
  readonly name: string;
  readonly clock: Clock;
  readonly counters: Counters;
  readonly logger: Logger;
  /** How long to wait for room in the journal, in milliseconds. */
  readonly patience: number;
  /** Resolves when events may be taken. @throws why they may not. */
  readonly ready: (signal: AbortSignal) => Promise<void>;
  /**
   * Resolves when rows that are in the log may be called sent, but for some, by offset. Default: at once, without exception.
   * @throws why they may not.
   */
  readonly settled?: (rows: OffsetRange, signal: AbortSignal) => Promise<ReadonlyMap<number, Undelivered>>;
}

/** Rows that may not be called sent: some, by offset, or all. */
type Exceptions = ReadonlyMap<number, Undelivered> | Undelivered;

const none: Exceptions = new Map<number, Undelivered>();

/** Rows that are in the log. */
interface Taken extends OffsetRange {
  readonly exceptions: Promise<Exceptions>;
}

/** What a batch takes beside the rows themselves, at most: a header, and some bytes a row. */
const [headerBytes, rowBytes] = [64, 32];

/** One partition of the journal. What it has taken is on disk. */
export class PullDestination implements Destination {
  readonly name: string;
  readonly #parts: PullDestinationParts;
  #from = 0;
  #end = 0;

  constructor(parts: PullDestinationParts) {
    this.name = parts.name;
    this.#parts = parts;
  }

  /** What it has taken, as offsets: from one up to another. */
  get taken(): { readonly from: number; readonly end: number } {
    return { from: this.#from, end: this.#end };
  }

  async deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes> {
    const { counters, ready } = this.#parts;
    counters.batches++;
    try {
      await ready(signal);
      signal.throwIfAborted();
      const taken: Taken[] = [];
      const outcomes = await without(await this.#appendAll(rows.slice(), taken, signal), taken);
      // Who is told of one that was not taken gets it from there.
      if (outcomes === sent) rows.release();
      return outcomes;
    } catch (error) {
      return failed(asTranquilityError(signal.aborted ? signal.reason : error, this.name));
    }
  }

  /** In as few batches as the rows fit into; what is in the log when a later one fails stays sent. */
  async #appendAll(rows: RowSlice, taken: Taken[], signal: AbortSignal): Promise<Outcomes> {
    if (batchSize(rows) <= mostBatchBytes) return this.#append(rows, taken, signal);
    const outcomes: Outcome[] = [];
    for (const slice of rows.upTo((part) => batchSize(part) <= mostBatchBytes)) {
      const outcome =
        batchSize(slice) > mostBatchBytes
          ? dropped('refused', `Its ${slice.size} bytes are more than a batch takes: ${mostBatchBytes}.`)
          : await this.#append(slice, taken, signal).catch((error: unknown) =>
              failed(asTranquilityError(signal.aborted ? signal.reason : error, this.name)),
            );
      for (let row = 0; row < slice.count; row++) outcomes.push(outcome);
    }
    return outcomes;
  }

  async #append(rows: RowSlice, taken: Taken[], signal: AbortSignal): Promise<Outcome> {
    const { log, counters, clock, logger, patience } = this.#parts;
    const batch = encodeSlice(rows);
    let isTold = false;
    const { baseOffset, nextOffset } = await retry(() => log.append(batch), {
      clock,
      deadline: clock.now() + patience,
      signal,
      longestWait: 2_000,
      onRetry: (error) => {
        counters.retries++;
        if (!isTold) logger.warn(messageOf(error));
        isTold = true;
      },
    });
    if (this.#end === 0) this.#from = baseOffset;
    this.#end = Math.max(this.#end, nextOffset);
    counters.bytes += batch.length;
    const range = { from: baseOffset, to: nextOffset };
    taken.push({ ...range, exceptions: this.#settle(range, signal) });
    return sent;
  }

  /** Begun as soon as they are in the log: of what is published by then nobody is told any more. */
  async #settle(rows: OffsetRange, signal: AbortSignal): Promise<Exceptions> {
    try {
      return (await this.#parts.settled?.(rows, signal)) ?? none;
    } catch (error) {
      return failed(asTranquilityError(error, this.name));
    }
  }
}

/** Resolves when rows that are in the log are settled. They have their offsets in order. */
async function without(outcomes: Outcomes, taken: readonly Taken[]): Promise<Outcomes> {
  const ends = await Promise.all(taken.map(async (rows) => ({ ...rows, exceptions: await rows.exceptions })));
  if (ends.every(({ exceptions }) => 'size' in exceptions && exceptions.size === 0)) return outcomes;
  const found = ends.flatMap(({ from, to, exceptions }) =>
    Array.from({ length: to - from }, (_, row) =>
      'status' in exceptions ? exceptions : (exceptions.get(from + row) ?? sent),
    ),
  );
  if (!isOutcomeList(outcomes)) return found;
  let index = 0;
  return outcomes.map((outcome) => (outcome === sent ? (found[index++] ?? sent) : outcome));
}

const batchSize = (rows: RowSlice): number => headerBytes + rows.size + rows.count * rowBytes;

function asTranquilityError(cause: unknown, name: string): TranquilityError {
  if (cause instanceof TranquilityError) return cause;
  return new TranquilityError('TRQ_INTERNAL', `Cannot deliver to ${name}: ${messageOf(cause)}`, { cause });
}
