import { createHash } from 'node:crypto';
import type { HashRange } from './hash-range.js';
import type { KinesisRecord, UserRecord } from './kinesis-record.js';
import { PackedRecords } from './packed-records.js';

const magic = Buffer.from('f3899ac2', 'hex');
const digestLength = 16;

/** What was found in a record of Kinesis. */
export interface Deaggregated {
  /** Each is made when it is asked for. */
  readonly records: Iterable<UserRecord>;
  /** Why it was taken as it is, though it begins as a packed one does. */
  readonly corrupt?: string;
}

/**
 * The user records in a record of Kinesis, which the Kinesis Producer Library may have packed. As in the consumer library of Java, one whose
 * digest is wrong counts as a record of its own.
 * @param range the keys of the shard; without it, no record is foreign.
 */
export function deaggregate(record: KinesisRecord, range?: HashRange): Deaggregated {
  const data = Buffer.from(record.data.buffer, record.data.byteOffset, record.data.length);
  const plain = { records: [{ ...record, subSequenceNumber: 0, isForeign: false }] };
  const end = data.length - digestLength;
  if (end < magic.length || !data.subarray(0, magic.length).equals(magic)) return plain;
  const message = data.subarray(magic.length, end);
  if (!createHash('md5').update(message).digest().equals(data.subarray(end))) {
    return { ...plain, corrupt: 'The digest of a packed record is wrong.' };
  }
  try {
    return { records: userRecords(record, new PackedRecords(message, range)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...plain, corrupt: `A packed record cannot be read: ${error.message}` };
  }
}

function* userRecords({ sequenceNumber, arrival }: KinesisRecord, packed: PackedRecords): Generator<UserRecord> {
  let subSequenceNumber = 0;
  for (const { partitionKey, data, isForeign } of packed) {
    yield { sequenceNumber, subSequenceNumber, partitionKey, data, arrival, isForeign };
    subSequenceNumber++;
  }
}
