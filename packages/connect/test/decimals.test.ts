import { describe, expect, it } from 'vitest';
import { compareDecimals, decimalOf } from '../src/decimals.js';

describe('decimals', () => {
  it('are in order, to the last digit', () => {
    const inOrder = [
      '-1e3',
      '-999.9',
      '-1',
      '-.5',
      '0',
      '1e-9',
      '0.5',
      '1',
      '1.00000000000000000001',
      '1.5',
      '9',
      '10',
    ];
    const sorted = inOrder.toReversed().map((text) => ({ text, number: decimalOf(text) }));
    sorted.sort((one, other) =>
      one.number === undefined || other.number === undefined ? NaN : compareDecimals(one.number, other.number),
    );
    expect(sorted.map(({ text }) => text)).toEqual(inOrder);
  });

  it.each([
    ['1.0', '1'],
    ['100', '1e2'],
    ['+0.010', '1E-2'],
    ['-0', '0.00'],
    ['0e7', '0'],
    ['5.', '.5e1'],
    ['007', '7'],
  ])('%s is %s', (one, other) => {
    expect(decimalOf(one)).toEqual(decimalOf(other));
    expect(decimalOf(one)).toBeDefined();
  });

  it.each(['', '.', '-', 'e1', '1e', ' 1', '1 ', '0x1', '1_000', 'NaN', 'Infinity', '1e1.5', '1e10000000000'])(
    '%j is none',
    (text) => {
      expect(decimalOf(text)).toBeUndefined();
    },
  );
});
