import agg from 'aws-kinesis-agg';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { deaggregate } from '../src/records/deaggregate.js';
import { hashOf, type HashRange } from '../src/records/hash-range.js';
import type { KinesisRecord, UserRecord } from '../src/records/kinesis-record.js';
import { PackedRecords } from '../src/records/packed-records.js';
import { pack, recordOf, sealed, type Packed } from './support/packing.js';

/** The records that are found for a shard. */
function found(record: KinesisRecord, range?: HashRange): { records: UserRecord[]; corrupt: string | undefined } {
  const { records, corrupt } = deaggregate(record, range);
  return { records: [...records], corrupt };
}

// The reference writes keys that are small numbers in another order than it counts them.
const packed: fc.Arbitrary<Packed> = fc.record(
  {
    partitionKey: fc.string({ maxLength: 20 }).map((text) => `k${text}`),
    explicitHashKey: fc.bigInt({ min: 2n ** 32n, max: 2n ** 128n - 1n }).map(String),
    data: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['partitionKey', 'data'] },
);

describe('a packed record', () => {
  it('holds what the reference has packed, in its order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(packed, { minLength: 1, maxLength: 30 }), async (records) => {
        const { records: unpacked, corrupt } = found(recordOf(await pack(records)));
        expect(corrupt).toBeUndefined();
        expect(unpacked.map(({ partitionKey, data }) => [partitionKey, Buffer.from(data)])).toEqual(
          records.map(({ partitionKey, data }) => [partitionKey, data]),
        );
        expect(unpacked.map(({ subSequenceNumber }) => subSequenceNumber)).toEqual(records.map((_, at) => at));
      }),
    );
  });

  it('reads as the reference reads it', async () => {
    const records = Array.from({ length: 100 }, (_, at) => ({
      partitionKey: `k${at % 7}`,
      data: Buffer.from(`{"n":${at}}`),
    }));
    const data = await pack(records);
    const theirs = await new Promise<{ data: string; partitionKey: string; subSequenceNumber: number }[]>(
      (resolve, reject) => {
        agg.deaggregateSync(
          { data: data.toString('base64'), partitionKey: 'outer', sequenceNumber: '49' },
          true,
          (error: Error | null, found: unknown) => {
            if (error === null || (error as unknown) === undefined) resolve(found as never);
            else reject(error);
          },
        );
      },
    );
    expect(found(recordOf(data)).records.map((one) => [one.partitionKey, Buffer.from(one.data).toString()])).toEqual(
      theirs.map((one) => [one.partitionKey, Buffer.from(one.data, 'base64').toString()]),
    );
  });

  it('is divided by the keys of the shards, without loss: each knows what belongs to another', async () => {
    const records = Array.from({ length: 200 }, (_, at) => ({
      partitionKey: `key ${at}`,
      ...(at % 3 === 0 ? { explicitHashKey: String((BigInt(at) * 2n ** 128n) / 200n) } : {}),
      data: Buffer.from(String(at)),
    }));
    const data = await pack(records);
    const middle = 2n ** 127n;
    const inShard = (range: HashRange): UserRecord[] =>
      found(recordOf(data), range).records.filter(({ isForeign }) => !isForeign);
    const low = inShard({ first: 0n, last: middle - 1n });
    const high = inShard({ first: middle, last: 2n ** 128n - 1n });
    expect([low.length + high.length, low.length > 0, high.length > 0]).toEqual([200, true, true]);
    const places = [...low, ...high].map(({ subSequenceNumber }) => subSequenceNumber);
    expect(places.toSorted((one, other) => one - other)).toEqual(records.map((_, at) => at));
    for (const { subSequenceNumber, partitionKey } of low) {
      const hash = records[subSequenceNumber]?.explicitHashKey;
      expect(hash === undefined ? hashOf(partitionKey) : BigInt(hash)).toBeLessThan(middle);
    }
  });

  it('whose digest is wrong is a record of its own, and says so', async () => {
    const data = await pack([{ partitionKey: 'a', data: Buffer.from('x') }]);
    data[data.length - 1] = (data.at(-1) ?? 0) ^ 1;
    const { records, corrupt } = found(recordOf(data));
    expect(records).toEqual([{ ...recordOf(data), subSequenceNumber: 0, isForeign: false }]);
    expect(corrupt).toContain('digest');
  });

  it.each([
    ['a field that ends too soon', Buffer.from([0x1a, 0x7f, 0x01])],
    ['a type that does not exist', Buffer.from([0x1f])],
    ['a record without data', Buffer.from([0x1a, 0x02, 0x08, 0x00])],
    ['a record that ends within its field', Buffer.from([0x0a, 0x00, 0x1a, 0x02, 0x1a, 0x01])],
    ['a partition key that is not there', Buffer.from([0x1a, 0x04, 0x08, 0x07, 0x1a, 0x00])],
    ['a number without end', Buffer.alloc(20, 0xff)],
  ])('%s is told, and nothing is thrown', (_, message) => {
    const { records, corrupt } = found(recordOf(sealed(message)));
    expect([records.length, corrupt]).toEqual([1, expect.stringContaining('cannot be read')]);
  });

  it('whose hash key is no number of 128 bits is told', async () => {
    const range = { first: 0n, last: 2n ** 128n - 1n };
    for (const explicitHashKey of ['9'.repeat(40), '0x10', '-1000000']) {
      const data = await pack([{ partitionKey: 'a', explicitHashKey, data: Buffer.from('x') }]);
      const { records, corrupt } = found(recordOf(data), range);
      expect([records.length, corrupt]).toEqual([1, expect.stringContaining('39 digits at most')]);
    }
  });

  it('is divided by hash keys that belong to others too, and wants none where the shard’s are not known', () => {
    // A key, and two records: one of them with a hash key that is not there.
    const message = Buffer.from('0a0161' + '1a021a00' + '1a0410051a00', 'hex');
    expect(found(recordOf(sealed(message))).records.map(({ isForeign }) => isForeign)).toEqual([false, false]);
    const { corrupt } = found(recordOf(sealed(message)), { first: 0n, last: 1n });
    expect(corrupt).toContain('There is no hash key of the number 5.');
  });

  it('whose partition key is longer than Kinesis takes one is told, however many records refer to it', () => {
    const keyOf = (text: string): Buffer => {
      const key = Buffer.from(text);
      return Buffer.from([0x0a, (key.length % 128) + 128, Math.floor(key.length / 128), ...key]);
    };
    const foundOf = (key: string): ReturnType<typeof found> =>
      found(recordOf(sealed(Buffer.concat([keyOf(key), Buffer.from('1a021a00'.repeat(2), 'hex')]))));
    for (const key of ['k'.repeat(256), '\u{1f600}'.repeat(256), 'ü'.repeat(256)]) {
      const { records, corrupt } = foundOf(key);
      expect([records.map(({ partitionKey }) => partitionKey), corrupt]).toEqual([[key, key], undefined]);
    }
    for (const key of ['k'.repeat(257), '\u{1f600}'.repeat(257), 'ü'.repeat(257), 'k'.repeat(10_000)]) {
      const { records, corrupt } = foundOf(key);
      expect([records.length, corrupt]).toEqual([1, expect.stringContaining('more than 256 characters')]);
    }
  });

  it('has each of its keys decoded once at most, whichever records refer to it', () => {
    const count = 1_000;
    const message = Buffer.concat([
      Buffer.from('0a0161' + '0a0162' + '0a0163', 'hex'),
      Buffer.alloc(6 * count, Buffer.from('1a0408011a00', 'hex')),
    ]);
    const decoding = vi.spyOn(message, 'toString');
    const records = [...new PackedRecords(message, { first: 0n, last: 0n })];
    expect(records.map(({ partitionKey, isForeign }) => `${partitionKey} ${isForeign}`)).toEqual(
      Array.from({ length: count }, () => 'b true'),
    );
    expect(decoding).toHaveBeenCalledOnce();
  });

  it('of a million records makes only those that are asked for', () => {
    const count = 1_000_000;
    const message = Buffer.concat([
      Buffer.from('0a0161', 'hex'),
      Buffer.alloc(4 * count, Buffer.from('1a021a00', 'hex')),
    ]);
    const data = sealed(message);
    const before = process.memoryUsage().heapUsed;
    const { records } = deaggregate(recordOf(data));
    const [first, second] = records;
    expect([first, second].map((record) => record?.subSequenceNumber)).toEqual([0, 1]);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(16 * count);
  });

  it('any other bytes are a record as they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
        expect(deaggregate(recordOf(data))).toEqual({
          records: [{ ...recordOf(data), subSequenceNumber: 0, isForeign: false }],
        });
      }),
    );
  });
});
