import { expect, it } from 'vitest';
import { detached, detachedEvent } from '../src/detached.js';
import type { StreamRecord } from '../src/record.js';

/** The answer of a broker, in which records lie. */
const answer = Buffer.alloc(1_000_000, 'x');
const part = (start: number, text: string): Buffer => {
  answer.write(text, start);
  return answer.subarray(start, start + text.length);
};

const record: StreamRecord<number> = {
  ...{ position: 7, next: 8, timestamp: 12, refused: 'It is odd.' },
  key: part(10, 'key'),
  value: part(20, '{"a":1}'),
  spot: { bytes: answer, start: 20, end: 27 },
  headers: { one: part(40, 'first'), many: [part(50, 'second'), 'text'], none: undefined, empty: Buffer.alloc(0) },
};

it('is the same record, in memory of its own', () => {
  const copy = detached(record);
  const { position, next, timestamp, refused, key, value, headers } = copy;
  expect({ position, next, timestamp, refused, key, value, headers, spot: record.spot }).toEqual(record);
  expect(copy.spot).toBeUndefined();
  const bytes = [key, value, ...Object.values(headers).flat()].filter((one) => one instanceof Uint8Array);
  expect(bytes).toHaveLength(5);
  for (const { buffer } of bytes) expect(buffer.byteLength).toBe(copy.size);
  expect(copy.size).toBe('key{"a":1}firstsecond'.length);
});

it('is one for all events of the record, and is not copied again', () => {
  const copy = detached(record);
  expect(detached(record)).toBe(copy);
  expect(detached(copy)).toBe(copy);
});

it('has neither key nor value where the record has none', () => {
  const copy = detached({ ...record, key: null, value: null, headers: {} });
  expect([copy.key, copy.value, copy.size]).toEqual([null, null, 0]);
});

it('an event of bytes is copied, others stay', () => {
  const fields = { a: 1 };
  expect(detachedEvent(fields)).toBe(fields);
  const copy = detachedEvent(part(60, '{}'));
  expect([String(copy), copy.buffer.byteLength]).toEqual(['{}', 2]);
});
