import { TranquilityError } from '@tranquility-js/core';

/** A stage that another connector has left in the journal: only that one can ask its source about it. */
export function foreignStage(token: string): TranquilityError {
  const message = `The journal has events of another connector, which ended before it was known whether their source has let go of them (${token}). Start that one again with its config, until it has read on; or use another journal.directory.`;
  return new TranquilityError('TRQ_JOURNAL_STAGED', message);
}
