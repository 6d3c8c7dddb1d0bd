import type { Batch } from 'kafkajs';
import { expect, it } from 'vitest';
import { recordsIn, startingAt } from '../../src/source/fetch/fetched-records.js';
import { readBatches } from '../../src/source/fetch/read-batches.js';
import { batchOf } from './answers.js';

const value = Buffer.from('{}');

/** What kafkajs hands over of ten records that we read. */
async function ours(fetchedOffset: string): Promise<Batch> {
  const records = Array.from({ length: 10 }, (_, offsetDelta) => ({ offsetDelta, value }));
  const set = await readBatches(await batchOf({ firstOffset: 100, lastOffsetDelta: 19, records }), []);
  return { messages: [set], fetchedOffset } as unknown as Batch;
}

/** What it hands over of ten that it has read itself. */
function theirs(): Batch {
  const messages = Array.from({ length: 10 }, (_, at) => ({ offset: String(100 + at), key: null, value }));
  return { messages, fetchedOffset: '100' } as unknown as Batch;
}

it('are those that were asked for, and the last one goes on where the answer does', async () => {
  for (const [batch, length] of [
    [await ours('100'), 10],
    [await ours('107'), 3],
    [await ours('110'), 0],
    [theirs(), 10],
  ] as const) {
    const records = recordsIn(batch, 120);
    const found = Array.from({ length: records.length }, (_, index) => records.at(index));
    expect(found.map((record) => record?.position)).toEqual(
      [100, 101, 102, 103, 104, 105, 106, 107, 108, 109].slice(10 - length),
    );
    expect(found.map((record) => record?.next)).toEqual(
      [101, 102, 103, 104, 105, 106, 107, 108, 109, 120].slice(10 - length),
    );
    expect(records.at(length)).toBeUndefined();
    expect(startingAt(109, records).length).toBe(Math.min(1, length));
  }
});

it('their sums are those of each', async () => {
  const { sums } = recordsIn(await ours('100'), 110);
  expect(sums).toEqual({ size: 10 * (value.length + 5 + 64), values: 10 * value.length });
});
