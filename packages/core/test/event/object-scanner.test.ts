import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyName } from '../../src/event/key-name.js';
import { textOf } from '../../src/event/members.js';
import { ObjectScanner } from '../../src/event/object-scanner.js';

const scanner = new ObjectScanner();
const scan = (text: string): boolean => scanner.scan(Buffer.from(text));

function isJsonObject(bytes: Buffer): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

const objects = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), fc.jsonValue({ maxDepth: 3 }), {
  maxKeys: 6,
});
/** JSON of an object, with or without white space and escapes. */
const texts = fc.tuple(objects, fc.constantFrom(0, 1, 2), fc.boolean()).map(([object, indent, escaped]) => {
  const json = JSON.stringify(object, undefined, indent);
  return escaped
    ? json.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : json;
});

describe('the scanner of JSON objects', () => {
  it('takes every object, and finds its members', () => {
    fc.assert(
      fc.property(texts, (json) => {
        const bytes = Buffer.from(json);
        expect(scanner.scan(bytes)).toBe(true);
        const value = JSON.parse(json) as Record<string, unknown>;
        expect(scanner.members.count).toBe(Object.keys(value).length);
        for (const name of Object.keys(value)) {
          const member = scanner.members.find(new KeyName(name));
          expect(scanner.members.nameOf(member)).toBe(name);
          const found = textOf(bytes, scanner.members.valueStart(member), scanner.members.valueEnd(member));
          expect(JSON.parse(found)).toEqual(value[name]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is as strict as JSON.parse, whatever happens to the bytes', () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.constantFrom('cut', 'put', 'swap', 'end'), fc.nat(255)), {
      minLength: 1,
      maxLength: 3,
    });
    const telling = Buffer.from('"\\{}[]:,0123456789eE+-.truefalsn u\n\t/');
    fc.assert(
      fc.property(texts, mutations, fc.boolean(), (json, steps, structural) => {
        let bytes = Buffer.from(json);
        for (const [place, kind, byte] of steps) {
          const at = place % (bytes.length + 1);
          const value = structural ? (telling[byte % telling.length] ?? 0) : byte;
          const rest = kind === 'put' ? at : at + 1;
          if (kind === 'end') bytes = bytes.subarray(0, at);
          else {
            const middle = kind === 'cut' ? [] : [Buffer.of(value)];
            bytes = Buffer.concat([bytes.subarray(0, at), ...middle, bytes.subarray(rest)]);
          }
        }
        expect(scanner.scan(bytes)).toBe(isJsonObject(bytes));
      }),
      { numRuns: 20_000 },
    );
  });

  it.each([
    '',
    '{',
    '}',
    '[]',
    '[{}]',
    '7',
    'null',
    '"{}"',
    '{}{}',
    '{},{}',
    '{} x',
    '{"a":1,}',
    '{,"a":1}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    "{'a':1}",
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":-}',
    '{"a":1e}',
    '{"a":+1}',
    '{"a":NaN}',
    '{"a":tru}',
    '{"a":nulll}',
    '{"a":"\n"}',
    '{"a":"\\x"}',
    '{"a":"\\u12"}',
    '{"a":"\\u12g4"}',
    '{"a":"x}',
    '{"a":[1,]}',
    '{"a":[1 2]}',
    '{"a":[}',
    '{"a":{"b":1]}',
    '\uFEFF{}',
    '{"a":"\\"}',
    '{"a":1}\0',
  ])('refuses %j', (text) => {
    expect(scan(text)).toBe(false);
    expect(isJsonObject(Buffer.from(text))).toBe(false);
  });

  it.each(['{}', ' \t\r\n{ } ', '{"a":-0.0e+00}', '{"a":[[],{}]}', '{"":""}', '{"a":"\u007f\\u0000\\/"}'])(
    'takes %j',
    (text) => {
      expect(scan(text)).toBe(true);
    },
  );

  it('refuses bytes that are not UTF-8', () => {
    for (const wrong of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]]) {
      expect(scanner.scan(Buffer.concat([Buffer.from('{"a":"'), Buffer.from(wrong), Buffer.from('"}')]))).toBe(false);
    }
  });

  it('lets the last of several equal keys win, however they are written', () => {
    const bytes = Buffer.from('{"time":1,"t\\u0069me":2,"other":{"time":3}}');
    expect(scanner.scan(bytes)).toBe(true);
    const member = scanner.members.find(new KeyName('time'));
    expect(textOf(bytes, scanner.members.valueStart(member), scanner.members.valueEnd(member))).toBe('2');
    expect(scanner.members.find(new KeyName('tim'))).toBe(-1);
  });

  it('refuses what is nested too deep', () => {
    const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    expect(scan(nested(1000))).toBe(true);
    expect(scan(nested(1001))).toBe(false);
    expect(scan(nested(1_000_000))).toBe(false);
  });

  it('takes objects of any number of members', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`key${index}`, index]));
    expect(scan(JSON.stringify(many))).toBe(true);
    expect(scanner.members.count).toBe(1000);
  });
});
