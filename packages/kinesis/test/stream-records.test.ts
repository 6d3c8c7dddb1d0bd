import { expect, it } from 'vitest';
import { hashOf } from '../src/records/hash-range.js';
import { Position } from '../src/position.js';
import { unpackedPieces } from '../src/records/stream-records.js';
import { pack, recordOf, sealed } from './support/packing.js';

const unpacking = { range: undefined, settled: undefined, maxInflatedBytes: 1_000_000 };

it('of a packed record, what belongs to another shard keeps its place, and is left out', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e', 'f'];
  const data = await pack(keys.map((partitionKey) => ({ partitionKey, data: Buffer.from(partitionKey) })));
  const range = { first: 0n, last: 2n ** 127n - 1n };
  const settled = new Position('49', 0);
  const [records = []] = unpackedPieces([recordOf(data)], { ...unpacking, range, settled }, 1_000_000);
  expect(records.map(({ position, value, leftOut }) => [position.subSequenceNumber, String(value), leftOut])).toEqual(
    keys.map((key, at) => (hashOf(key) <= range.last ? [at, key, undefined] : [at, 'null', 'outside-shard'])).slice(1),
  );
  expect(new Set(records.map(({ leftOut }) => leftOut)).size).toBe(2);
});

it('a packed record comes in pieces, however much it holds', () => {
  const message = Buffer.concat([Buffer.from('0a0161', 'hex'), Buffer.alloc(40_000, Buffer.from('1a021a00', 'hex'))]);
  const lengths = [...unpackedPieces([recordOf(sealed(message))], unpacking, 65_000)].map(({ length }) => length);
  expect(lengths).toEqual([...Array.from({ length: 10 }, () => 1_000)]);
});
