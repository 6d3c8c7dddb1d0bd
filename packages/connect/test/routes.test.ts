import { describe, expect, it } from 'vitest';
import { remedyFor } from '../src/remedies.js';
import { Routes, wholeName } from '../src/routes.js';

const route = (dataSource: string, pattern: string, priority = 1) => ({
  dataSource,
  pattern: wholeName(pattern) ?? /(?!)/,
  priority,
  usesStreamName: false,
});

describe('routes', () => {
  const routes = new Routes([
    route('all', 'wikipedia.*'),
    route('french', 'wikipedia-fr', 5),
    route('second', 'wikipedia.*'),
    route('never', '(?!)', 99),
  ]);

  it.each([
    ['wikipedia', 'all'],
    ['wikipedia-fr', 'french'],
    ['wikipedia-fr-old', 'all'],
    ['my-wikipedia', undefined],
    ['other', undefined],
  ])('%s goes to %s', (topic, dataSource) => {
    expect(routes.of(topic)?.dataSource).toBe(dataSource);
  });

  it('a pattern stands for whole names, alternatives too', () => {
    expect(wholeName('a|b')?.test('ab')).toBe(false);
    expect(wholeName('a|b')?.test('b')).toBe(true);
    expect(wholeName('(')).toBeUndefined();
  });
});

describe('what becomes of a drop', () => {
  const none = {
    onDrop: undefined,
    onUnparseable: undefined,
    window: undefined,
    reportDropsAsExceptions: false,
    reportParseExceptions: false,
  };

  it.each([
    ['late', {}, false, 'count'],
    ['late', {}, true, 'dead-letter'],
    ['late', { window: 'drop' }, true, 'count'],
    ['refused', { window: 'drop' }, true, 'dead-letter'],
    ['late', { onDrop: 'stop' }, false, 'stop'],
    ['unparseable', { onDrop: 'stop' }, false, 'count'],
    ['unparseable', { onUnparseable: 'stop' }, true, 'stop'],
    ['unparseable', { reportDropsAsExceptions: true }, false, 'count'],
    ['unparseable', { reportParseExceptions: true }, true, 'fail'],
    ['early', { reportDropsAsExceptions: true, window: 'drop' }, true, 'fail'],
  ] as const)('%s with %j, letters %s: %s', (reason, wishes, hasLetters, expected) => {
    expect(remedyFor(reason, { ...none, ...wishes }, hasLetters)).toBe(expected);
  });
});
