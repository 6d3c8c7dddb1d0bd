import { describe, expect, it } from 'vitest';
import { readFilter } from '../src/filter.js';

const selector = (value: unknown): object => ({ type: 'selector', dimension: 'u', value });
const oneOf = (...values: unknown[]): object => ({ type: 'in', dimension: 'u', values });
const numeric = (bounds: object): object => ({ type: 'bound', dimension: 'u', ordering: 'numeric', ...bounds });
const equals = (matchValueType: string, matchValue: unknown): object => ({
  type: 'equals',
  column: 'u',
  matchValueType,
  matchValue,
});

const matches = (json: object, event: string): boolean | undefined =>
  readFilter({ ...json })?.matches(Buffer.from(event));

describe('a filter of numbers', () => {
  // What a transformSpec with the same filter does with the same JSON in Druid 25 (equals and range: 28) and 33.
  it.each([
    [selector('9007199254740993'), '{"u":9007199254740993}', true],
    [selector('9007199254740992'), '{"u":9007199254740993}', false],
    [selector('9007199254740993'), '{"u":[9007199254740993]}', true],
    [selector('9007199254740992'), '{"u":[9007199254740993]}', false],
    [selector('-9223372036854775807'), '{"u":-9223372036854775807}', true],
    [oneOf('1234567890123456789'), '{"u":1234567890123456789}', true],
    [{ type: 'not', field: oneOf('1234567890123456789') }, '{"u":1234567890123456789}', false],
    [{ type: 'not', field: oneOf('1234567890123456788') }, '{"u":1234567890123456789}', true],
    [equals('STRING', '9007199254740993'), '{"u":9007199254740993}', true],
    [equals('LONG', '9007199254740993'), '{"u":9007199254740992}', false],
    [{ type: 'regex', dimension: 'u', pattern: '^9007199254740993$' }, '{"u":9007199254740993}', true],
    [{ type: 'like', dimension: 'u', pattern: '900719925474099_' }, '{"u":9007199254740993}', true],
    [numeric({ lower: '9007199254740993' }), '{"u":9007199254740992}', false],
    [numeric({ lower: '9007199254740993' }), '{"u":9007199254740993}', true],
    [numeric({ lower: '9007199254740993' }), '{"u":"9007199254740992"}', false],
    [numeric({ lower: '9007199254740993' }), '{"u":[9007199254740992]}', false],
    [numeric({ lower: '9007199254740993' }), '{"u":[9007199254740993]}', true],
    [numeric({ lower: '9007199254740992.5' }), '{"u":"9007199254740993"}', true],
    [numeric({ lower: '9007199254740993.5' }), '{"u":9007199254740993}', false],
    [numeric({ upper: '9007199254740993.5' }), '{"u":9007199254740993}', true],
    [numeric({ upper: '-9007199254740993' }), '{"u":-9007199254740992}', false],
    [numeric({ lower: '12345678901234567891' }), '{"u":"12345678901234567890"}', false],
    [numeric({ lower: '9' }), '{"u":"1e1"}', true],
    [numeric({ lower: '9' }), '{"u":" 10"}', false],
    [numeric({ lower: '9' }), '{"u":"0x10"}', false],
    [numeric({ lower: '1.5', upper: '1.5' }), '{"u":1.5}', true],
    [selector('1.0'), '{"u":1.0}', true],
    [selector('1'), '{"u":1.0}', true],
    [selector('1.00'), '{"u":1.0}', true],
    [selector('1.0'), '{"u":1}', true],
    [selector('1e0'), '{"u":1}', true],
    [selector('+1'), '{"u":1}', true],
    [selector(' 1'), '{"u":1}', false],
    [selector('0x1'), '{"u":1}', false],
    [selector('1.5'), '{"u":1}', false],
    [selector('abc'), '{"u":0}', false],
    [selector('1'), '{"u":"1.0"}', false],
    [selector('1.0'), '{"u":"1.0"}', true],
    [selector('1.0'), '{"u":[1.0]}', true],
    [selector('1'), '{"u":[1.0]}', false],
    [selector('1'), '{"u":[1]}', true],
    [selector('1.0'), '{"u":[1]}', false],
    [selector('1.0E21'), '{"u":[1e21]}', true],
    [selector('1e21'), '{"u":1e21}', true],
    [selector('1000000000000000000000'), '{"u":1e21}', true],
    [oneOf('1.0'), '{"u":1}', true],
    [oneOf('x', '1'), '{"u":1.0}', true],
    [oneOf(1.5), '{"u":1.5}', true],
    [equals('DOUBLE', 1), '{"u":"1.0"}', true],
    [equals('DOUBLE', 1), '{"u":"1"}', false],
    [equals('LONG', 1), '{"u":"1.0"}', false],
    [equals('LONG', 1), '{"u":1.0}', true],
    [{ type: 'bound', dimension: 'u', lower: '1.0', upper: '1.0' }, '{"u":1.0}', true],
    [{ type: 'bound', dimension: 'u', lower: '1.0', upper: '1.0' }, '{"u":1}', false],
    [{ type: 'bound', dimension: 'u', lower: '1', upper: '1' }, '{"u":1.0}', false],
    [{ type: 'regex', dimension: 'u', pattern: '^1\\.0E21$' }, '{"u":1e21}', true],
    [{ type: 'like', dimension: 'u', pattern: '1.0' }, '{"u":1.0}', true],
  ])('%j says of %s: %j', (json, event, expected) => {
    expect(matches(json, event)).toBe(expected);
  });

  // Druid makes doubles of these.
  it.each([
    [selector('12345678901234567890'), '{"u":12345678901234567890}', true],
    [selector('12345678901234567891'), '{"u":12345678901234567890}', false],
    [selector('12345678901234567890'), '{"u":[12345678901234567890]}', true],
    [numeric({ lower: '12345678901234567891' }), '{"u":12345678901234567890}', false],
  ])('keeps apart what lies beyond 64 bits: %j says of %s: %j', (json, event, expected) => {
    expect(matches(json, event)).toBe(expected);
  });

  it('takes the last field of a name, and its name however it is escaped', () => {
    expect(matches(selector('2'), '{"u":1,"\\u0075":2}')).toBe(true);
  });

  it('reads events that are objects alike', () => {
    const filter = readFilter({ ...selector('9007199254740993') });
    expect(filter?.matches({ u: 9007199254740993n })).toBe(true);
    expect(filter?.matches({ u: '9007199254740993' })).toBe(true);
    expect(readFilter({ ...selector('1.0') })?.matches({ u: 1 })).toBe(true);
    expect(readFilter({ ...selector('1.0E300') })?.matches({ u: [1e300] })).toBe(true);
  });

  it('is not held up by numbers that are long when written out', () => {
    expect(matches(selector('1e999999999'), '{"u":1}')).toBe(false);
    expect(matches(numeric({ upper: '1e999999999' }), '{"u":"1e999999998"}')).toBe(true);
    expect(matches(numeric({ lower: '0' }), `{"u":"${'1'.repeat(1_000_000)}x"}`)).toBe(false);
  });

  it('reads a list with a text of many megabytes', () => {
    expect(matches(selector('1'), JSON.stringify({ u: ['\n'.repeat(8_000_000), 'x'.repeat(16_000_000), 1] }))).toBe(
      true,
    );
  });

  it('passes on what is no event, for its sender to say so', () => {
    expect(matches(selector('1'), '[1]')).toBe(true);
  });

  it('is refused where JavaScript rounded a number in it', () => {
    const rounded = JSON.parse(
      '{"type":"not","field":{"type":"in","dimension":"u","values":[9007199254740993]}}',
    ) as object;
    expect(readFilter({ ...rounded })).toBeUndefined();
    expect(readFilter({ ...oneOf(9007199254740991) })).toBeDefined();
  });
});
