import { isIntact, layout, magic, readHeader, type BatchHeader } from '@tranquility-js/core/internal';
import { decompressed } from '../../codecs/codecs.js';
import type { BatchFacts } from './batch-record.js';
import { RecordTable } from './record-table.js';
import { Transactions, type Aborted } from './transactions.js';

/** Bits of a batch's attributes. */
const compression = 0x07;
const appendTime = 0x08;
const transactional = 0x10;
const control = 0x20;

/** All that an answer has of a partition, in place of the messages that kafkajs expects. */
export interface FetchedSet {
  /**
   * The offset of its last record, though that may be deleted, or not be for us: kafkajs counts and resolves it, and keeps to itself what
   * ends before the place that it has asked for.
   */
  readonly offset: string;
  readonly records: RecordTable;
  /** Why the batch at the place that was asked for cannot be read, if so. Nothing is known of what lies in it then. */
  readonly broken?: Error;
}

/** An offset behind all others. */
const farthest = String(Number.MAX_SAFE_INTEGER);

/** What there is of a partition whose next batch cannot be read. */
export const brokenSet = (broken: Error): FetchedSet => ({ offset: farthest, records: new RecordTable(), broken });

/** Whether a record set may be read here: all but those of the formats from before Kafka 0.11. */
export function isOfThisFormat(set: Buffer): boolean {
  return (set[layout.magic] ?? magic) >= magic;
}

/**
 * Reads the batches of a record set. The last one may be cut off, and is left out then. So is what lies behind a batch that is broken, and
 * that itself unless it is the first one: it is the first one of the next answer.
 * @param aborted what belongs to these transactions is left out too.
 * @returns nothing where there is no whole batch.
 */
export async function readBatches(set: Buffer, aborted: readonly Aborted[]): Promise<FetchedSet | undefined> {
  const transactions = new Transactions(aborted);
  const records = new RecordTable();
  let at = 0;
  try {
    while (at + layout.records <= set.length) {
      const header = readHeader(set, at);
      checkHeader(set, at, header, records.next);
      const { size, baseOffset, nextOffset, producerId, count } = header;
      if (at + size > set.length) break;
      if (!isIntact(set, at)) throw new RangeError(`The batch at offset ${baseOffset} is not as it was written.`);
      const attributes = set.readInt16BE(at + layout.attributes);
      const isControl = (attributes & control) !== 0;
      const isAborted = transactions.pass(producerId, nextOffset - 1, isControl) && (attributes & transactional) !== 0;
      if (!isControl && !isAborted) {
        records.add(await factsOf(set, at, header, attributes), count, nextOffset - baseOffset);
      }
      records.next = nextOffset;
      at += size;
    }
  } catch (error) {
    if (at === 0) return brokenSet(error as Error);
  }
  return at === 0 ? undefined : { offset: String(records.next - 1), records };
}

/**
 * @param from behind the batch before.
 * @throws RangeError when no batch begins here, or its numbers do not go together.
 */
function checkHeader(set: Buffer, at: number, header: BatchHeader, from: number): void {
  const { baseOffset, nextOffset, count, size } = header;
  if (set[at + layout.magic] !== magic || size < layout.records) {
    throw new RangeError(`What stands at byte ${at} of an answer is no batch of records.`);
  }
  if (baseOffset < from || count < 0 || count > nextOffset - baseOffset || nextOffset <= baseOffset) {
    throw new RangeError(`A batch says that it holds ${count} records from offset ${baseOffset} up to ${nextOffset}.`);
  }
}

async function factsOf(set: Buffer, at: number, header: BatchHeader, attributes: number): Promise<BatchFacts> {
  const { baseOffset, baseTimestamp, maxTimestamp, size } = header;
  const appended = (attributes & appendTime) === 0 ? undefined : maxTimestamp;
  const facts = { baseOffset, baseTimestamp, appended, epoch: set.readInt32BE(at + layout.leaderEpoch) };
  const [start, end] = [at + layout.records, at + size];
  const type = attributes & compression;
  if (type === 0) return { ...facts, bytes: set, start, end };
  const bytes = await decompressed(type, set.subarray(start, end));
  return { ...facts, bytes, start: 0, end: bytes.length };
}
