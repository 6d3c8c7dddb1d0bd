import type { Dropped, Outcomes } from '../event/outcome.js';
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
   * Writes the event that was routed last, as the last row of these.
   * @returns why it cannot be written, if so; the rows are then as they were.
   */
  write(rows: RowBatch): Dropped | undefined;
  /** Releases connections. Call it when no delivery is under way. */
  close(): Promise<void>;
}
