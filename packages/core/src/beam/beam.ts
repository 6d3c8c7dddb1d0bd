import type { Dropped, Outcome } from '../event/outcome.js';
import type { RowJson } from '../event/row-arena.js';

/** An event that has been read: where it goes, and what it is as JSON. One object: there are many of these, and they live for a while. */
export interface Row extends RowJson {
  readonly status: 'routed';
  readonly destination: Destination;
  /** The event as the caller gave it. */
  readonly event: unknown;
  /** Its timestamp in epoch milliseconds. */
  readonly timestamp: number;
}

/** One place that takes rows: a task and its replicas, a journal. A slow destination holds up no other. */
export interface Destination {
  /** For people: `flights 2026-01-01T10:00:00.000Z`. */
  readonly name: string;
  /**
   * Delivers rows, and tries again within its own deadline.
   * @returns an outcome for each row, in order. Never throws: an exception is a bug.
   */
  deliver(rows: readonly Row[], signal: AbortSignal): Promise<readonly Outcome[]>;
}

/** A way into Druid. It reads events, says where each goes, and owns what it opened. */
export interface Beam {
  /**
   * Looks for Druid and checks that it can serve us, so that a mistake shows before the first event.
   * @param deadline epoch milliseconds until which to try.
   */
  connect(deadline: number, signal?: AbortSignal): Promise<void>;
  /** Where the event goes, or why nowhere. Never throws, whatever the event is. */
  route(event: unknown): Row | Dropped;
  /** Releases connections. Call it when no delivery is under way. */
  close(): Promise<void>;
}
