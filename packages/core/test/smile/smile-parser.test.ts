import { describe, expect, it } from 'vitest';
import { SmileParser, SmileUnfinished } from '../../src/smile/smile-parser.js';
import { vectors } from './vectors.js';

function read(bytes: Buffer): unknown {
  const parser = new SmileParser();
  const { value, end } = parser.readValue(bytes, parser.readHeader(bytes, 0));
  expect(end).toBe(bytes.length);
  return value;
}

describe('the parser of Smile', () => {
  it('reads what Jackson writes, names of any length that are told by number among it', () => {
    for (const [json, bytes] of vectors) expect(JSON.stringify(read(Buffer.from(bytes, 'base64')))).toBe(json);
  });

  it('asks for more at each place where bytes may be cut', () => {
    for (const [, text] of vectors.slice(0, 20)) {
      const bytes = Buffer.from(text, 'base64');
      for (let size = 0; size < bytes.length; size++) {
        expect(() => read(bytes.subarray(0, size))).toThrow(SmileUnfinished);
      }
    }
  });
});
