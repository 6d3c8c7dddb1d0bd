import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BlockPool, RowBatch } from '../../src/event/row-batch.js';
import { isIntact, looksLikeBatch, readHeader, setBaseOffset } from '../../src/journal/batch-header.js';
import { crc32c } from '../../src/journal/crc32c.js';
import { encodeBatch, recordTimes } from '../../src/journal/encode-batch.js';
import { VarintReader, varintSize, writeVarint } from '../../src/journal/varint.js';
import { crcOfKafkajs, decodeWithFacts } from './support/decode.js';

describe('CRC-32C', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 0],
    ['the check value of the catalogue', Buffer.from('123456789'), 0xe3069283],
    ['32 zeros of RFC 3720', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones of RFC 3720', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31 of RFC 3720', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
    ['31 to 0 of RFC 3720', Buffer.from(Array.from({ length: 32 }, (_, n) => 31 - n)), 0x113fdb5c],
  ])('of %s', (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });

  it('is that of kafkajs, of any stretch', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), fc.nat(100), (bytes, a, b) => {
        const [start, end] = [Math.min(a, b, bytes.length), Math.min(Math.max(a, b), bytes.length)];
        expect(crc32c(bytes, start, end)).toBe(crcOfKafkajs(Buffer.from(bytes.subarray(start, end))));
      }),
    );
  });
});

describe('a varint', () => {
  it('is read as it was written', () => {
    const numbers = fc.oneof(
      fc.integer(),
      fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      fc.integer({ min: -70, max: 70 }),
    );
    fc.assert(
      fc.property(numbers, (value) => {
        const bytes = Buffer.alloc(10);
        const end = writeVarint(bytes, 0, value);
        expect(end).toBe(varintSize(value));
        const reader = new VarintReader(bytes, 0);
        expect([reader.next(), reader.at]).toEqual([value, end]);
      }),
      { numRuns: 2000 },
    );
  });

  it('that does not end is an error', () => {
    expect(() => new VarintReader(Buffer.from([0x80, 0x80]), 0).next()).toThrow(RangeError);
  });
});

describe('a batch', () => {
  const times = fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
  const rows = fc.array(fc.tuple(fc.json(), times), { minLength: 1, maxLength: 300 });
  const producers = fc.record({
    id: fc.maxSafeNat(),
    epoch: fc.nat(32_767),
    sequence: fc.nat(2 ** 31 - 1),
  });

  it('is read by kafkajs as it was given', async () => {
    await fc.assert(
      fc.asyncProperty(
        rows,
        fc.option(producers, { nil: undefined }),
        fc.maxSafeNat(),
        async (given, producer, base) => {
          const values = given.map(([json]) => Buffer.from(json));
          const timestamps = given.map(([, time]) => time);
          const bytes = encodeBatch({ rows: values, timestamps }, producer);
          const offset = Math.min(base, Number.MAX_SAFE_INTEGER - given.length);
          setBaseOffset(bytes, offset);

          const [batch, ...more] = await decodeWithFacts(bytes);
          expect(more).toEqual([]);
          expect(batch).toMatchObject({
            producerId: String(producer?.id ?? -1),
            producerEpoch: producer?.epoch ?? -1,
            firstSequence: producer?.sequence ?? -1,
            maxTimestamp: String(Math.max(...timestamps)),
          });
          expect(batch?.records.map(({ value }) => value.toString())).toEqual(given.map(([json]) => json));
          expect(batch?.records.map((record) => Number(record.timestamp))).toEqual(timestamps);
          expect(batch?.records.map((record) => Number(record.offset))).toEqual(
            timestamps.map((_, index) => offset + index),
          );

          expect(looksLikeBatch(bytes) && isIntact(bytes)).toBe(true);
          expect([...recordTimes(bytes)]).toEqual(timestamps);
          expect(readHeader(bytes)).toMatchObject({ baseOffset: offset, count: given.length, size: bytes.length });
          expect(bytes.readUInt32BE(17)).toBe(crcOfKafkajs(bytes.subarray(21)));
        },
      ),
    );
  });

  it('takes the rows of a slice', async () => {
    const batch = new RowBatch(new BlockPool());
    for (const n of [1, 2, 3]) {
      const json = `{"n":${n}}`;
      batch.begin(json.length);
      batch.block.write(json, batch.start);
      batch.finish(json.length, undefined, 1000 + n);
    }
    const [decoded] = await decodeWithFacts(encodeBatch(batch.slice(1)));
    expect(decoded?.records.map(({ value, timestamp }) => [value.toString(), timestamp])).toEqual([
      ['{"n":2}', '1002'],
      ['{"n":3}', '1003'],
    ]);
  });

  it('keeps the times of events that lie as far from each other as a Date can tell', () => {
    for (const timestamps of [
      [8.64e15, 1.7e12, 0],
      [1.7e12, -8.64e15, 8.64e15],
      [-8.64e15, 1.7e12],
      [8.64e15, -8.64e15],
    ]) {
      const rows = timestamps.map(() => Buffer.from('{}'));
      expect([...recordTimes(encodeBatch({ rows, timestamps }))]).toEqual(timestamps);
    }
  });

  it('needs rows, and not too many bytes', () => {
    expect(() => encodeBatch({ rows: [], timestamps: [] })).toThrow('A batch needs rows');
    expect(() => encodeBatch({ rows: [Buffer.alloc(67_108_864)], timestamps: [0] })).toThrow('more than a batch takes');
  });
});
