import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChunkDecoder, Decoded, Decoder } from '../../src/decode/decoder.js';
import { decoderFor } from '../../src/decode/decoder-for.js';
import type { DecodeLimits } from '../../src/decode/json-decoder.js';
import { inputFormatOf } from '../support/input-formats.js';

function decoder(parseSpec: object, limits: DecodeLimits = {}): Decoder {
  const { format, errors } = inputFormatOf({ parseSpec });
  if (format === undefined) throw new Error(errors.join('\n'));
  return decoderFor({ inputFormat: format }, limits);
}

function opened(decoder: Decoder): ChunkDecoder {
  const chunks = decoder.open?.();
  if (chunks === undefined) throw new Error('It takes no chunks.');
  return chunks;
}

/** Events with the text of those that came as bytes. */
function eventsOf({ events }: Decoded): unknown[] {
  return events.map((event) => (event instanceof Uint8Array ? Buffer.from(event).toString() : event));
}

const csv = { format: 'csv', columns: ['a', 'b'] };
const city = { format: 'json', flattenSpec: { fields: [{ type: 'path', name: 'city', expr: '$.at.city' }] } };

describe('JSON that goes as it came', () => {
  const json = decoder({ format: 'json' });

  it('is the payload itself, when that is one object', () => {
    const payload = Buffer.from(' {"n": 1.50}\n');
    expect(json.decode(payload).events[0]).toBe(payload);
  });

  it.each([
    ['an array', '[{"a":1},\n {"a":2}]', [1, 2]],
    ['lines', '{"a":1}\n\n{"a":2}', [1, 3]],
    ['objects side by side', '{"a":1} {"a":2}', [1, 1]],
  ])('is read from %s', (_, text, lines) => {
    const decoded = json.decode(Buffer.from(text));
    expect(eventsOf(decoded)).toEqual(['{"a":1}', '{"a":2}']);
    expect(decoded.lines).toEqual(lines);
  });

  it('gives nothing for nothing', () => {
    expect(json.decode(Buffer.alloc(0))).toEqual({ events: [], lines: [], refused: [] });
    expect(json.decode(Buffer.from('[]'))).toEqual({ events: [], lines: [], refused: [] });
  });

  it('is refused where it is broken or too large, with its line', () => {
    expect(json.decode(Buffer.from('{"a":1}\n{"a":\n')).refused).toMatchObject([{ line: 2 }]);
    const small = decoder({ format: 'json' }, { maxEventBytes: 10 });
    expect(small.decode(Buffer.from('{"a":"123456"}')).refused).toMatchObject([{ reason: /maxEventBytes allows 10/ }]);
  });
});

describe('JSON with a flattenSpec', () => {
  it('has halves of characters as Druid has them, and other escapes as they are', () => {
    const { events } = decoder(city).decode(Buffer.from('{"a":"\\ud800","b":"\\\\host\\udead \\\\udead\\u0001"}'));
    expect(events.map((event) => JSON.parse((event as Buffer).toString()) as unknown)).toEqual([
      { a: '?', b: '\\host? \\udead\u0001', city: null },
    ]);
  });

  it('is refused event by event', () => {
    const jq = decoder({ format: 'json', flattenSpec: { fields: [{ type: 'jq', name: 'x', expr: '.a.b' }] } });
    const { events, lines, refused } = jq.decode(Buffer.from('{"a":{"b":1}}\n{"a":5}\n{"a"\n{"a":null}'));
    expect(events).toEqual([{ x: 1 }, { x: null, a: null }].map(({ x }) => ({ x })));
    expect(lines).toEqual([1, 4]);
    expect(refused).toMatchObject([
      { line: 2, reason: '.b: the value is no object.' },
      { line: 3, reason: expect.stringContaining('Not valid JSON') as string },
    ]);
  });

  it('keeps the digits of long numbers, in bytes of its own', () => {
    const decoded = decoder(city).decode(Buffer.from('{"id":9007199254740993,"at":{"city":"Bern"}}'));
    expect(eventsOf(decoded)).toEqual(['{"city":"Bern","id":9007199254740993}']);
  });

  it('takes keys like those of prototypes for what they are', () => {
    const decoded = decoder(city).decode(
      Buffer.from('{"__proto__":"p","constructor":1,"at":{"__proto__":{"city":"no"}}}'),
    );
    expect(JSON.stringify(decoded.events)).toBe('[{"city":null,"__proto__":"p","constructor":1}]');
  });
});

describe('rows of text', () => {
  it('have their lines, and are refused by themselves', () => {
    const regex = decoder({ format: 'regex', pattern: '(\\d+) (.*)', columns: ['n', 's'] });
    const { events, lines, refused } = regex.decode(Buffer.from('1 a\r\n\r\nb\n2 c'));
    expect(events).toEqual([
      { n: '1', s: 'a' },
      { n: '2', s: 'c' },
    ]);
    expect(lines).toEqual([1, 4]);
    expect(refused).toEqual([{ reason: 'The line does not match the pattern.', line: 3, input: 'b' }]);
  });

  it('that are too long or no UTF-8 are refused, and the next ones are read', () => {
    const { events, refused } = decoder(csv, { maxEventBytes: 5 }).decode(
      Buffer.concat([Buffer.from('1,2\n123456\n'), Buffer.from([255, 10]), Buffer.from('3,4')]),
    );
    expect(events).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ]);
    expect(refused).toMatchObject([
      { line: 2, reason: 'The line has 6 bytes; maxEventBytes allows 5.', input: '12345' },
      { line: 3, reason: 'The line is not valid UTF-8.' },
    ]);
  });

  it('of a payload without end take no more memory than a line may have', () => {
    const chunks = opened(decoder(csv, { maxEventBytes: 1000 }));
    for (let i = 0; i < 1000; i++) chunks.push(Buffer.alloc(10_000, 'a'));
    expect(chunks.take()).toBeUndefined();
    chunks.push(Buffer.from('\n1,2'));
    chunks.end();
    expect(chunks.take()).toEqual({
      events: [{ a: '1', b: '2' }],
      lines: [2],
      refused: [
        { line: 1, reason: 'The line has 10000000 bytes; maxEventBytes allows 1000.', input: 'a'.repeat(1000) },
      ],
    });
  });

  it('begin anew with each payload: each has its own header', () => {
    const header = decoder({ format: 'csv', hasHeaderRow: true });
    expect(header.decode(Buffer.from('\ufeffx,y\n1,2')).events).toEqual([{ x: '1', y: '2' }]);
    expect(header.decode(Buffer.from('y\n3')).events).toEqual([{ y: '3' }]);
    const twice = header.decode(Buffer.from('x,x\n1,2'));
    expect(twice.refused.map(({ reason }) => reason)).toEqual([
      'The header has "x" twice. Name each column once.',
      'The header above this row cannot be used.',
    ]);
  });

  it('may have a column named __proto__', () => {
    const [event] = decoder({ format: 'csv', columns: ['__proto__', 'b'] }).decode(Buffer.from('1,2')).events;
    expect(JSON.stringify(event)).toBe('{"__proto__":"1","b":"2"}');
  });
});

describe('what is made to take for ever', () => {
  it.each(['(a+)+b', '(a|a)*b', '(.*),(.*),(.*),(.*),(.*);', '(a?){30}a{30}b'])(
    'is no trouble for the pattern %s',
    (pattern) => {
      const regex = decoder({ format: 'regex', pattern: pattern.replace('(a?){30}', 'a?'.repeat(30)) });
      expect(regex.decode(Buffer.from('a,'.repeat(50) + 'a'.repeat(3000))).refused).toHaveLength(1);
    },
  );

  it('is refused when a line is too long for its pattern', () => {
    const regex = decoder({ format: 'regex', pattern: '((a{1,50}b?){1,5})' });
    expect(regex.decode(Buffer.alloc(1_000_000, 'a')).refused[0]?.reason).toMatch(/too long for this pattern/);
  });

  it('is refused when a path would look at everything again and again', () => {
    const deep = decoder({
      format: 'json',
      flattenSpec: { fields: [{ type: 'path', name: 'x', expr: '$..a..a..a..a' }] },
    });
    const payload = '{"a":'.repeat(400) + '1' + '}'.repeat(400);
    expect(deep.decode(Buffer.from(payload)).refused[0]?.reason).toMatch(/more than 1000000 values/);
  });

  it('is refused when it is nested too deep', () => {
    const payload = Buffer.from('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000));
    for (const spec of [{ format: 'json' }, city, { format: 'jsonLowercase' }]) {
      const { events, refused } = decoder(spec).decode(payload);
      expect(events).toEqual([]);
      expect(refused).toHaveLength(1);
    }
  });
});

describe('any payload', () => {
  const specs: object[] = [
    { format: 'json' },
    city,
    {
      format: 'json',
      flattenSpec: {
        fields: [
          { type: 'path', name: 'x', expr: '$..a[?(@.b > 1)]' },
          { type: 'jq', name: 'y', expr: '.a[]?' },
        ],
      },
    },
    { format: 'jsonLowercase' },
    csv,
    { format: 'tsv', hasHeaderRow: true },
    { format: 'regex', pattern: '(\\w+)[ ,]*(.*)' },
  ];
  const pieces = [
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\n',
    '\r\n',
    '\t',
    '\\',
    '{"a":[{"b":2}]}',
    '"a"',
    '1e400',
    '12345678901234567890',
    'null',
    'é',
    '\\ud800',
    ' ',
  ];
  const text = fc.array(fc.constantFrom(...pieces), { maxLength: 40 }).map((parts) => Buffer.from(parts.join('')));
  const payload = fc.oneof(
    text,
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  );

  it('gives events and refusals, whatever is in it, and the same ones however it is cut', () => {
    fc.assert(
      fc.property(fc.constantFrom(...specs), payload, fc.integer({ min: 1, max: 7 }), (spec, bytes, size) => {
        const whole = decoder(spec).decode(bytes);
        expect(whole.lines).toHaveLength(whole.events.length);
        const chunks = opened(decoder(spec));
        const cut: unknown[] = [];
        const refused: unknown[] = [];
        const take = (): void => {
          const part = chunks.take();
          if (part === undefined) return;
          cut.push(...eventsOf(part));
          refused.push(...part.refused.map(({ line }) => line));
        };
        for (let at = 0; at < bytes.length; at += size) {
          chunks.push(bytes.subarray(at, at + size));
          take();
        }
        chunks.end();
        take();
        expect(cut.length).toBe(whole.events.length);
        expect(refused.length).toBe(whole.refused.length);
      }),
      { numRuns: 3000 },
    );
  });
});
