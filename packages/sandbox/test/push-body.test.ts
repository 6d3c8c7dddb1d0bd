import { encodeSmile } from '@tranquility-js/core/internal';
import { describe, expect, it } from 'vitest';
import { readPush } from '../src/realtime/push-body.js';

const header = [0x3a, 0x29, 0x0a, 0x00];
const smile = (...bytes: number[]): Buffer => Buffer.from([...header, ...bytes]);

describe('a push in Smile', () => {
  it('is read', () => {
    const events = [{ a: 'x', n: [1, -2.5] }, null];
    expect(readPush(encodeSmile(events), true)).toEqual(events);
    expect(readPush(encodeSmile(null), true)).toBeNull();
  });

  it('has integers beyond 2^53 as near as a number comes', () => {
    // [{"a": [2^62]}]: zigzag is 2^63, of ten bytes.
    const large = [0x25, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80];
    const bytes = smile(0xf8, 0xfa, 0x80, 0x61, 0xf8, ...large, 0xf9, 0xfb, 0xf9);
    expect(readPush(bytes, true)).toEqual([{ a: [2 ** 62] }]);
  });

  it('is refused in words that begin as those of Jackson', () => {
    expect(() => readPush(Buffer.from('[]'), true)).toThrow(
      /^Input does not start with Smile format header .* at \[Source/s,
    );
    expect(() => readPush(smile(0xf8), true)).toThrow(/^Unexpected end-of-input .* at \[Source/s);
    expect(() => readPush(smile(0xff), true)).toThrow(/^The byte 0xff cannot stand where it does.*at \[Source/s);
    expect(() => readPush(smile(0xc2), true)).toThrow(/^Cannot deserialize value of type .* from Integer value/s);
  });
});
