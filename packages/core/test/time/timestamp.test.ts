import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TIMESTAMP_FORMATS, timestampReader } from '../../src/time/timestamp.js';

function read(format: string, value: unknown): number {
  return timestampReader(format).read(value);
}

function instant(ms: number): string {
  return Number.isNaN(ms) ? FAILS : new Date(ms).toISOString();
}

const FAILS = 'fails';

/** A text, what it is as `auto`, and what as `iso` where that differs. As Druid 28 answered, but for instants that no Date can hold. */
const TEXTS: [text: string, auto: string, iso?: string][] = [
  ['', FAILS],
  ['  ', FAILS],
  [' ', FAILS],
  ['"', FAILS],
  ['""', FAILS],
  ['" "', FAILS],
  ['2009', '1970-01-01T00:00:02.009Z', '2009-01-01T00:00:00.000Z'],
  ['"2009"', '2009-01-01T00:00:00.000Z'],
  [' 2009', '2009-01-01T00:00:00.000Z'],
  ['20090213', '1970-01-01T05:34:50.213Z', FAILS],
  ['2009-02', '2009-02-01T00:00:00.000Z'],
  ['2009-2', '2009-02-01T00:00:00.000Z'],
  ['2009-2-3', '2009-02-03T00:00:00.000Z'],
  ['2009-02-13', '2009-02-13T00:00:00.000Z'],
  ['2009-044', '2009-02-13T00:00:00.000Z'],
  ['2009-366', FAILS],
  ['2008-366', '2008-12-31T00:00:00.000Z'],
  ['2009-000', FAILS],
  ['2009-00-01', FAILS],
  ['2009-01-00', FAILS],
  ['2009-13-01', FAILS],
  ['2009-02-29', FAILS],
  ['2008-02-29', '2008-02-29T00:00:00.000Z'],
  ['1900-02-29', FAILS],
  ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ['2009-W07', '2009-02-09T00:00:00.000Z'],
  ['2009-W07-5', '2009-02-13T00:00:00.000Z'],
  ['2009-W53-1', '2009-12-28T00:00:00.000Z'],
  ['2009-W54-1', FAILS],
  ['2008-W53', FAILS],
  ['2008-W01-1', '2007-12-31T00:00:00.000Z'],
  ['2009-W00-1', FAILS],
  ['2009-W07-0', FAILS],
  ['2009-W07-8', FAILS],
  ['2009-W07-55', FAILS],
  ['2009-w07-5', '2009-02-13T00:00:00.000Z'],
  ['2009-1234', FAILS],
  ['2009-123-4', FAILS],
  ['2009-12-123', FAILS],
  ['2009-02-13T23:31:30Z', '2009-02-13T23:31:30.000Z'],
  ['2009-02-13T23:31:30z', '2009-02-13T23:31:30.000Z'],
  ['2009-02-13t23:31:30Z', '2009-02-13T23:31:30.000Z'],
  ['2009-02-13T23:31:30', '2009-02-13T23:31:30.000Z'],
  ['2009-02-13 23:31:30', '2009-02-13T23:31:30.000Z', FAILS],
  ['2009-02-13 23:31:30 PST', '2009-02-13T23:31:30.000Z', FAILS],
  ['2009-02-13 23:31:30 America/New_York', '2009-02-13T23:31:30.000Z', FAILS],
  ['2009-02-13 23:31:30 -08:00', FAILS],
  ['2009-02-13 23:31:30-08:00', '2009-02-14T07:31:30.000Z', FAILS],
  ['2009-02-13T23:31:30-0800', '2009-02-14T07:31:30.000Z'],
  ['2009-02-13T23:31:30-08', '2009-02-14T07:31:30.000Z'],
  ['2009-02-13T23:31:30-8', FAILS],
  ['2009-02-13T23:31:30+08:00:01', '2009-02-13T15:31:29.000Z'],
  ['2009-02-13T23:31:30+08:00:01.5', '2009-02-13T15:31:28.500Z'],
  ['2009-02-13T23:31:30+08:00:01,25', '2009-02-13T15:31:28.750Z'],
  ['2009-02-13T23:31:30+080001', '2009-02-13T15:31:29.000Z'],
  ['2009-02-13T23:31:30+080001123', '2009-02-13T15:31:28.877Z'],
  ['2009-02-13T23:31:30+0800011234', FAILS],
  ['2009-02-13T23:31:30+24:00', FAILS],
  ['2009-02-13T23:31:30+23:60', FAILS],
  ['2009-02-13T23:31:30+08:', FAILS],
  ['2009-02-13T23:31:30+080', FAILS],
  ['2009-02-13T23', '2009-02-13T23:00:00.000Z'],
  ['2009-02-13T', '2009-02-13T00:00:00.000Z'],
  ['2009-02-13TZ', '2009-02-13T00:00:00.000Z'],
  ['2009-02-13T+08:00', '2009-02-12T16:00:00.000Z'],
  ['2009-02-13Z', FAILS],
  ['2009-02-13+08:00', FAILS],
  ['2009-02-13 +08:00', '2009-02-12T16:00:00.000Z', FAILS],
  ['2009-02-13 ', '2009-02-13T00:00:00.000Z'],
  ['2009-02-13  UTC', '2009-02-13T00:00:00.000Z', FAILS],
  ['2009-02-13 UTC', '2009-02-13T00:00:00.000Z', FAILS],
  ['2009-02-13TUTC', FAILS],
  ['2009-02-13T23:31:30 Z', FAILS],
  ['2009-02-13T23:31:30Z UTC', '2009-02-13T23:31:30.000Z', FAILS],
  ['2009-02-13T23:31:30+08:00 America/New_York', '2009-02-13T15:31:30.000Z', FAILS],
  ['2009-02-13T23:31:30 pst', FAILS],
  ['2009-02-13T23:31:30 GMT+8', FAILS],
  ['2009-02-13T23:31:30 Etc/GMT+8', '2009-02-13T23:31:30.000Z', FAILS],
  ['2009 UTC', '2009-01-01T00:00:00.000Z', FAILS],
  ['20 UTC', '0020-01-01T00:00:00.000Z', FAILS],
  ['2 UTC', '0002-01-01T00:00:00.000Z', FAILS],
  ['-5 UTC', '-000005-01-01T00:00:00.000Z', FAILS],
  ['2009-02-13T23:31:30.1Z', '2009-02-13T23:31:30.100Z'],
  ['2009-02-13T23:31:30.12Z', '2009-02-13T23:31:30.120Z'],
  ['2009-02-13T23:31:30.123Z', '2009-02-13T23:31:30.123Z'],
  ['2009-02-13T23:31:30.1239Z', '2009-02-13T23:31:30.123Z'],
  ['2009-02-13T23:31:30.123456789Z', '2009-02-13T23:31:30.123Z'],
  ['2009-02-13T23:31:30.1234567890Z', FAILS],
  ['2009-02-13T23:31:30,5Z', '2009-02-13T23:31:30.500Z'],
  ['2009-02-13T23:31:30.Z', FAILS],
  ['2009-02-13T23.5', '2009-02-13T23:30:00.000Z'],
  ['2009-02-13T23,123456789', '2009-02-13T23:07:24.443Z'],
  ['2009-02-13T23:31.5', '2009-02-13T23:31:30.000Z'],
  ['2009-02-13T23:31.123456789', '2009-02-13T23:31:07.407Z'],
  ['2009-02-13T24:00:00Z', FAILS],
  ['2009-02-13T23:60:00Z', FAILS],
  ['2009-02-13T23:59:60Z', FAILS],
  ['2009-02-13T7:5:3', '2009-02-13T07:05:03.000Z'],
  ['2009-02-13T2331', FAILS],
  ['2009-02-13T233130Z', FAILS],
  ['2009-02-13T23:31:', FAILS],
  ['2009-02-13T23:31', '2009-02-13T23:31:00.000Z'],
  ['-5', '-000005-01-01T00:00:00.000Z'],
  ['+5', '0005-01-01T00:00:00.000Z'],
  ['-0', '0000-01-01T00:00:00.000Z'],
  ['+0', '0000-01-01T00:00:00.000Z'],
  ['999999999', '1970-01-12T13:46:39.999Z'],
  ['0', '1970-01-01T00:00:00.000Z', '0000-01-01T00:00:00.000Z'],
  ['-2009', '-002009-01-01T00:00:00.000Z'],
  ['+2009', '2009-01-01T00:00:00.000Z'],
  ['--5', FAILS],
  ['+-5', FAILS],
  ['-5-01-01', '-000005-01-01T00:00:00.000Z'],
  ['0000-01-01', '0000-01-01T00:00:00.000Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ['10000-01-01T00:00:00Z', '+010000-01-01T00:00:00.000Z'],
  ['275760-09-13', '+275760-09-13T00:00:00.000Z'],
  ['-271821-04-20', '-271821-04-20T00:00:00.000Z'],
  ['-271821-04-19', FAILS],
  ['1234567890123', '2009-02-13T23:31:30.123Z'],
  ['-1234567890123', FAILS, '1930-11-18T00:28:29.877Z'],
  ['+1234567890123', FAILS, '2009-02-13T23:31:30.123Z'],
  ['1234567890000.5', FAILS],
  ['1234567890.7', FAILS],
  ['9223372036854775808', FAILS],
  ['-9223372036854775809', FAILS],
  ['8640000000000000', '+275760-09-13T00:00:00.000Z'],
  ['-8640000000000000', FAILS, '-271821-04-20T00:00:00.000Z'],
  ['0000000000000000000000005', '1970-01-01T00:00:00.005Z'],
  ['00000000000000001234567890123', '2009-02-13T23:31:30.123Z'],
  ['1234567890123456', '+041091-11-25T05:02:03.456Z'],
  ['-1000', '-001000-01-01T00:00:00.000Z'],
  ['T10:00', FAILS, '1970-01-01T10:00:00.000Z'],
  ['T10', FAILS, '1970-01-01T10:00:00.000Z'],
  ['T10:00:00.5Z', FAILS, '1970-01-01T10:00:00.500Z'],
  ['TZ', FAILS],
  ['T24', FAILS],
  ['t10', FAILS, '1970-01-01T10:00:00.000Z'],
  ['10:00', FAILS],
  ['T10:00+01:00', FAILS, '1970-01-01T09:00:00.000Z'],
  ['2009/02/13', FAILS],
  ['13-02-2009', FAILS],
  ['2009-02-13T23:31:30ZZ', FAILS],
  ['\t2009-02-13\n', '2009-02-13T00:00:00.000Z'],
  ['\u00a02009-02-13', FAILS],
  ['"2009-02-13T23:31:30Z"', '2009-02-13T23:31:30.000Z'],
  ['"1234567890123"', FAILS, '2009-02-13T23:31:30.123Z'],
  [' "1234567890123" ', FAILS, '2009-02-13T23:31:30.123Z'],
  ['" 1234567890123 "', FAILS, '2009-02-13T23:31:30.123Z'],
  ['2009-02-13"', FAILS],
  ["'2009-02-13'", FAILS],
  ['2009-02-13T23:31:30.000Z[UTC]', FAILS],
  ['Fri, 13 Feb 2009 23:31:30 GMT', FAILS],
];

describe('texts as auto and iso', () => {
  it.each(TEXTS)('%j', (text, auto, iso = auto) => {
    expect([instant(read('auto', text)), instant(read('iso', text))]).toEqual([auto, iso]);
  });
});

/** A text as millis, posix, micro, nano and ruby. */
const NUMBER_TEXTS: [text: string, ...number[]][] = [
  ['1234567890', 1234567890, 1234567890000, 1234567, 1234, 1234567890000],
  ['-1', -1, -1000, 0, 0, -1000],
  ['-999', -999, -999000, 0, 0, -999000],
  ['-1000', -1000, -1000000, -1, 0, -1000000],
  ['-1001', -1001, -1001000, -1, 0, -1001000],
  ['-1234567', -1234567, -1234567000, -1234, -1, -1234567000],
  ['0', 0, 0, 0, 0, 0],
  ['-0', 0, 0, 0, 0, 0],
  ['+5', 5, 5000, 0, 0, 5000],
  ['000123', 123, 123000, 0, 0, 123000],
  [' 12 ', 12, 12000, 0, 0, 12000],
  ['"12"', 12, 12000, 0, 0, 12000],
  ['1.5', NaN, NaN, NaN, NaN, 1500],
  ['1e3', NaN, NaN, NaN, NaN, 1000000],
  ['', NaN, NaN, NaN, NaN, NaN],
  ['" "', NaN, NaN, NaN, NaN, NaN],
  ['x', NaN, NaN, NaN, NaN, NaN],
  ['12x', NaN, NaN, NaN, NaN, NaN],
  ['1234567890123456789', NaN, NaN, 1234567890123456, 1234567890123, NaN],
  ['9223372036854775807', NaN, NaN, NaN, 9223372036854, NaN],
  ['9223372036854775808', NaN, NaN, NaN, NaN, NaN],
  ['-9223372036854775808', NaN, NaN, NaN, -9223372036854, NaN],
  ['-9223372036854775809', NaN, NaN, NaN, NaN, NaN],
  ['8640000000000000', 8640000000000000, NaN, 8640000000000, 8640000000, NaN],
  ['8640000000000001', NaN, NaN, 8640000000000, 8640000000, NaN],
  ['-8640000000000000', -8640000000000000, NaN, -8640000000000, -8640000000, NaN],
  ['2009-02-13', NaN, NaN, NaN, NaN, NaN],
  ['.5', NaN, NaN, NaN, NaN, 500],
  ['5.', NaN, NaN, NaN, NaN, 5000],
  ['-.5e1', NaN, NaN, NaN, NaN, -5000],
  ['1234567890.123456', NaN, NaN, NaN, NaN, 1234567890123],
  ['+1E-2', NaN, NaN, NaN, NaN, 10],
];

describe('texts as millis, posix, micro, nano and ruby', () => {
  it.each(NUMBER_TEXTS)('%j', (text, ...expected) => {
    expect(['millis', 'posix', 'micro', 'nano', 'ruby'].map((format) => read(format, text))).toEqual(expected);
  });
});

/** A JSON number as auto, iso, millis, posix, micro, nano and ruby. */
const NUMBERS: [value: number, ...number[]][] = [
  [0, 0, -62167219200000, 0, 0, 0, 0, 0],
  [1, 1, -62135596800000, 1, 1000, 0, 0, 1000],
  [-1, -1, -62198755200000, -1, -1000, 0, 0, -1000],
  [1.5, 1, NaN, 1, 1000, 0, 0, 1500],
  [-1.5, -1, NaN, -1, -1000, 0, 0, -1500],
  [0.9, 0, NaN, 0, 0, 0, 0, 900],
  [-0.9, 0, NaN, 0, 0, 0, 0, -900],
  [2009, 2009, 1230768000000, 2009, 2009000, 2, 0, 2009000],
  [20090213, 20090213, NaN, 20090213, 20090213000, 20090, 20, 20090213000],
  [1234567890, 1234567890, 1234567890, 1234567890, 1234567890000, 1234567, 1234, 1234567890000],
  [1234567890.7, 1234567890, NaN, 1234567890, 1234567890000, 1234567, 1234, 1234567890700],
  [1234567890123, 1234567890123, 1234567890123, 1234567890123, 1234567890123000, 1234567890, 1234567, 1234567890123000],
  [1234567890123.9, 1234567890123, NaN, 1234567890123, 1234567890123000, 1234567890, 1234567, 1234567890123900],
  [-1234567890123.9, -1234567890123, NaN, -1234567890123, -1234567890123000, -1234567890, -1234567, -1234567890123900],
  [1234567890123456, 1234567890123456, 1234567890123456, 1234567890123456, NaN, 1234567890123, 1234567890, NaN],
  [1234567890123456800, NaN, NaN, NaN, NaN, 1234567890123456, 1234567890123, NaN],
  [8640000000000000, 8640000000000000, 8640000000000000, 8640000000000000, NaN, 8640000000000, 8640000000, NaN],
  [-8640000000000000, -8640000000000000, -8640000000000000, -8640000000000000, NaN, -8640000000000, -8640000000, NaN],
];

describe('numbers', () => {
  it.each(NUMBERS)('%d', (value, ...expected) => {
    const formats = ['auto', 'iso', 'millis', 'posix', 'micro', 'nano', 'ruby'];
    expect(formats.map((format) => read(format, value))).toEqual(expected);
  });
});

describe('more strict than Druid, rather than giving a wrong instant', () => {
  it.each([
    ['millis', '\u0662\u0660\u0660\u0669'],
    ['ruby', 'NaN'],
    ['ruby', '1.5f'],
    ['nano', 1e19],
    ['nano', 1e300],
    ['auto', Infinity],
    ['auto', NaN],
    ['posix', -Infinity],
    ['millis', 8.64e15 + 2],
    ['auto', '2009-02-13 23:31:30 america/new_york'],
    ['auto', '2009-02-13 23:31:30 Europe/Atlantis'],
  ])('%s %j', (format, value) => {
    expect(read(format, value)).toBeNaN();
  });
});

describe.each(TIMESTAMP_FORMATS)('%s', (format) => {
  it.each([[null], [undefined], [true], [false], [[]], [[1]], [{}], [{ t: 1 }], [1n], [Symbol('x')], [new Date(0)]])(
    'does not read %s',
    (value) => {
      const reader = timestampReader(format);
      expect(reader.read(value)).toBeNaN();
      expect(reader.canonical).toBe(false);
    },
  );

  it('is known in any case', () => {
    expect(timestampReader(format.toUpperCase()).format).toBe(format);
  });

  it('says why a value is not read', () => {
    const reader = timestampReader(format);
    const start = (value: unknown): string => reader.reason(value).replace(/!.*/s, '');
    expect(reader.reason(null)).toContain(`The format "${format}" expects `);
    expect([null, undefined, 'x'.repeat(101), 1.5, false, 1n, [1], {}].map(start)).toEqual(
      ['null', 'null', 'x'.repeat(100), '1.5', 'false', '1', 'an array', 'an object'].map(
        (shown) => `Timestamp[${shown}] is unparseable`,
      ),
    );
  });
});

describe('patterns of Joda', () => {
  it('are read, and never sent as they are', () => {
    const reader = timestampReader('dd/MMM/yyyy:HH:mm:ss Z');
    expect(reader.format).toBe('dd/MMM/yyyy:HH:mm:ss Z');
    expect(instant(reader.read(' "14/Feb/2009:00:31:30 +0100" '))).toBe('2009-02-13T23:31:30.000Z');
    expect(reader.canonical).toBe(false);
    expect(reader.reason('13.2.2009')).toBe(
      'Timestamp[13.2.2009] is unparseable! The format "dd/MMM/yyyy:HH:mm:ss Z" expects a text of that pattern.',
    );
  });

  it.each([
    ['yyyyMMdd', 20090213, '2009-02-13T00:00:00.000Z'],
    ['ss.SSS', 30.5, '1970-01-01T00:00:30.500Z'],
    ['yyyyMMdd', 2 ** 60, FAILS],
    ['ss.SSS', 1e-7, FAILS],
    ['yyyy', null, FAILS],
  ])('%s reads %s', (format, value, expected) => {
    expect(instant(read(format, value))).toBe(expected);
  });

  it.each([
    ['', 'The pattern is empty.'],
    ["'", 'The pattern is empty.'],
    ['seconds', '"c" is not a field'],
    ['constructor', '"c" is not a field of a Joda pattern'],
    ['auto ', '"u" is not a field'],
    ['yyyy zzzz', 'Joda cannot read "zzzz"'],
  ])('%j is none', (format, reason) => {
    expect(() => timestampReader(format)).toThrow(RangeError);
    expect(() => timestampReader(format)).toThrow(
      `The timestamp format "${format}" is none of auto, iso, millis, posix, micro, nano, ruby, and no Joda pattern: `,
    );
    expect(() => timestampReader(format)).toThrow(reason);
  });
});

describe('canonical', () => {
  it.each([
    ['2009-02-13T23:31:30Z', 'auto iso'],
    ['2009-02-13T23:31:30.1Z', 'auto iso'],
    ['2009-02-13T23:31:30.12Z', 'auto iso'],
    ['2009-02-13T23:31:30.123Z', 'auto iso'],
    ['0001-01-01T00:00:00Z', 'auto iso'],
    ['9999-12-31T23:59:59.999Z', 'auto iso'],
    ['2008-02-29T00:00:00Z', 'auto iso'],
    ['1234567890123', 'auto millis'],
    ['2009', 'auto millis'],
    ['0005', 'auto millis'],
    ['8640000000000000', 'auto millis'],
    [1234567890123, 'auto millis'],
    [-5, 'auto millis'],
    [0, 'auto millis'],
    [8.64e15, 'auto millis'],
    // Readable or not, but to be rewritten:
    ['2009-02-13T23:31:30.1234Z', ''],
    ['2009-02-13T23:31:30.Z', ''],
    ['2009-02-13T23:31:30,5Z', ''],
    ['2009-02-13T23:31:30', ''],
    ['2009-02-13T23:31:30z', ''],
    ['2009-02-13t23:31:30Z', ''],
    ['2009-02-13 23:31:30Z', ''],
    ['2009-02-13T23:31:30+00:00', ''],
    ['2009-02-13T23:31Z', ''],
    [' 2009-02-13T23:31:30Z', ''],
    ['"2009-02-13T23:31:30Z"', ''],
    ['2009-02-29T00:00:00Z', ''],
    ['2009-02-13T24:00:00Z', ''],
    ['2009-02-13T23:60:00Z', ''],
    ['2009-02-13T23:59:60Z', ''],
    ['2009-00-13T23:31:30Z', ''],
    ['2009-02-00T23:31:30Z', ''],
    ['0000-01-01T00:00:00Z', ''],
    ['+200-01-01T00:00:00Z', ''],
    ['2009-0a-13T23:31:30Z', ''],
    ['2009-02-13T23:31:30.1x3Z', ''],
    ['-5', ''],
    ['+5', ''],
    [' 5', ''],
    ['8640000000000001', ''],
    [8.64e15 + 2, ''],
    [1234567890123.5, ''],
    ['', ''],
    [null, ''],
  ])('%j: %s', (value, formats) => {
    const canonicalIn = TIMESTAMP_FORMATS.filter((format) => {
      const reader = timestampReader(format);
      reader.read('2009-02-13T23:31:30Z');
      reader.read(value);
      return reader.canonical;
    });
    expect(canonicalIn.join(' ')).toBe(formats);
  });

  const date = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  });

  it('forms agree with Date', () => {
    fc.assert(
      fc.property(date, fc.constantFrom('auto', 'iso'), fc.integer({ min: 19, max: 23 }), (when, format, length) => {
        const text = `${when.toISOString().slice(0, length === 20 ? 19 : length)}Z`;
        const reader = timestampReader(format);
        expect(reader.read(text)).toBe(Date.parse(text));
        expect(reader.canonical).toBe(true);
      }),
    );
  });

  it('is never claimed for a text of any other form', () => {
    const part = fc.constantFrom(
      '2009',
      '-02',
      '-13',
      'T',
      '23',
      ':31',
      ':30',
      '.5',
      'Z',
      '+01:00',
      ' ',
      '"',
      '-0',
      '1',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
        const text = parts.join('');
        const reader = timestampReader('auto');
        const ms = reader.read(text);
        expect(reader.canonical).toBe(
          !Number.isNaN(ms) && /^(?:\d+|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z)$/.test(text),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('and its text read the same when the longer form is taken', () => {
    fc.assert(
      fc.property(date, fc.constantFrom('auto', 'iso'), (when, format) => {
        expect(read(format, ` ${when.toISOString()}`)).toBe(when.getTime());
      }),
    );
  });
});
