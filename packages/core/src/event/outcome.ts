import type { TranquilityError } from '../errors/tranquility-error.js';

/** Why an event was dropped on purpose. */
export const dropReasons = {
  /** It is not an object, or its timestamp is missing or unreadable. */
  unparseable: 'unparseable',
  /** It cannot be written as JSON: a BigInt, a circular reference, a `toJSON`, `map` or accessor that throws. */
  unserializable: 'unserializable',
  /** The window of its segment has closed. */
  late: 'late',
  /** The window of its segment has not opened yet. */
  early: 'early',
  /** Its source cannot be slowed down, and there was no room for it. */
  overflow: 'overflow',
  /** Druid's task could read every other row of the batch, but not this one. */
  refused: 'refused',
} as const;

export type DropReason = keyof typeof dropReasons;

/** The event was dropped for a named reason; sending it again does not help. */
export interface Dropped {
  readonly status: 'dropped';
  readonly reason: DropReason;
  /** One sentence with the values that decided. */
  readonly message: string;
}

/** What became of one event. Every event ends in exactly one outcome. */
export type Outcome =
  /** Druid acknowledged it. */
  | { readonly status: 'sent' }
  | Dropped
  /** It could not be delivered, or its fate is unknown; the caller may send it again. */
  | { readonly status: 'failed'; readonly error: TranquilityError };

/** An outcome other than `sent`. */
export type Undelivered = Exclude<Outcome, { status: 'sent' }>;

/** What became of several events: one outcome for all of them, or a list with one for each, in order. */
export type Outcomes = Outcome | readonly Outcome[];

export function isOutcomeList(outcomes: Outcomes | undefined): outcomes is readonly Outcome[] {
  return Array.isArray(outcomes);
}

/** The outcome of all that went well. */
export const sent: Outcome = Object.freeze({ status: 'sent' });

export function dropped(reason: DropReason, message: string): Dropped {
  return { status: 'dropped', reason, message };
}

export function failed(error: TranquilityError): Undelivered {
  return { status: 'failed', error };
}
