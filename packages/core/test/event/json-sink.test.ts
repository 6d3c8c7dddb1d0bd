import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonReader, type ReadJsonOptions } from '../../src/event/json-reader.js';

interface Read {
  /** By their place, as texts without the white space around them. */
  readonly events: Map<number, string>;
  readonly refused: unknown[];
}

function read(bytes: Buffer, chunk: number, options: ReadJsonOptions, toSink: boolean): Read {
  const all: Read = { events: new Map(), refused: [] };
  const loose: string[] = [];
  const reader = toSink
    ? new JsonReader(options, {
        take: (event) => {
          all.events.set(event.place, event.copy().toString('latin1').trim());
        },
      })
    : new JsonReader({ ...options, raw: true });
  const take = (): void => {
    const batch = reader.take();
    all.refused.push(...(batch?.refused ?? []));
    loose.push(...(batch?.events ?? []).map((event) => (event as Buffer).toString('latin1').trim()));
  };
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.subarray(at, at + chunk));
    take();
  }
  reader.end();
  take();
  if (toSink) return all;
  const taken = new Set(all.refused.map((refusal) => (refusal as { index: number }).index));
  for (let place = 0; loose.length > 0; place++) {
    if (!taken.has(place)) all.events.set(place, loose.shift() ?? '');
  }
  return all;
}

const sizes = [1, 7, 64, 100_000];
const formats = ['auto', 'ndjson', 'json'] as const;

/** Pieces of which bodies are made, good and bad. */
const pieces = [
  ...['{"a":1}', '{"a":"\xc3\xbc","b":[1,{"c":null}]}', '{\n "a" : 1\n}', '{"a":"\\u00fc\\n"}', '{}'],
  ...['{"a":tru}', '{"a":1', '"a":1}', '7', 'null', '{"a":"\xff"}', '{"a":"12345678901234567890123"}', '{"a":01}'],
  ...[',', '\n', '\r\n', ' ', '[', ']', '\n\n', 'x', '\\', '"', '{', '}'],
];

describe('events that are given where they lie', () => {
  it.each([
    '{"a": 1.50}\r\n{"b":12345678901234567890,"b":2}\n',
    '[{"a":1},{"a":2},\n{"a":3} , {"a":[1,{"b":2}]}]',
    '[{"a":1}\n{"a":2},,{"a":3]\n{"a":4}]',
    '{"a":1}{"a":2}\n\n[3]\n{"a":4\n{"a":5} x\n{"a":6}',
    '{\n"a":1\n}\n{"a":\n2}',
    '{"a":"12345678901234567890"}\n{"a":1}\n{"a":"1234567890123456789012345"}',
    '\xef\xbb\xbf{"a":1}\n',
    '{"a":"a line of thirty bytes"} \n{"a":1}\n',
    '{"a":"\xc3\xbc","b":[1,{"c":null}]} \r\n{"a":1}',
    '{"a":"a line of thirty bytes"}  ',
    '{"a":1',
  ])('are those that are given as bytes: %j', (text) => {
    const bytes = Buffer.from(text, 'latin1');
    for (const format of formats) {
      for (const chunk of sizes) {
        const options = { format, maxEventBytes: 30 };
        expect(read(bytes, chunk, options, true)).toEqual(read(bytes, chunk, options, false));
      }
    }
  });

  it('are those that are given as bytes, whatever the input is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...pieces), { maxLength: 30 }),
        fc.constantFrom(...formats),
        fc.constantFrom(...sizes),
        (parts, format, chunk) => {
          const bytes = Buffer.from(parts.join(''), 'latin1');
          const options = { format, maxEventBytes: 30 };
          expect(read(bytes, chunk, options, true)).toEqual(read(bytes, chunk, options, false));
        },
      ),
      { numRuns: 3000 },
    );
  });

  /** How much input is looked at together. */
  const limit = 131_072;
  const endings = ['\n', '\r\n', ' \t\r\n', ' ', '\r', '', ' x\n', ' {"c":3}\n', ',\n', '\n\n', '\n \n', '\r\n{"a":1'];
  const tails = ['', '{"z":1}\n', '7\n{"z":1}\r\n', 'x', '\n{"a":\n{"z":1}'];

  it.each(formats)('are those that are given as bytes, wherever what is looked at together ends: %s', (format) => {
    const options = { format, maxEventBytes: 1_000_000 };
    fc.assert(
      fc.property(
        fc.constantFrom('', '{}\n', '{"a":1}\r\n'),
        fc.constantFrom('{"b":2}', '{}', '{"b":"\xc3\xbc"}', '{"b":2'),
        fc.constantFrom(...endings),
        fc.constantFrom(...tails),
        fc.integer({ min: -2, max: 2 }),
        fc.boolean(),
        (first, last, ending, tail, off, isOne) => {
          // Either the last event ends there, give or take, or its line does.
          const behind = isOne ? last : last + ending;
          const filler = limit + off - first.length - behind.length - '{"f":""}\n'.length;
          const text = `${first}{"f":"${'f'.repeat(filler)}"}\n${last}${ending}${tail}`;
          const bytes = Buffer.from(text, 'latin1');
          for (const chunk of [bytes.length, limit]) {
            expect(read(bytes, chunk, options, true)).toEqual(read(bytes, chunk, options, false));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(formats)(
    'are those that are given as bytes, where one alone fills what is looked at together: %s',
    (format) => {
      const options = { format, maxEventBytes: 1_000_000 };
      for (const ending of endings) {
        for (const tail of tails) {
          for (const off of [-2, -1, 0, 1, 2]) {
            const filler = limit + off - '{"f":""}'.length;
            const bytes = Buffer.from(`{"f":"${'f'.repeat(filler)}"}${ending}${tail}`, 'latin1');
            expect(read(bytes, bytes.length, options, true)).toEqual(read(bytes, bytes.length, options, false));
          }
        }
      }
    },
  );
});
