import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyName } from '../../src/event/key-name.js';
import { textOf } from '../../src/event/members.js';
import { ObjectRuns, type RunForm } from '../../src/event/object-runs.js';
import { ObjectScanner } from '../../src/event/object-scanner.js';

const runs = new ObjectRuns();
const scanner = new ObjectScanner();
const most = 1_000_000;

/** The events of a run as texts, and what is left behind them. */
function find(text: string, form: RunForm, mostBytes = most): { readonly events: string[]; readonly rest: string } {
  const bytes = Buffer.from(text, 'latin1');
  const end = runs.find(bytes, 0, bytes.length, form, mostBytes);
  const events = Array.from({ length: runs.count }, (_, event) =>
    runs.bytes.toString('latin1', runs.startOf(event), runs.endOf(event)),
  );
  return { events, rest: text.slice(end) };
}

/** Whether these bytes are an object, to each of the two scanners. */
function verdicts(bytes: Buffer): readonly [run: boolean, scanner: boolean] {
  const end = runs.find(bytes, 0, bytes.length, 'values', most);
  return [runs.count === 1 && end === bytes.length, scanner.scan(bytes)];
}

const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue(), { noNullPrototype: true });

const atoms = [
  ...['{', '}', '[', ']', ':', ',', '"', '\\', '"a"', '"a":', '{"a":1}', '"\\u00fC"', '"\\u00g0"', '"\\x"', '""'],
  ...['0', '01', '-', '-0', '1.5', '1.', '.5', '1e5', '1E+5', '1e', 'true', 'tru', 'false', 'null', 'nulls'],
  ...[
    ' ',
    '\n',
    '\t',
    '\r',
    '\f',
    '\x00',
    '\x7f',
    '\xc3\xbc',
    '\xff',
    '\xed\xa0\x80',
    'abcdefghijklmnopq',
    '"0123456789abcdef"',
  ],
];

describe('runs of objects', () => {
  it.each(['values', 'array', 'lines'] as const)('are found one behind another: %s', (form) => {
    const between = { values: ' \r\n\t', array: ' ,\n ', lines: ' \r\n' }[form];
    const events = ['{"a":1}', '{ "a" : [ 1 , { "b" : null } ] }', '{}', '{"a":"\xc3\xbc\\u00fc"}'];
    const found = find(events.join(between), form);
    expect(found).toEqual({ events, rest: '' });
    const rows = events.map((event) => `${event}, `).join('');
    expect(runs.rows(events.length).toString('latin1')).toBe(rows);
    expect(runs.sizeOf(2)).toBe(`${events.slice(0, 2).join(', ')}, `.length);
  });

  it.each([
    ['values', '{"a":1},{"a":2}', 1, ',{"a":2}'],
    ['values', '{"a":1}{"a":2} x', 2, ' x'],
    ['values', '{"a":1}\n,{"a":2}', 1, '\n,{"a":2}'],
    ['array', '{"a":1}\n,{"a":2}', 1, '\n,{"a":2}'],
    ['array', '{"a":1},{"a":2}]', 2, ']'],
    ['array', '{"a":1},[{"a":2}]', 1, ',[{"a":2}]'],
    ['lines', '{"a":1}\n{"a":2}', 2, ''],
    ['lines', '{"a":1}\n {"a":2}\n', 1, ' {"a":2}\n'],
    ['lines', '{"a":1}\n{"a":2} {"a":3}\n', 1, '{"a":2} {"a":3}\n'],
    ['lines', '{"a":1}\n{"a":\n2}\n', 1, '{"a":\n2}\n'],
    ['lines', '{"a":1}\n\n{"a":2}\n', 1, '\n{"a":2}\n'],
    ['lines', '{"a":1},\n{"a":2}\n', 0, '{"a":1},\n{"a":2}\n'],
    ['values', '{"a":1}{"a":2', 1, '{"a":2'],
    ['values', '{"a":1}{"a":"\xff"}', 1, '{"a":"\xff"}'],
  ] as const)('in %s end where there is more or less: %j', (form, text, count, rest) => {
    const found = find(text, form);
    expect(found.events).toHaveLength(count);
    expect(found.rest).toBe(rest);
  });

  it('have no event of more bytes than may be', () => {
    expect(find('{"a":1}{"a":12}', 'values', 7).events).toEqual(['{"a":1}']);
  });

  it('are judged as single objects are', () => {
    const pieces = fc.array(fc.constantFrom(...atoms), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (parts, isWrapped) => {
        const text = isWrapped ? `{"k":${parts.join('')}}` : `{${parts.join('')}}`;
        const bytes = Buffer.from(text, 'latin1');
        const [run, single] = verdicts(bytes);
        expect(run).toBe(single);
      }),
      { numRuns: 5_000 },
    );
  });

  it('are judged as single objects are, whatever byte is another', () => {
    fc.assert(
      fc.property(object, fc.nat(), fc.nat(255), (value, at, byte) => {
        const bytes = Buffer.from(JSON.stringify(value));
        if (bytes.length > 2) bytes[1 + (at % (bytes.length - 2))] = byte;
        const [run, single] = verdicts(bytes);
        expect(run).toBe(single);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([998, 999, 1000, 1001])('are judged as single objects are, nested %i deep', (depth) => {
    for (const [open, inner, close] of [
      ['{"a":', '{}', '}'],
      ['[', 'true', ']'],
      ['[', '1', ']'],
    ] as const) {
      const text = `{"a":${open.repeat(depth - 1)}${inner}${close.repeat(depth - 1)}}`;
      const [run, single] = verdicts(Buffer.from(text));
      expect(run).toBe(single);
    }
  });

  it('have the members that single objects have', () => {
    fc.assert(
      fc.property(fc.array(object, { minLength: 1, maxLength: 5 }), (values) => {
        const texts = values.map((value) => Buffer.from(JSON.stringify(value)));
        const input = Buffer.concat([...texts, Buffer.from('{"cut":1,"b"')]);
        runs.find(input, 0, input.length, 'values', most);
        expect(runs.count).toBe(values.length);
        texts.forEach((text, event) => {
          const members = runs.membersOf(event);
          expect(members.count).toBe(scanner.scan(text) ? scanner.members.count : -1);
          for (let member = 0; member < members.count; member++) {
            expect(members.nameOf(member)).toBe(scanner.members.nameOf(member));
            const [start, end] = [members.valueStart(member), members.valueEnd(member)];
            const single = [scanner.members.valueStart(member), scanner.members.valueEnd(member)] as const;
            expect(textOf(runs.bytes, start, end)).toBe(textOf(text, ...single));
          }
        });
      }),
    );
  });

  it('tell the whole numbers of a column', () => {
    const events = [
      '{"time":17}',
      '{"a":1,"time":999999999999999,"b":2}',
      '{"time":1,"time":2}',
      '{"time":1000000000000000}',
      '{"time":-1}',
      '{"time":1.0}',
      '{"time":"1"}',
      '{"a":1}',
      '{}',
      '{"time":1,"t\\u0069me":2}',
      '{"t\\u0069me":2,"time":1}',
      '{"timf":1}',
    ];
    find(events.join(''), 'values');
    expect(runs.readTimes(new KeyName('time'))).toBe(true);
    const expected = [17, 999999999999999, 2, NaN, NaN, NaN, NaN, NaN, NaN, NaN, 1, NaN];
    expect([...runs.times.subarray(0, runs.count)]).toEqual(expected);
    runs.readTimes(new KeyName('timf'));
    expect([...runs.times.subarray(0, runs.count)]).toEqual([...Array<number>(11).fill(NaN), 1]);
    expect(runs.readTimes(new KeyName('t'.repeat(257)))).toBe(false);
  });

  it('go on in an input that is larger than the room for one', () => {
    const event = `{"a":"${'x'.repeat(1000)}"}`;
    const bytes = Buffer.from(`${event},`.repeat(500));
    let [at, count] = [0, 0];
    while (at < bytes.length) {
      const end = runs.find(bytes, at, bytes.length, 'array', most);
      expect(runs.count).toBeGreaterThan(0);
      count += runs.count;
      at = end + 1;
    }
    expect(count).toBe(500);
  });

  it('end where there is no room for more events or members', () => {
    const many = Buffer.from('{}'.repeat(5000));
    expect(runs.find(many, 0, many.length, 'values', most)).toBe(2 * 4096);
    const wide = Buffer.from(`{${'"":0,'.repeat(20_000)}"":0}`);
    runs.find(Buffer.concat([wide, wide]), 0, 2 * wide.length, 'values', most);
    expect(runs.count).toBe(1);
    expect(runs.membersOf(0).count).toBe(20_001);
  });
});
