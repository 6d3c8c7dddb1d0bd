import { crc32c } from './crc32c.js';

/** Where each field of a record batch of the Kafka format v2 lies. All numbers are big-endian. */
export const layout = {
  baseOffset: 0,
  /** Of all that comes after it. */
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  /** CRC-32C of all that comes after it. Offset and leader epoch are outside, so that a log can set them. */
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

export const magic = 2;
/** What stands for no leader epoch, no producer and no sequence. */
export const none = -1;
/** What comes before the length counts. */
const prefix = layout.leaderEpoch;
/** The largest batch that we write, in bytes: a longer length is taken for damage. */
export const mostBatchBytes = 67_108_864;

/** The facts of a batch that stand before its records. */
export interface BatchHeader {
  readonly baseOffset: number;
  /** The offset behind its last record. */
  readonly nextOffset: number;
  readonly count: number;
  /** All bytes of it. */
  readonly size: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 for none; so are the next two. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

const int64 = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4);

/** How long the batch is that begins here, by its own word. The length must be there. */
export const batchSize = (bytes: Buffer, at = 0): number => prefix + bytes.readInt32BE(at + layout.length);

/** The offset of the first record of the batch that begins here. */
export const baseOffsetOf = (bytes: Buffer, at = 0): number => int64(bytes, at + layout.baseOffset);

/** The offset behind its last record. */
export const nextOffsetOf = (bytes: Buffer, at = 0): number =>
  baseOffsetOf(bytes, at) + bytes.readInt32BE(at + layout.lastOffsetDelta) + 1;

/** Reads the facts of the batch that begins here, believing them. The bytes up to the records must be there. */
export function readHeader(bytes: Buffer, at = 0): BatchHeader {
  return {
    baseOffset: baseOffsetOf(bytes, at),
    nextOffset: nextOffsetOf(bytes, at),
    count: bytes.readInt32BE(at + layout.count),
    size: batchSize(bytes, at),
    baseTimestamp: int64(bytes, at + layout.baseTimestamp),
    maxTimestamp: int64(bytes, at + layout.maxTimestamp),
    producerId: int64(bytes, at + layout.producerId),
    producerEpoch: bytes.readInt16BE(at + layout.producerEpoch),
    baseSequence: bytes.readInt32BE(at + layout.baseSequence),
  };
}

/** Whether the bytes from here on may be a batch of ours: enough of them for its header, and its length makes sense. */
export function looksLikeBatch(bytes: Buffer, at = 0): boolean {
  if (at + layout.records > bytes.length || bytes[at + layout.magic] !== magic) return false;
  const size = batchSize(bytes, at);
  return size > layout.records && size <= mostBatchBytes && bytes.readInt32BE(at + layout.leaderEpoch) === none;
}

/** Whether a batch, of which all bytes are there, is as it was written. What the sum does not cover is judged by `looksLikeBatch` and by the offsets around it. */
export function isIntact(bytes: Buffer, at = 0): boolean {
  const sum = crc32c(bytes, at + layout.attributes, at + batchSize(bytes, at));
  return sum === bytes.readUInt32BE(at + layout.crc);
}

/** Gives a batch its place in a log. */
export function setBaseOffset(bytes: Buffer, offset: number): void {
  bytes.writeBigInt64BE(BigInt(offset), layout.baseOffset);
}
