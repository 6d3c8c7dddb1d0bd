import type { Destination } from '../beam/beam.js';
import type { Dropped } from '../event/outcome.js';
import type { RowReceipt } from './delivery.js';
import type { JournalRow } from './journal-row.js';

/** Who delivers the rows of a line: a sender of its dataSource. */
export interface RowOutlet {
  /** The most bytes that are read together. */
  readonly groupBytes: number;
  /** How many groups may be under way, but for late ones, or delivered and not noted. */
  readonly mostGroups: number;
  /** How long rows may be under way before that is told, in milliseconds. */
  readonly quietPeriod: number;
  /** Resolves when it is known where rows go. @throws why it cannot be known so far */
  ready(signal: AbortSignal): Promise<void>;
  /** Where a row goes, or why nowhere. */
  route(row: JournalRow): Destination | Dropped;
  /** Takes the row that was routed last, though its destination may be busy. */
  write(row: JournalRow, to: Destination, receipt: RowReceipt): void;
  /** Takes note of a row that goes nowhere. */
  drop(row: JournalRow, why: Dropped): void;
  /** Whether as many batches are under way to a destination as may be. */
  isBusy(to: Destination): boolean;
  /** Calls back when one may be busy no longer. */
  onRoom(listener: () => void): void;
}
