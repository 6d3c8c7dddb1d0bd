import { describe, expect, it } from 'vitest';
import { readFilter } from '../src/filter.js';

const event = { country: 'FR', tags: ['a', 'b'], n: 12, empty: '', nothing: null };
const matches = (json: object): boolean | undefined => readFilter({ ...json })?.matches(event);

describe('a filter', () => {
  it.each([
    [{ type: 'true' }, true],
    [{ type: 'false' }, false],
    [{ type: 'selector', dimension: 'country', value: 'FR' }, true],
    [{ type: 'selector', dimension: 'country', value: 'DE' }, false],
    [{ type: 'selector', dimension: 'tags', value: 'b' }, true],
    [{ type: 'selector', dimension: 'n', value: '12' }, true],
    [{ type: 'selector', dimension: 'missing', value: null }, true],
    [{ type: 'selector', dimension: 'empty', value: null }, true],
    [{ type: 'selector', dimension: 'constructor', value: null }, true],
    [{ type: 'equals', column: 'n', matchValue: 12 }, true],
    [{ type: 'null', column: 'nothing' }, true],
    [{ type: 'in', dimension: 'country', values: ['DE', 'FR'] }, true],
    [{ type: 'in', dimension: 'country', values: ['DE'] }, false],
    [{ type: 'regex', dimension: 'country', pattern: '^F' }, true],
    [{ type: 'like', dimension: 'country', pattern: 'F_' }, true],
    [{ type: 'like', dimension: 'country', pattern: '%D%' }, false],
    [{ type: 'like', dimension: 'country', pattern: '\\%', escape: '\\' }, false],
    [{ type: 'bound', dimension: 'n', lower: '2', ordering: 'numeric' }, true],
    [{ type: 'bound', dimension: 'n', lower: '2' }, false],
    [{ type: 'bound', dimension: 'n', upper: '12', upperStrict: true, ordering: 'numeric' }, false],
    [{ type: 'range', column: 'n', matchValueType: 'LONG', lower: 12, upper: 13, lowerOpen: true }, false],
    [{ type: 'range', column: 'country', matchValueType: 'STRING', lower: 'FA', upper: 'FZ' }, true],
    [{ type: 'not', field: { type: 'selector', dimension: 'country', value: 'FR' } }, false],
    [{ type: 'and', fields: [{ type: 'true' }, { type: 'selector', dimension: 'n', value: 12 }] }, true],
    [{ type: 'or', fields: [{ type: 'false' }, { type: 'false' }] }, false],
  ])('%j gives %j', (json, expected) => {
    expect(matches(json)).toBe(expected);
  });

  it('reads events that are bytes', () => {
    const filter = readFilter({ type: 'selector', dimension: 'country', value: 'FR' });
    expect(filter?.matches(Buffer.from(JSON.stringify(event)))).toBe(true);
    expect(filter?.matches(Buffer.from('{"country":"DE"}'))).toBe(false);
  });

  it.each([
    {},
    { type: 'javascript' },
    { type: '__proto__' },
    { type: 'and', fields: [] },
    { type: 'and', fields: [{ type: 'spatial' }] },
    { type: 'not' },
    { type: 'regex', dimension: 'a', pattern: '(' },
    { type: 'bound', dimension: 'a' },
    { type: 'bound', dimension: 'a', lower: '1', ordering: 'alphanumeric' },
    { type: 'in', dimension: 'a' },
  ])('%j is none', (json) => {
    expect(readFilter(json)).toBeUndefined();
  });
});
