import { Buffer } from 'node:buffer';
import type { RowSlice } from '../event/row-batch.js';
import { layout, magic, mostBatchBytes, none } from './batch-header.js';
import { crc32c } from './crc32c.js';
import { VarintReader, varintSize, writeVarint } from './varint.js';

/** Rows, each in bytes of its own. */
export interface Rows {
  /** The JSON of each. */
  readonly rows: readonly Uint8Array[];
  /** The time of each, in epoch milliseconds. */
  readonly timestamps: readonly number[];
}

/** Who writes a batch, and which of its batches it is: so that it can be written again and is kept once. */
export interface ProducerSequence {
  /** A safe integer, not negative. */
  readonly id: number;
  /** 0 to 32767: it grows when the producer begins anew. */
  readonly epoch: number;
  /** The number of the batch's first row among all rows of this producer and epoch; after 2^31 - 1 comes 0. */
  readonly sequence: number;
}

const nobody: ProducerSequence = { id: none, epoch: none, sequence: none };

/** What each record has beside its length, time, offset and value: no attributes, no key (-1 in zigzag), no headers. */
const [noAttributes, noKey, noHeaders] = [0, 1, 0];
const plainBytes = 3;

/** Rows to encode, wherever they lie. */
interface RowSource {
  readonly count: number;
  /** Of each row, in epoch milliseconds. */
  readonly timestamps: ArrayLike<number>;
  sizeOf(index: number): number;
  copy(index: number, target: Buffer, at: number): void;
}

/**
 * Writes rows as one record batch of the Kafka format v2, each row the value of a record, not compressed. Its base offset is 0
 * until a log gives it another.
 * @throws RangeError when there are no rows, or too many bytes for a batch.
 */
export function encodeBatch({ rows, timestamps }: Rows, producer: ProducerSequence = nobody): Buffer {
  if (rows.length !== timestamps.length) {
    throw new RangeError(`A batch needs rows and as many times, not ${rows.length} and ${timestamps.length}.`);
  }
  const source: RowSource = {
    count: rows.length,
    timestamps,
    sizeOf: (index) => rows[index]?.length ?? 0,
    copy: (index, target, at) => target.set(rows[index] ?? [], at),
  };
  return encode(source, producer);
}

/** The same for rows that stand in a block, which saves a view on each. */
export function encodeSlice(slice: RowSlice, producer: ProducerSequence = nobody): Buffer {
  const { block } = slice;
  const source: RowSource = {
    count: slice.count,
    timestamps: slice.timestamps,
    sizeOf: (index) => slice.endOf(index) - slice.startOf(index),
    copy: (index, target, at) => block.copy(target, at, slice.startOf(index), slice.endOf(index)),
  };
  return encode(source, producer);
}

function encode(source: RowSource, producer: ProducerSequence): Buffer {
  const { count, timestamps } = source;
  if (count === 0) throw new RangeError('A batch needs rows.');
  const baseTimestamp = Math.trunc(timestamps[0] ?? 0);
  const records = new Float64Array(count);
  let size: number = layout.records;
  let latest = 0;
  for (let index = 0; index < count; index++) {
    const delta = Math.trunc(timestamps[index] ?? 0) - baseTimestamp;
    const value = source.sizeOf(index);
    const record = plainBytes + varintSize(delta) + varintSize(index) + varintSize(value) + value;
    records[index] = record;
    size += varintSize(record) + record;
    if (delta > latest) latest = delta;
  }
  if (size > mostBatchBytes) {
    throw new RangeError(`${count} rows of ${size} bytes are more than a batch takes: ${mostBatchBytes}.`);
  }
  const bytes = Buffer.allocUnsafeSlow(size);
  let at: number = layout.records;
  for (let index = 0; index < count; index++) {
    const value = source.sizeOf(index);
    at = writeVarint(bytes, at, records[index] ?? 0);
    bytes[at++] = noAttributes;
    at = writeVarint(bytes, at, Math.trunc(timestamps[index] ?? 0) - baseTimestamp);
    at = writeVarint(bytes, at, index);
    bytes[at++] = noKey;
    at = writeVarint(bytes, at, value);
    source.copy(index, bytes, at);
    at += value;
    bytes[at++] = noHeaders;
  }
  writeHeader(bytes, { count, baseTimestamp, maxTimestamp: baseTimestamp + latest, producer });
  return bytes;
}

interface HeaderFacts {
  readonly count: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producer: ProducerSequence;
}

function writeHeader(bytes: Buffer, { count, baseTimestamp, maxTimestamp, producer }: HeaderFacts): void {
  bytes.writeBigInt64BE(0n, layout.baseOffset);
  bytes.writeInt32BE(bytes.length - layout.leaderEpoch, layout.length);
  bytes.writeInt32BE(none, layout.leaderEpoch);
  bytes.writeInt8(magic, layout.magic);
  bytes.writeInt16BE(0, layout.attributes);
  bytes.writeInt32BE(count - 1, layout.lastOffsetDelta);
  bytes.writeBigInt64BE(BigInt(baseTimestamp), layout.baseTimestamp);
  bytes.writeBigInt64BE(BigInt(maxTimestamp), layout.maxTimestamp);
  bytes.writeBigInt64BE(BigInt(producer.id), layout.producerId);
  bytes.writeInt16BE(producer.epoch, layout.producerEpoch);
  bytes.writeInt32BE(producer.sequence, layout.baseSequence);
  bytes.writeInt32BE(count, layout.count);
  bytes.writeUInt32BE(crc32c(bytes, layout.attributes), layout.crc);
}

/** The time of each record of a batch, in order, in epoch milliseconds. The batch must be intact. */
export function* recordTimes(bytes: Buffer): Generator<number> {
  const base = Number(bytes.readBigInt64BE(layout.baseTimestamp));
  const varints = new VarintReader(bytes, layout.records);
  for (let left = bytes.readInt32BE(layout.count); left > 0; left--) {
    const size = varints.next();
    const end = varints.at + size;
    varints.at += 1;
    yield base + varints.next();
    varints.at = end;
  }
}
