import { gzipSync } from 'node:zlib';
import { VarintReader } from '@tranquility-js/core/internal';
import { compressFrameSync } from 'lz4-napi';
import { compressSync } from 'snappy';
import { CompressionCodecs, CompressionTypes } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { installCodecs } from '../src/codecs/codecs.js';
import { refusalIn, refusedRecords } from '../src/codecs/refused-records.js';
import { lz4Size, snappySize } from '../src/codecs/sizes.js';
import { zstdFrames } from '../src/codecs/zstd-frames.js';

/** What kafkajs hands over: the records of a batch behind the rest of its header, which says how many there are. */
function batchOf(count: number, records: Buffer): Buffer {
  const header = Buffer.alloc(49);
  header.writeInt32BE(count - 1, 11);
  header.writeInt32BE(count, 45);
  return Buffer.concat([header, records]).subarray(49);
}

async function decompress(type: CompressionTypes, bytes: Buffer): Promise<Buffer> {
  const codecs = CompressionCodecs as unknown as Record<
    number,
    () => { decompress: (bytes: Buffer) => Promise<Buffer> }
  >;
  const codec = codecs[type]?.();
  if (codec === undefined) throw new Error('There is no such codec.');
  return codec.decompress(bytes);
}

const text = Buffer.from('what is repeated '.repeat(1_000));

/** The text as the program zstd packs it: a file, and a pipe with `--check`. */
const [sized, unsized] = [
  'KLUv/WBoQc0AAIh3aGF0IGlzIHJlcGVhdGVkIAEAqQTa5xI=',
  'KLUv/QRYzQAAiHdoYXQgaXMgcmVwZWF0ZWQgAQCpBNrnEkFdKJE=',
].map((packed) => Buffer.from(packed, 'base64')) as [Buffer, Buffer];

/** A frame that holds nothing to unpack. */
function skippable(length: number): Buffer {
  const frame = Buffer.alloc(8 + length, 'x');
  frame.writeUInt32LE(0x184d2a53, 0);
  frame.writeUInt32LE(length, 4);
  return frame;
}

/** A frame of zstd, whose header tells no size. @param kind of its only block: 1 has a byte that is repeated `size` times, 2 is compressed. */
function frameOf(kind: number, size: number, content: readonly number[]): Buffer {
  const head = Buffer.alloc(3);
  head.writeUIntLE((size << 3) | (kind << 1) | 1, 0, 3);
  return Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38, ...head, ...content]);
}

/** Where the values of records lie, and the difference of each one's offset. */
function valuesIn(records: Buffer): { delta: number; start: number; end: number }[] {
  const found = [];
  const reader = new VarintReader(records, 0);
  while (reader.at < records.length) {
    const length = reader.next();
    const next = reader.at + length;
    reader.at++;
    const [time, delta, key, size] = [reader.next(), reader.next(), reader.next(), reader.next()];
    const [start, end] = [reader.at, reader.at + size];
    reader.at = end;
    expect([time, key, reader.next(), reader.at]).toEqual([0, -1, 0, next]);
    found.push({ delta, start, end });
  }
  return found;
}

describe('codecs', () => {
  it.each([
    ['gzip', CompressionTypes.GZIP, gzipSync(text)],
    ['snappy', CompressionTypes.Snappy, compressSync(text)],
    ['lz4', CompressionTypes.LZ4, compressFrameSync(text)],
    ['zstd', CompressionTypes.ZSTD, sized],
    ['zstd', CompressionTypes.ZSTD, unsized],
  ])('%s is read up to the limit, and refused above it', async (name, type, bytes) => {
    installCodecs(text.length);
    expect((await decompress(type, batchOf(1, bytes))).equals(text)).toBe(true);
    installCodecs(text.length - 1);
    const refused = await decompress(type, batchOf(1, bytes));
    expect(refused.toString()).toContain(
      `It is in a batch compressed with ${name} that holds more than kafka.max.decompressed.bytes (${text.length - 1}).`,
    );
  });

  it.each([CompressionTypes.GZIP, CompressionTypes.Snappy, CompressionTypes.LZ4, CompressionTypes.ZSTD])(
    'garbage becomes a refusal (%s)',
    async (type) => {
      installCodecs(1_000_000);
      const refused = await decompress(type, batchOf(1, Buffer.from('this was never compressed by anything')));
      expect(refused.toString()).toContain('It is in a batch');
    },
  );

  it('a block of zstd that says it unpacks to gigabytes is refused before it is', async () => {
    installCodecs(1_000_000);
    // No literals, 28,000 sequences that are all alike: each copies 65,539 bytes.
    const [literals, count, allAlike] = [0, [128 + (28_000 >> 8), 28_000 & 255], [0x54, 0, 0, 52]];
    const content = [literals, ...count, ...allAlike, ...new Array<number>(56_000).fill(0), 1];
    const refused = await decompress(CompressionTypes.ZSTD, batchOf(1, frameOf(2, content.length, content)));
    expect(refused.toString()).toContain('that zstd cannot read: a block unpacks to more than 128 KiB');
  });

  it('frames of zstd are all read, and all counted before any is unpacked', async () => {
    const many = Buffer.concat([skippable(9), unsized, sized, skippable(0), frameOf(1, 3, [7])]);
    expect([...zstdFrames(many)].map(({ size }) => size)).toEqual([text.length, text.length, 3]);
    installCodecs(text.length * 2 + 3);
    const expected = Buffer.concat([text, text, Buffer.alloc(3, 7)]);
    expect((await decompress(CompressionTypes.ZSTD, batchOf(1, many))).equals(expected)).toBe(true);
    installCodecs(text.length * 2 + 2);
    const refused = await decompress(CompressionTypes.ZSTD, batchOf(1, many));
    expect(refused.toString()).toContain('that holds more than kafka.max.decompressed.bytes');
  });

  it('frames of zstd that are larger together than the limit cost no memory', async () => {
    installCodecs(1_000_000);
    const bomb = Buffer.alloc(32_000, frameOf(1, 131_072, [7]));
    const before = process.resourceUsage().maxRSS;
    const refused = await decompress(CompressionTypes.ZSTD, batchOf(1, bomb));
    expect(refused.toString()).toContain('that holds more than kafka.max.decompressed.bytes');
    // In KiB. Unpacked it is 300 MiB.
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000);
  });

  it('frames of zstd reserve no window', async () => {
    installCodecs(1_000_000);
    const wide = frameOf(1, 3, [7]);
    wide.writeUInt8((20 << 3) | 7, 5);
    const before = process.resourceUsage().maxRSS;
    expect(await decompress(CompressionTypes.ZSTD, batchOf(1, Buffer.concat([wide, wide])))).toEqual(
      Buffer.alloc(6, 7),
    );
    expect(process.resourceUsage().maxRSS - before).toBeLessThan(100_000);
  });

  it.each([
    [
      'says another size',
      Buffer.from([...sized.subarray(0, 5), 1, ...sized.subarray(6)]),
      'a frame of 17000 bytes says it has',
    ],
    ['ends too soon', Buffer.concat([sized, unsized.subarray(0, -1)]), 'the last frame ends too soon'],
    ['is followed by something else', Buffer.concat([sized, text]), `what begins at byte ${sized.length} is no frame`],
  ])('a frame of zstd that %s is refused', async (_, bytes, reason) => {
    installCodecs(1_000_000);
    expect((await decompress(CompressionTypes.ZSTD, batchOf(1, bytes))).toString()).toContain(reason);
  });

  it('sizes are those of the headers', () => {
    expect(snappySize(compressSync(text))).toBe(text.length);
    const large = Buffer.alloc(10_000_000, 'x');
    const size = lz4Size(compressFrameSync(large));
    expect(size).toBeGreaterThan(large.length / 2);
    expect(size).toBeLessThanOrEqual(large.length);
  });
});

describe('a refusal', () => {
  it.each([1, 2, 200, 3_000])('is said by each of %i records, and stands there once', (count) => {
    const reason = `It cannot be read, as it is – ${'long '.repeat(30)}`;
    const records = refusedRecords(batchOf(count, Buffer.alloc(0)), reason);
    const read = valuesIn(records);
    expect(read.map(({ delta }) => delta)).toEqual(Array.from({ length: count }, (_, index) => index));
    expect(new Set(read.map(({ start, end }) => refusalIn(records, start, end)))).toEqual(new Set([reason]));
    expect(new Set(read.map(({ start, end }) => refusalIn(records.subarray(start, end))))).toEqual(new Set([reason]));
    expect(records.length).toBeLessThan(count * 30 + 2 * reason.length);
  });

  it('is cut where its reason is a whole book', () => {
    const records = refusedRecords(batchOf(2, Buffer.alloc(0)), 'x'.repeat(100_000));
    for (const { start, end } of valuesIn(records)) expect(refusalIn(records, start, end)).toBe('x'.repeat(4_000));
  });

  it('is known by its mark, and nothing else is', () => {
    const records = refusedRecords(batchOf(1, Buffer.alloc(0)), 'for a reason');
    const [{ start, end } = { start: 0, end: 0 }] = valuesIn(records);
    const other = Buffer.from(records.subarray(start, end));
    other.writeUInt8(other.readUInt8(5) ^ 1, 5);
    expect(refusalIn(other)).toBeUndefined();
    expect(refusalIn(records, start, start + 15)).toBeUndefined();
    expect(refusalIn(Buffer.from('{"time":1}'))).toBeUndefined();
    expect(refusalIn(Buffer.alloc(0))).toBeUndefined();
  });

  it('of a batch without records is none', () => {
    expect(refusedRecords(batchOf(0, Buffer.alloc(0)), 'for a reason')).toHaveLength(0);
  });

  it('a batch that says it holds more records than any has is not made', () => {
    expect(() => refusedRecords(batchOf(2_000_000_000, Buffer.alloc(0)), 'x')).toThrow('2000000000 records');
  });
});
