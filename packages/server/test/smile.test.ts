import { encodeSmile } from '@tranquility-js/core/internal';
import { describe, expect, it } from 'vitest';
import { SmileReader } from '../src/smile/smile-reader.js';

/** What a reader gives of bytes that come in pieces of a size. */
function readIn(bytes: Uint8Array, size: number, maxEventBytes = 1 << 20) {
  const reader = new SmileReader(maxEventBytes);
  const [events, refused]: [unknown[], string[]] = [[], []];
  const take = (): void => {
    const batch = reader.take();
    events.push(
      ...(batch?.events ?? []).map((event) => (event instanceof Uint8Array ? Buffer.from(event).toString() : event)),
    );
    refused.push(...(batch?.refused ?? []).map(({ index, byte, reason }) => `#${index} @${byte} ${reason}`));
  };
  for (let at = 0; at < bytes.length; at += size) {
    reader.push(bytes.subarray(at, at + size));
    take();
  }
  reader.end();
  take();
  return { events, refused };
}

const header = [0x3a, 0x29, 0x0a, 0x00];
const values = {
  texts: ['', 'a', 'é', 'x'.repeat(32), 'x'.repeat(33), 'é'.repeat(32), 'x'.repeat(65), 'é'.repeat(900), '\u{1f600}'],
  numbers: [0, -1, 15, -16, 16, 1e6, -1e6, 2 ** 31, -(2 ** 40), 2 ** 53 - 1, 0.1, -1.5e300, 1e-300],
  others: [true, false, null, [], {}, [[{ deep: [1] }]]],
  ['n'.repeat(70)]: 1,
  ['é'.repeat(20)]: 2,
  '': 3,
  __proto__x: 4,
};

describe('Smile', () => {
  it.each([1, 3, 7, 1 << 20])('is read as it was written, in pieces of %i bytes', (size) => {
    const many = Array.from({ length: 50 }, (_, n) => ({ ...values, n, [`name ${n}`]: n }));
    expect(readIn(encodeSmile(many), size)).toEqual({ events: many, refused: [] });
    expect(readIn(encodeSmile(values), size)).toEqual({ events: [values], refused: [] });
  });

  it('may hold more than a thousand names', () => {
    const many = Array.from({ length: 3000 }, (_, n) => ({ [`name ${n}`]: n, again: n }));
    expect(readIn(encodeSmile(many), 1000).events).toEqual(many);
  });

  it('may follow one another', () => {
    const both = Buffer.concat([encodeSmile({ a: 1 }), encodeSmile({ a: 2 })]);
    expect(readIn(both, 5)).toEqual({ events: [{ a: 1 }, { a: 2 }], refused: [] });
  });

  it('keeps integers of 64 bits', () => {
    // {"a": 2^62}: zigzag is 2^63, of ten bytes.
    const large = [0x25, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80];
    expect(readIn(Uint8Array.from([...header, 0xfa, 0x80, 0x61, ...large, 0xfb]), 3)).toEqual({
      events: ['{"a":4611686018427387904}'],
      refused: [],
    });
  });

  it('has floats, bytes, and texts told by number', () => {
    const float = [0x28, 0x03, 0x7c, 0x00, 0x00, 0x00];
    const binary = [0xe8, 0x83, 0x30, 0x58, 0x4c, 0x03];
    const bytes = [
      0x3a,
      0x29,
      0x0a,
      0x02,
      0xfa,
      0x80,
      0x66,
      ...float,
      0x80,
      0x62,
      ...binary,
      0x80,
      0x74,
      0x41,
      0x61,
      0x62,
      0x80,
      0x75,
      0x01,
      0xfb,
    ];
    expect(readIn(Uint8Array.from(bytes), 100)).toEqual({
      events: [{ f: 1, b: 'YWJj', t: 'ab', u: 'ab' }],
      refused: [],
    });
  });

  it.each([
    [[0x7b], '#0 @0 It does not begin with the header of Smile.'],
    [[...header, 0xf8, 0xc2, 0xf9], '#0 @5 Expected an object, found another value.'],
    [[...header, 0xf8], '#0 @5 The array is not closed at the end of the input.'],
    [[...header, 0xfa, 0x80], '#0 @4 The input ends within a value.'],
    [[...header, 0xfa, 0x80, 0x61, 0x00, 0xfb], '#0 @4 The byte 0x0 cannot stand where it does.'],
    [[...header, 0xfa, 0x41, 0xc2, 0xfb], '#0 @4 It refers to the text 1, of 0 that came before.'],
    [[...header, 0xfa, 0x80, 0xff, 0xc2, 0xfb], '#0 @4 A text is not valid UTF-8.'],
    [[0x3a, 0x29, 0x0a, 0x10, 0xfa, 0xfb], '#0 @0 It is Smile of version 1; only version 0 is known.'],
    [[...header, 0xfa, 0x80, 0x61, ...new Array<number>(2000).fill(0xf8)], '#0 @4 The event is nested too deep.'],
    [[...header, 0xfa, 0x80, 0x61, 0x26, 0x06, 0xa5], '#0 @4 A number has 421 bytes; 420 are allowed.'],
    [[...header, 0xfa, 0x80, 0x61, 0x2a, 0x84, 0x3f, 0x7f, 0xbf], '#0 @4 A number has 524287 bytes; 420 are allowed.'],
  ])('that is broken is refused: %j', (bytes, problem) => {
    for (const size of [1, 100])
      expect(readIn(Uint8Array.from(bytes), size)).toEqual({ events: [], refused: [problem] });
  });

  it('that is too long is refused, before it is held', () => {
    const { events, refused } = readIn(encodeSmile([{ a: 1 }, { a: 'x'.repeat(5000) }]), 100, 1000);
    expect([events, refused]).toEqual([
      [{ a: 1 }],
      ['#1 @10 The event has more bytes than the 1000 that are allowed (http.maxEventBytes).'],
    ]);
  });

  it('that becomes too long by what is told by number is refused', () => {
    const sharing = [0x3a, 0x29, 0x0a, 0x03];
    const text = Array.from(Buffer.from('x'.repeat(64)));
    const texts = [...sharing, 0xfa, 0x80, 0x61, 0xf8, 0x7f, ...text, ...new Array<number>(100).fill(0x01), 0xf9, 0xfb];
    const names = [...sharing, 0xfa, 0xbf, ...text, 0xc2, ...new Array<number[]>(100).fill([0x40, 0xc2]).flat(), 0xfb];
    const decimals = [...sharing, 0xfa, 0x80, 0x61, 0xf8];
    // 10^-1000
    for (let n = 0; n < 10; n++) decimals.push(0x2a, 0x1f, 0x90, 0x81, 0x00, 0x01);
    decimals.push(0xf9, 0xfb);
    for (const bytes of [texts, names, decimals]) {
      expect(readIn(Uint8Array.from(bytes), 10_000).events).toHaveLength(1);
      expect(readIn(Uint8Array.from(bytes), 10_000, 5000)).toEqual({
        events: [],
        refused: [
          '#0 @4 Its names and texts, with those that are told by number, have more than the 5000 characters that are allowed.',
        ],
      });
    }
  });

  it('of small events that name long ones by number is refused before it has grown', () => {
    const name = Array.from(Buffer.from('n'.repeat(4000)));
    const first = [0x3a, 0x29, 0x0a, 0x01, 0xfa, 0x34, ...name, 0xfc, 0xc2, 0xfb];
    const bytes = [...first, ...new Array<number[]>(1000).fill([0xfa, 0x40, 0xc2, 0xfb]).flat()];
    const { events, refused } = readIn(Uint8Array.from(bytes), 100, 5000);
    expect(events.length).toBeLessThan(100);
    expect(refused).toEqual([expect.stringMatching(/told by number make it more than 64 times as long\.$/)]);
  });
});
