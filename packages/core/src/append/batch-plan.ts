import { randomBytes } from 'node:crypto';
import type { FileSystem } from '../journal/file-system.js';
import { SealedState } from '../journal/sealed-state.js';
import { isJsonObject } from '../spec/json.js';
import type { MeasuredRange } from './row-range.js';

/** A batch that was cut off, until it is published. */
export interface PlannedBatch extends MeasuredRange {
  /** Which attempt is under way; 1 is the first. */
  readonly attempt: number;
  /** What the path is guarded by under which its rows are served. */
  readonly secret: string;
}

interface PlanState {
  /** Where the next batch begins. */
  readonly next: number;
  readonly batches: readonly PlannedBatch[];
}

const numbers = ['from', 'to', 'rows', 'bytes', 'earliest', 'latest', 'attempt'] as const;

/**
 * The batches of a log that are under way, kept on disk: each is written down before Druid hears of it, so that a process that goes
 * on after a crash sends the same rows under the same name.
 */
export class BatchPlan {
  readonly #state: SealedState<PlanState>;

  private constructor(state: SealedState<PlanState>) {
    this.#state = state;
  }

  /**
   * Opens the plan of a log.
   * @param start where the log begins, for a plan that is not there yet.
   * @throws TRQ_JOURNAL_FORMAT when it is not as it was written; TRQ_JOURNAL_FAILED
   */
  static async open(files: FileSystem, directory: string, name: string, start: number): Promise<BatchPlan> {
    const initial = { next: start, batches: [] };
    return new BatchPlan(await SealedState.open({ files, directory, name, initial, read: readState, remedy }));
  }

  /** Where the next batch begins. */
  get next(): number {
    return this.#state.value.next;
  }

  /** Those that are under way, the oldest first. */
  get batches(): readonly PlannedBatch[] {
    return this.#state.value.batches;
  }

  /** All below this offset is published. */
  get published(): number {
    return this.batches[0]?.from ?? this.next;
  }

  /** Adds a batch that begins where the last one has ended. @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL */
  async add(range: MeasuredRange): Promise<PlannedBatch> {
    const batch = { ...range, attempt: 1, secret: randomBytes(24).toString('base64url') };
    await this.#state.change(({ batches }) => ({ next: batch.to, batches: [...batches, batch] }));
    return batch;
  }

  /** Begins the next attempt of a batch. @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL */
  async again(batch: PlannedBatch): Promise<PlannedBatch> {
    const next = { ...batch, attempt: batch.attempt + 1 };
    await this.#state.change((state) => ({
      ...state,
      batches: state.batches.map((other) => (other.from === batch.from ? next : other)),
    }));
    return next;
  }

  /** Forgets a batch that is published. @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL */
  async remove(batch: PlannedBatch): Promise<void> {
    await this.#state.change((state) => ({
      ...state,
      batches: state.batches.filter(({ from }) => from !== batch.from),
    }));
  }
}

function readState(value: unknown): PlanState | undefined {
  if (!isJsonObject(value)) return undefined;
  const { next, batches } = value;
  if (typeof next !== 'number' || !Array.isArray(batches)) return undefined;
  return batches.every(isBatch) ? { next, batches } : undefined;
}

const isBatch = (value: unknown): value is PlannedBatch =>
  isJsonObject(value) && typeof value['secret'] === 'string' && numbers.every((key) => typeof value[key] === 'number');

const remedy =
  'so it is not known which rows Druid has. Restore it from a copy of the same moment as the journal; or, with Druid’s tasks named append_… looked at, remove it together with the folder of the dataSource beside it, never alone, and send again what is missing.';
