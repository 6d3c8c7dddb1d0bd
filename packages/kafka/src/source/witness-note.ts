import type { PlaceNotes } from '@tranquility-js/connect';
import type { Witness } from './known-log.js';

/** Where a witness is kept among the notes of journals. No journal has such a name. */
const name = '~read';

/** These notes, and by what the log before a place is known again. */
export function withWitness(notes: PlaceNotes, place: number, witness: Witness | undefined): PlaceNotes {
  if (witness === undefined) return notes.of(name) === undefined ? notes : notes.with([name], '');
  const { offset, epoch, timestamp } = witness;
  return notes.with([name], [place, offset, epoch, timestamp].join(':'));
}

/** @returns nothing where none is kept for this place: others move places too. */
export function witnessIn(notes: PlaceNotes, place: number): Witness | undefined {
  const [noted, offset, epoch, timestamp] = (notes.of(name) ?? '').split(':').map(Number);
  if (noted !== place || offset === undefined || epoch === undefined || timestamp === undefined) return undefined;
  return [offset, epoch, timestamp].every(Number.isSafeInteger) ? { offset, epoch, timestamp } : undefined;
}
