import fc from 'fast-check';
import { expect, it } from 'vitest';
import { longestNumber, writeNumber } from '../../src/event/json-number.js';

const block = Buffer.alloc(longestNumber);
const written = (value: number): string => block.toString('latin1', 0, writeNumber(block, 0, value));

it('writes every number as JSON.stringify does', () => {
  const decimals = fc
    .tuple(fc.integer(), fc.integer({ min: 0, max: 6 }))
    .map(([digits, places]) => digits / 10 ** places);
  const large = fc
    .maxSafeInteger()
    .chain((value) => fc.constantFrom(value, value / 1000, value / 10, Math.trunc(value / 1e6)));
  const edges = [
    0,
    -0,
    0.1,
    0.01,
    0.001,
    0.0001,
    1.005,
    1e9,
    1e9 - 1,
    1e9 - 0.001,
    1e12,
    1e12 - 0.001,
    1e15,
    1e15 - 1,
    1e21,
    5e-324,
    NaN,
    -Infinity,
  ];
  for (const value of [...edges, ...edges.map((edge) => -edge)]) expect(written(value)).toBe(JSON.stringify(value));
  fc.assert(
    fc.property(fc.oneof(decimals, large, fc.double(), fc.integer()), (value) => {
      expect(written(value)).toBe(JSON.stringify(value));
    }),
    { numRuns: 20_000 },
  );
});
