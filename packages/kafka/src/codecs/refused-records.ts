import { randomBytes } from 'node:crypto';
import { varintSize, writeVarint } from '@tranquility-js/core/internal';

/**
 * Begins the value of a record of ours in place of one that could not be decompressed. Nobody can write it to a topic, as it is made anew in each
 * process. No text begins like it.
 */
const mark = Buffer.concat([Buffer.of(0xff), randomBytes(11)]);
/** Behind the mark stands how far from the value's begin the reason is, in the same memory: all records of a batch share one. */
const valueLength = mark.length + 4;
/** The reason has its length before it. */
const lengthBytes = 2;
const mostReason = 4_000;

/** A batch may say that it holds any number of records; of more than so many nothing is made. */
const mostRecords = 1_000_000;

/** The most bytes of a record beside a reason: its length, attributes, two differences, no key, its value and the length of that, no header. */
const mostOfRecord = 2 + 1 + 1 + 5 + 1 + 2 + valueLength + 1;

/**
 * Records in place of those of a compressed batch that could not be read: as many, so that reading goes on behind it. Each says why.
 * @param compressed the bytes behind the batch's header, in the same memory as it.
 */
export function refusedRecords(compressed: Buffer, reason: string): Buffer {
  const header = Buffer.from(compressed.buffer, compressed.byteOffset - headerLength, headerLength);
  const count = header.readInt32BE(headerLength - 4);
  const lastDelta = header.readInt32BE(lastDeltaAt);
  if (count > mostRecords) throw new Error(`A batch says that it holds ${count} records. ${reason}`);
  const told = Buffer.from(reason).subarray(0, mostReason);
  const records = Buffer.allocUnsafe(Math.max(0, count) * mostOfRecord + lengthBytes + told.length);
  let end = 0;
  let reasonAt = 0;
  for (let at = 0; at < count; at++) {
    const delta = at === count - 1 ? lastDelta : at;
    const size = valueLength + (at === 0 ? lengthBytes + told.length : 0);
    // Attributes and the difference of time are 0; there is no key and no header.
    end = writeVarint(records, end, 1 + 1 + varintSize(delta) + varintSize(-1) + varintSize(size) + size + 1);
    records[end++] = 0;
    records[end++] = 0;
    end = writeVarint(records, end, delta);
    end = writeVarint(records, end, -1);
    end = writeVarint(records, end, size);
    if (at === 0) reasonAt = end + valueLength;
    records.set(mark, end);
    records.writeInt32BE(reasonAt - end, end + mark.length);
    end += valueLength;
    if (at === 0) {
      end = records.writeUInt16BE(told.length, end);
      end += told.copy(records, end);
    }
    records[end++] = 0;
  }
  return records.subarray(0, end);
}

/** Why a record was refused before it could be read, if it was. Its value lies from `start` up to `end`. */
export function refusalIn(bytes: Uint8Array, start = 0, end = bytes.length): string | undefined {
  // Of what is read, hardly anything begins like it.
  if (bytes[start] !== mark[0] || end - start < valueLength) return undefined;
  const value = Buffer.from(bytes.buffer, bytes.byteOffset + start, valueLength);
  if (!value.subarray(0, mark.length).equals(mark)) return undefined;
  const at = value.byteOffset + value.readInt32BE(mark.length);
  const length = Buffer.from(bytes.buffer, at, lengthBytes).readUInt16BE();
  return Buffer.from(bytes.buffer, at + lengthBytes, length).toString();
}

/** From the leader epoch to the count of records: epoch, magic, CRC, attributes, last delta, two times, producer, epoch, sequence, count. */
const headerLength = 4 + 1 + 4 + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;
const lastDeltaAt = 4 + 1 + 4 + 2;
