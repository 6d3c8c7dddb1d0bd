import type { StreamProperties } from './properties.js';

/**
 * What becomes of an event that is dropped. `count`: nothing more. `dead-letter`: its record is kept elsewhere. `stop`: its partition
 * stands still. `fail`: the connector ends.
 */
export type Remedy = 'count' | 'dead-letter' | 'stop' | 'fail';

type Wishes = Pick<
  StreamProperties,
  'onDrop' | 'onUnparseable' | 'window' | 'reportDropsAsExceptions' | 'reportParseExceptions'
>;

/**
 * What a dataSource's owner wishes for a reason of a drop.
 * @param hasLetters whether there is a place for dead letters.
 */
export function remedyFor(reason: string, wishes: Wishes, hasLetters: boolean): Remedy {
  const otherwise = hasLetters ? 'dead-letter' : 'count';
  if (reason === 'unparseable') return wishes.reportParseExceptions ? 'fail' : (wishes.onUnparseable ?? otherwise);
  if (wishes.reportDropsAsExceptions) return 'fail';
  const isOutside = reason === 'late' || reason === 'early';
  if (isOutside && wishes.window === 'drop') return 'count';
  if (isOutside && wishes.window === 'dead-letter') return 'dead-letter';
  return wishes.onDrop ?? otherwise;
}

/** The properties that ask for dead letters. */
export function lettersWanted(wishes: Wishes): string[] {
  const names = ['onDrop', 'onUnparseable', 'window'] as const;
  return names.filter((name) => wishes[name] === 'dead-letter');
}
