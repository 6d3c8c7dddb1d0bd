import { describe, expect, it } from 'vitest';
import { ColumnAdder, readColumns } from '../src/columns.js';
import type { StreamRecord } from '../src/record.js';

const record: StreamRecord<number> = {
  position: 7,
  next: 8,
  key: Buffer.from('ada'),
  value: null,
  headers: { trace: Buffer.from('t1'), raw: Buffer.from([0xff, 0]), twice: [Buffer.from('a'), 'b'] },
  timestamp: 1_700_000_000_000,
};

const adder = new ColumnAdder<number>({ stream: 'x' }, { stream: 'clicks', partition: '3' });

describe('columns', () => {
  it('tell each event from all others, the same each time', () => {
    const ids = new ColumnAdder<number>({ id: 'id' }, { stream: 'clicks', partition: '3' });
    const expected = [{ id: 'clicks/3/7' }, { id: 'clicks/3/7/1' }];
    expect(ids.addAll([{}, {}], record)).toEqual(expected);
    expect(ids.addAll([{}, {}], record)).toEqual(expected);
  });

  it('come from the record', () => {
    const headers = { trace: 'trace', raw: 'raw', twice: 'twice', missing: 'missing' };
    const columns = { key: 'user', stream: 'topic', partition: 'part', offset: 'at', timestamp: 'time', headers };
    const [event] = new ColumnAdder(columns, { stream: 'clicks', partition: '3' }).addAll([{}], record);
    expect(event).toEqual({
      user: 'ada',
      topic: 'clicks',
      part: 3,
      at: 7,
      time: 1_700_000_000_000,
      trace: 't1',
      raw: '/wA=',
      twice: ['a', 'b'],
      missing: null,
    });
  });

  it.each([
    ['{"a":1}', { a: 1, x: 'clicks' }],
    ['{"a":{"b":"}"}}  ', { a: { b: '}' }, x: 'clicks' }],
    ['{}', { x: 'clicks' }],
    [' { \n } ', { x: 'clicks' }],
    ['{"x":"before"}', { x: 'clicks' }],
  ])('are added to the bytes of %s', (text, expected) => {
    const [added] = adder.addAll([Buffer.from(text)], record);
    expect(JSON.parse(Buffer.from(added as Uint8Array).toString())).toEqual(expected);
  });

  it.each([{}, { headers: {} }])('of which there are none (%j) leave the bytes as they are', (columns) => {
    const none = new ColumnAdder<number>(columns, { stream: 'clicks', partition: '3' });
    for (const text of ['{"a":1}', '{}']) expect(none.addAll([Buffer.from(text)], record)).toEqual([Buffer.from(text)]);
  });

  it('are added to objects, which stay as they are', () => {
    const event = { a: 1 };
    expect(adder.addAll([event], record)).toEqual([{ a: 1, x: 'clicks' }]);
    expect(event).toEqual({ a: 1 });
  });

  it('of another form are none', () => {
    expect(readColumns({ key: 'k', headers: { a: 'b' } })).toBeDefined();
    for (const wrong of [{ key: 1 }, { other: 'x' }, { headers: ['a'] }, { headers: { a: 1 } }])
      expect(readColumns(wrong)).toBeUndefined();
  });
});
