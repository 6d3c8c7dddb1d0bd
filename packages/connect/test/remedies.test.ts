import { expect, it } from 'vitest';
import { remedyFor } from '../src/remedies.js';

type Wishes = Parameters<typeof remedyFor>[1];

const unset: Wishes = {
  ...{ onDrop: undefined, onUnparseable: undefined, window: undefined },
  ...{ reportDropsAsExceptions: false, reportParseExceptions: false },
};

it.each<[string, Partial<Wishes>, string, string]>([
  ['refused', {}, 'count', 'dead-letter'],
  ['unparseable', {}, 'count', 'dead-letter'],
  ['unparseable', { onUnparseable: 'stop', onDrop: 'count' }, 'stop', 'stop'],
  ['unparseable', { reportParseExceptions: true, onUnparseable: 'count' }, 'fail', 'fail'],
  ['unparseable', { reportDropsAsExceptions: true }, 'count', 'dead-letter'],
  ['refused', { reportDropsAsExceptions: true, onDrop: 'count' }, 'fail', 'fail'],
  ['refused', { onDrop: 'stop', window: 'drop' }, 'stop', 'stop'],
  ['late', { onDrop: 'stop' }, 'stop', 'stop'],
  ['late', { onDrop: 'stop', window: 'drop' }, 'count', 'count'],
  ['early', { onDrop: 'count', window: 'dead-letter' }, 'dead-letter', 'dead-letter'],
  ['early', { onDrop: 'stop', window: 'append' }, 'stop', 'stop'],
  ['early', { window: 'append' }, 'count', 'dead-letter'],
])('%s with %j: %s, with a place for dead letters: %s', (reason, wishes, without, having) => {
  const all = { ...unset, ...wishes };
  expect([remedyFor(reason, all, false), remedyFor(reason, all, true)]).toEqual([without, having]);
});
