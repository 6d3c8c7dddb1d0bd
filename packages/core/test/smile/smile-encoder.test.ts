import { readFileSync } from 'node:fs';
import { parse } from 'smile-js';
import { describe, expect, it } from 'vitest';
import { encodeSmile } from '../../src/smile/smile-encoder.js';

// Made by tools/fixtures with the real Jackson 2.12.7.
const vectors = readFileSync(new URL('../fixtures/smile-vectors.tsv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split('\t') as [string, string]);

const hasLongName = (json: string): boolean => json.includes('y'.repeat(57));

describe('the encoder of Smile', () => {
  it('writes the bytes that Jackson writes', () => {
    const same = vectors.filter(([json]) => !hasLongName(json));
    expect(same.length).toBe(vectors.length - 1);
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
