import type { FileSystem } from '../journal/file-system.js';
import type { OffsetRange } from '../journal/partition-log.js';
import { SealedState } from '../journal/sealed-state.js';
import { isJsonObject } from '../spec/json.js';
import type { OpenRows } from './open-rows.js';

/** How far the rows of a log were delivered. */
export interface Delivered {
  /** From here on nothing was noted. */
  readonly next: number;
  /** What is not delivered below, in groups that are read together. */
  readonly open: readonly OpenRows[];
}

/** The place of a log, on disk: a process that goes on after a crash repeats no more than what was not noted there. */
export class RelayPlace {
  readonly #state: SealedState<Delivered>;

  private constructor(state: SealedState<Delivered>) {
    this.#state = state;
  }

  /**
   * @param start where the log begins, for a place that is not there yet.
   * @throws TRQ_JOURNAL_FORMAT when it is not as it was written; TRQ_JOURNAL_FAILED
   */
  static async open(files: FileSystem, directory: string, name: string, start: number): Promise<RelayPlace> {
    const initial = { next: start, open: [] };
    return new RelayPlace(await SealedState.open({ files, directory, name, initial, read: readDelivered, remedy }));
  }

  get delivered(): Delivered {
    return this.#state.value;
  }

  /** @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL */
  note(delivered: Delivered): Promise<void> {
    return this.#state.change(() => delivered);
  }
}

function readDelivered(value: unknown): Delivered | undefined {
  if (!isJsonObject(value)) return undefined;
  const { next, open } = value;
  if (typeof next !== 'number' || !Array.isArray(open)) return undefined;
  return open.every(isGroup) ? { next, open } : undefined;
}

const isGroup = (value: unknown): value is OpenRows =>
  Array.isArray(value)
    ? value.every(isStretch)
    : isJsonObject(value) && typeof value['from'] === 'number' && typeof value['marks'] === 'string';

const isStretch = (value: unknown): value is OffsetRange =>
  isJsonObject(value) && typeof value['from'] === 'number' && typeof value['to'] === 'number';

const remedy =
  'so it is not known which events Druid’s tasks have. Restore it from a copy; or remove it, and all events that are still in the folder of the dataSource beside it are delivered, those that Druid has once more.';
