import { TranquilityError, type DropReason } from '@tranquility-js/core';

/** How a stream takes events, and what it does about those that are not sent. */
export interface DruidStreamOptions {
  /**
   * - `objects` (default): each chunk is an event: an object, or the bytes of one JSON object.
   * - `ndjson`: chunks are bytes or texts, cut anywhere, of events as JSON: one a line, or what `readJsonEvents` calls `auto`.
   */
  readonly format?: 'objects' | 'ndjson';
  /**
   * What becomes of the stream when an event is dropped, as it is late or cannot be read:
   * - `report` (default): a `drop`, and the stream goes on.
   * - `error`: the stream fails with TRQ_EVENT_DROPPED.
   */
  readonly onDrop?: 'report' | 'error';
  /** How many chunks (`ndjson`: bytes) may wait while the sender is full. Default: Node's own; of a web stream 16, or 64 KiB. */
  readonly highWaterMark?: number;
  /** Destroys the stream. */
  readonly signal?: AbortSignal;
}

/** An event that was dropped. */
export interface DropReport<E = unknown> {
  /** The event as it was written; of broken JSON, its text. */
  readonly event: E | Uint8Array | string;
  readonly reason: DropReason;
  /** One sentence with the values that decided. */
  readonly message: string;
}

/** A batch that Druid has acknowledged. */
export interface DeliveryReport {
  /** How many events of this stream were in it. */
  readonly count: number;
}

/** What ends a stream that may not drop. */
export function dropError({ reason, message }: Pick<DropReport, 'reason' | 'message'>): TranquilityError {
  return new TranquilityError('TRQ_EVENT_DROPPED', `An event was dropped (${reason}): ${message}`, {
    details: { reason },
  });
}
