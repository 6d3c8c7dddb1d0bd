import { parse } from 'smile-js';
import { describe, expect, it } from 'vitest';
import { encodeSmile } from '../../src/smile/smile-encoder.js';
import { vectors } from './vectors.js';

/** Whether a name has more than 56 bytes. */
const hasLongName = (json: string): boolean =>
  [...json.matchAll(/"([^"]*)":/g)].some(([, name = '']) => Buffer.byteLength(name) > 56);

describe('the encoder of Smile', () => {
  it('writes the bytes that Jackson writes', () => {
    const same = vectors.filter(([json]) => !hasLongName(json));
    expect(same.length).toBe(304);
    for (const [json, bytes] of same) expect(encodeSmile(JSON.parse(json)).toString('base64')).toBe(bytes);
  });

  it('shares no names where one of them is long', () => {
    const [json = ''] = vectors.find(([text]) => hasLongName(text)) ?? [];
    expect(encodeSmile(JSON.parse(json))[3]).toBe(0);
  });

  it('writes what another reader reads', () => {
    for (const [json] of vectors) expect(JSON.stringify(parse(encodeSmile(JSON.parse(json))))).toBe(json);
  });

  it('leaves out what JSON leaves out', () => {
    const value = [{ a: undefined, b: () => 1, c: Symbol('c'), d: NaN, e: undefined }, undefined];
    expect(parse(encodeSmile(value))).toEqual([{ d: null }, null]);
  });
});
