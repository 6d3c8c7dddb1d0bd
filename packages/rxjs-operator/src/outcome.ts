import type { DropReason, TranquilityError } from '@tranquility-js/core';

/** What became of one event. */
export type DruidOutcome<E = unknown> =
  /** Druid acknowledged it. */
  | { readonly event: E; readonly status: 'sent' }
  /** It was dropped for a named reason; sending it again does not help. `message` is one sentence with the values that decided. */
  | { readonly event: E; readonly status: 'dropped'; readonly reason: DropReason; readonly message: string }
  /** It could not be delivered, or its fate is unknown. Only with `onFailure: 'outcome'`. */
  | { readonly event: E; readonly status: 'failed'; readonly error: TranquilityError };
