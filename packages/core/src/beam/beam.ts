import type { Dropped, Outcomes } from '../event/outcome.js';
import type { ObjectRuns } from '../event/object-runs.js';
import type { RowBatch } from '../event/row-batch.js';

/** One place that takes rows: a task and its replicas, a journal. A slow destination holds up no other. */
export interface Destination {
  /** For people: `flights 2026-01-01T10:00:00.000Z`. */
  readonly name: string;
  /**
   * Delivers rows, and tries again within its own deadline. It may release the batch.
   * @returns what became of them. Never throws: an exception is a bug.
   */
  deliver(rows: RowBatch, signal: AbortSignal): Promise<Outcomes>;
}

/** How far the events that were delivered have to be. */
export type HandedOver =
  /** Druid has them: they can be queried. */
  | 'read'
  /** Druid has published them: nothing that happens to us or to its tasks can lose them. */
  | 'published';

/** So many events of a run, from its next one on, and where they go. */
export interface RoutedRun {
  readonly destination: Destination;
  readonly count: number;
}

/** A way into Druid. It reads events, says where each goes, and owns what it opened. */
export interface Beam {
  /**
   * Looks for Druid and checks that it can serve us, so that a mistake shows before the first event.
   * @param deadline epoch milliseconds until which to try.
   */
  connect(deadline: number, signal?: AbortSignal): Promise<void>;
  /** Where the event goes, or why nowhere. Never throws, whatever the event is. */
  route(event: unknown): Destination | Dropped;
  /**
   * Where the next events of a run go, which leave as they came. Absent where each has to be looked at by itself.
   * @returns nothing when the next one has to.
   */
  routeRun?(run: ObjectRuns): RoutedRun | undefined;
  /**
   * Where a row goes that another beam of the same dataSource has written.
   * @param timestamp its time, in epoch milliseconds.
   */
  routeRow(row: Uint8Array, timestamp: number): Destination | Dropped;
  /**
   * Writes the event or row that was routed last, as the last row of these.
   * @returns why it cannot be written, if so; the rows are then as they were.
   */
  write(rows: RowBatch): Dropped | undefined;
  /**
   * Waits until Druid has what was delivered. Absent where it has it with the delivery.
   * @param signal ends the wait. It does not throw then.
   * @returns how many events Druid has not got so far.
   */
  handOver?(until: HandedOver, signal: AbortSignal): Promise<number>;
  /** Ends what it does in the background, and lets go of what it opened. Call it when no delivery is under way. */
  close(): Promise<void>;
}
