import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeSmile } from '../src/smile/smile-decoder.js';

// Made by tools/fixtures with the real Jackson 2.12.7.
const vectors = readFileSync(new URL('fixtures/smile-vectors.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t') as [string, string]);

describe('the decoder of Smile', () => {
  it('reads what Jackson writes', () => {
    for (const [json, bytes] of vectors) {
      expect(decodeSmile(Buffer.from(bytes, 'base64'))).toEqual(JSON.parse(json));
    }
  });

  it('reads shared texts and floats', () => {
    const header = [0x3a, 0x29, 0x0a, 0x03];
    const shared = [0xf8, 0x41, 0x61, 0x62, 0x01, 0xf9];
    expect(decodeSmile(Buffer.from([...header, ...shared]))).toEqual(['ab', 'ab']);
    const float = [0x28, 0x03, 0x7e, 0x00, 0x00, 0x00];
    expect(decodeSmile(Buffer.from([...header, ...float]))).toBe(1.5);
  });

  it('refuses what is none, or broken off', () => {
    expect(() => decodeSmile(Buffer.from('[]'))).toThrow('does not start with Smile format header');
    const [, whole = ''] = vectors[0] ?? [];
    const bytes = Buffer.from(whole, 'base64');
    for (let size = 4; size < bytes.length; size++)
      expect(() => decodeSmile(bytes.subarray(0, size))).toThrow(/end-of-input/);
    expect(() => decodeSmile(Buffer.from([0x3a, 0x29, 0x0a, 0x01, 0xff]))).toThrow('Invalid type marker byte 0xff.');
  });
});
