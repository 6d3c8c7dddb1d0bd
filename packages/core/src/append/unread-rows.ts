import { messageOf } from '../errors/tranquility-error.js';
import type { JournalLog } from '../journal/journal-log.js';
import type { OffsetRange } from '../journal/partition-log.js';
import type { Logger } from '../observe/logger.js';
import { holesIn, overlap, rowsCut } from './offset-ranges.js';
import { rowsAt } from './row-range.js';
import type { TaskReport } from './task-report.js';

/** How many rows are not in Druid as they were sent, though they were accepted. */
export interface UnreadCounts {
  /** Those that Druid's tasks could not read, so that they are not there. */
  readonly unread: number;
  /** Those that are there without a value that could not be read. */
  readonly partlyRead: number;
  /** Those that were damaged on disk before a task could read them, as far as that can be told. */
  readonly damaged: number;
}

/** What is published, and which of its rows its task was given; `undefined` where that is not known. */
export interface PublishedRows {
  readonly taskId: string;
  readonly range: OffsetRange;
  readonly read: readonly OffsetRange[] | undefined;
}

/** Told of a row that is not in Druid: as it was sent, or, where it is not found, in Druid's words. */
export type OnUnread = (row: Uint8Array | string, why: string) => void;

/** Who waits for rows of this stretch, and is told of those that are not in Druid. */
export interface RowWaiter extends OffsetRange {
  /** Why those are not that were not read, by offset. */
  readonly unread: Map<number, string>;
  /** Where there were none any more that could be read. */
  readonly damaged: OffsetRange[];
}

/** What becomes of rows that are not in Druid, though they were accepted: they are counted, said, and given to those who keep or await them. */
export class UnreadRows {
  readonly #dataSource: string;
  readonly #log: JournalLog;
  readonly #logger: Logger;
  readonly #waiters = new Set<RowWaiter>();
  #unread = 0;
  #partlyRead = 0;
  #damaged = 0;

  constructor(dataSource: string, log: JournalLog, logger: Logger) {
    this.#dataSource = dataSource;
    this.#log = log;
    this.#logger = logger;
  }

  get counts(): UnreadCounts {
    return { unread: this.#unread, partlyRead: this.#partlyRead, damaged: this.#damaged };
  }

  /** Notes who waits for rows, until `forget`. */
  await({ from, to }: OffsetRange): RowWaiter {
    const waiter = { from, to, unread: new Map<number, string>(), damaged: [] };
    this.#waiters.add(waiter);
    return waiter;
  }

  forget(waiter: RowWaiter): void {
    this.#waiters.delete(waiter);
  }

  /** Takes note of which rows of a stretch were damaged before the task that has published it was given them. */
  leaveOut({ taskId, range, read = [range] }: PublishedRows): void {
    const holes = holesIn(range, read);
    for (const waiter of this.#waiters) {
      for (const damaged of holes.flatMap((hole) => overlap(hole, waiter) ?? [])) waiter.damaged.push(damaged);
    }
    const damaged = rowsCut(this.#log.cuts, holes);
    if (damaged === 0) return;
    this.#damaged += damaged;
    this.#logger.error(
      `${taskId}: ${damaged} rows of ${this.#dataSource} are not in Druid, as they were damaged in ${this.#log.directory} before its task was given them. Look at the disk.`,
      { dataSource: this.#dataSource, damaged },
    );
  }

  /** Takes the report of a task that has published a stretch of the log. */
  async take({ taskId, range, read }: PublishedRows, report: TaskReport, tell: OnUnread): Promise<void> {
    const { unparseable, processedWithError, unread, partlyWhy } = report;
    this.#unread += unparseable;
    this.#partlyRead += processedWithError;
    const first = unread[0]?.why ?? partlyWhy;
    this.#logger.error(
      `${taskId}: Druid could not read ${unparseable} rows of ${this.#dataSource}, and ${processedWithError} in part${first === undefined ? '' : `, such as: ${first}`}. Compare them with the spec; the task’s report has more.`,
      { dataSource: this.#dataSource, unparseable, processedWithError },
    );
    const found = await this.#find(range, new Set(unread.flatMap(({ line }) => line ?? [])), read);
    for (const { line, input, why } of unread) {
      const row = found.get(line ?? 0);
      tell(row?.row ?? input, why);
      if (row === undefined) continue;
      for (const waiter of this.#waiters) {
        if (row.offset >= waiter.from && row.offset < waiter.to) waiter.unread.set(row.offset, why);
      }
    }
  }

  async #find(
    range: OffsetRange,
    places: ReadonlySet<number>,
    read: readonly OffsetRange[] | undefined,
  ): ReturnType<typeof rowsAt> {
    try {
      return await rowsAt(this.#log, range, places, read);
    } catch (error) {
      this.#logger.warn(`Rows that Druid could not read are not found in the journal: ${messageOf(error)}`);
      return new Map();
    }
  }
}
