import { TranquilityError } from '../errors/tranquility-error.js';
import { isNoRoom } from './file-system.js';

/**
 * What the file system did not do: for want of room, or as it is broken.
 * @param what `write to /data/journal/flights-0/…log`
 */
export function diskTrouble(what: string, cause: unknown): TranquilityError {
  if (isNoRoom(cause)) return journalFull(`the disk has no room to ${what}`, { cause });
  return journalFailed(what, cause);
}

/** @param what what could not be done: `write to /data/journal/flights-0/…log` */
export function journalFailed(what: string, cause: unknown): TranquilityError {
  const message = `The journal cannot ${what}. Look after the disk and the rights of the directory, then start again.`;
  return new TranquilityError('TRQ_JOURNAL_FAILED', message, { cause });
}

/** @param why `the disk of /data/journal has 12 MB left` */
export function journalFull(
  why: string,
  options: { cause?: unknown; details?: Readonly<Record<string, unknown>> } = {},
): TranquilityError {
  const message = `The journal takes no more events: ${why}. What it took before is safe. There is room again when Druid has what it takes from there, or on a larger disk.`;
  return new TranquilityError('TRQ_JOURNAL_FULL', message, options);
}

export function journalClosed(directory: string): TranquilityError {
  return new TranquilityError('TRQ_JOURNAL_CLOSED', `The journal in ${directory} is closed.`);
}

export function journalLocked(directory: string, holder: string): TranquilityError {
  const message = `The journal in ${directory} is written by another process (${holder}). Only one may: end it, or choose another directory.`;
  return new TranquilityError('TRQ_JOURNAL_LOCKED', message, { details: { directory, holder } });
}

export function badSequence(message: string): TranquilityError {
  return new TranquilityError('TRQ_JOURNAL_SEQUENCE', message);
}

export function badFormat(message: string): TranquilityError {
  return new TranquilityError('TRQ_JOURNAL_FORMAT', message);
}

export function journalStaged(directory: string): TranquilityError {
  const message = `The journal in ${directory} has events of a connector that ended before it was known whether their source has let go of them. Start the connector again with the same config, until it has consumed; or use another journal.directory.`;
  return new TranquilityError('TRQ_JOURNAL_STAGED', message, { details: { directory } });
}
