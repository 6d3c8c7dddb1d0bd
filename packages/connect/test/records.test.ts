import { expect, it } from 'vitest';
import { RecordRange, type Records } from '../src/records.js';
import type { StreamRecord } from '../src/record.js';

it('a range of a range asks the records themselves', () => {
  const depths: number[] = [];
  const records: Records<number> = {
    length: 10_000,
    at: (index) => {
      depths.push(new Error().stack?.split('\n').filter((line) => line.includes('records.ts')).length ?? -1);
      return { position: index } as StreamRecord<number>;
    },
  };
  let range = new RecordRange(records, 0);
  for (let taken = 0; taken < 9; taken++) range = new RecordRange(range, 1_000);
  expect([range.length, range.at(0)?.position, range.at(999)?.position, range.at(1_000)]).toEqual([
    1_000,
    9_000,
    9_999,
    undefined,
  ]);
  expect(depths).toEqual([1, 1]);
});
