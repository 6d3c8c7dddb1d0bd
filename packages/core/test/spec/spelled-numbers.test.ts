import fc from 'fast-check';
import { expect, it } from 'vitest';
import { JsonNumber } from '../../src/spec/json-number.js';
import { parseExactly } from '../../src/spec/exact-json.js';
import { parseSpelled } from '../../src/spec/spelled-numbers.js';

it('numbers keep their spelling, and nothing else changes', () => {
  const spelled = (_: string, value: unknown): unknown =>
    typeof value === 'number' ? new JsonNumber(JSON.stringify(value)) : value;
  const texts = fc.string({ unit: fc.constantFrom('\\', '"', '1', '-', ',', '{', 'n', '\n', 'é') });
  const values = fc.jsonValue().chain((value) => fc.tuple(fc.constant(value), texts, texts));
  fc.assert(
    fc.property(values, ([value, key, text]) => {
      const json = JSON.stringify([value, { [key]: text, number: 1 }, text, 12]);
      expect(parseSpelled(json, () => true)).toEqual(JSON.parse(json, spelled));
      expect(parseSpelled(json, () => false)).toEqual(JSON.parse(json));
    }),
  );
});

it('an object of the text itself is none of them, whatever its key', () => {
  const json = '{"n":12345678901234567,"o":{"#number":"7,\\"t\\":5"},"p":{"\\u0023number":"x"}}';
  expect(parseExactly(json)).toEqual({
    n: new JsonNumber('12345678901234567'),
    o: { '#number': '7,"t":5' },
    p: { '#number': 'x' },
  });
});

it('an error tells of the text as it was', () => {
  const json = '{"n":12345678901234567,}';
  const message = (parse: () => unknown): string => {
    try {
      parse();
      return '';
    } catch (error) {
      return String(error);
    }
  };
  expect(message(() => parseExactly(json))).toBe(message(() => JSON.parse(json)));
});

it('texts beside them may be of many megabytes', () => {
  const texts = ['x'.repeat(16_000_000), '\n"'.repeat(4_000_000)];
  const json = JSON.stringify([...texts, 0]).replace(/0\]$/, '9007199254740993]');
  expect(parseExactly(json)).toEqual([...texts, new JsonNumber('9007199254740993')]);
});
