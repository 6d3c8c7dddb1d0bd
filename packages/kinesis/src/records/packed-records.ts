import { FieldReader } from './field-reader.js';
import { hashOf, isWithin, type HashRange } from './hash-range.js';
import { Entry, none } from './packed-entry.js';
import { TextTable } from './text-table.js';

/** The numbers of the fields in the message that the Kinesis Producer Library writes. */
const inMessage = { partitionKeys: 1, hashKeys: 2, records: 3 } as const;

/** So many characters Kinesis takes in a partition key. Each has four bytes at most. */
const longestKey = 256;

/** So many hashes are remembered. */
const mostKnown = 1_000;

/** One of the records in a message. */
export interface PackedRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
  /** Whether its key belongs to another shard. */
  readonly isForeign: boolean;
}

/**
 * The records in a message of the Kinesis Producer Library. All of it is checked at first; a record is made only when it is asked for, as
 * there may be hundreds of thousands in a megabyte.
 */
export class PackedRecords implements Iterable<PackedRecord> {
  readonly #message: Buffer;
  readonly #range: HashRange | undefined;
  readonly #keys: TextTable;
  readonly #hashKeys: TextTable;

  /**
   * @param range the keys of the shard; without it, no record is foreign.
   * @throws RangeError for what is no such message.
   */
  constructor(message: Buffer, range: HashRange | undefined) {
    this.#message = message;
    this.#range = range;
    this.#keys = new TextTable(message);
    this.#hashKeys = new TextTable(message);
    const fields = new FieldReader(message);
    const entry = new Entry(message);
    let [lastKey, lastHashKey] = [none, none];
    while (fields.next()) {
      if (!fields.isBytes) continue;
      const { number, value, end } = fields;
      if (number === inMessage.partitionKeys) {
        checkPartitionKey(message, value, end);
        this.#keys.add(value, end);
      } else if (number === inMessage.hashKeys) this.#hashKeys.add(value, end);
      else if (number === inMessage.records) {
        entry.read(value, end);
        lastKey = Math.max(lastKey, entry.key);
        lastHashKey = Math.max(lastHashKey, entry.hashKey);
      }
    }
    this.#keys.check(lastKey, 'partition key');
    if (range === undefined) return;
    this.#hashKeys.check(lastHashKey, 'hash key');
    for (let at = 0; at < this.#hashKeys.length; at++) checkHashKey(this.#hashKeys.at(at));
  }

  *[Symbol.iterator](): Generator<PackedRecord> {
    const fields = new FieldReader(this.#message);
    const entry = new Entry(this.#message);
    const hashes = new KeyHashes(this.#keys);
    const range = this.#range;
    while (fields.next()) {
      if (!fields.isBytes || fields.number !== inMessage.records) continue;
      entry.read(fields.value, fields.end);
      const { key, hashKey, data } = entry;
      const partitionKey = this.#keys.at(key);
      const isForeign =
        range !== undefined && !isWithin(range, hashKey === none ? hashes.of(key) : BigInt(this.#hashKeys.at(hashKey)));
      yield { partitionKey, data, isForeign };
    }
  }
}

/** Hashes of partition keys, each computed once where records share it. */
class KeyHashes {
  readonly #keys: TextTable;
  readonly #known = new Map<number, bigint>();

  constructor(keys: TextTable) {
    this.#keys = keys;
  }

  of(key: number): bigint {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const hash = hashOf(this.#keys.at(key));
    if (this.#known.size === mostKnown) this.#known.clear();
    this.#known.set(key, hash);
    return hash;
  }
}

/** As any number of records may refer to a key, none may be longer than those that Kinesis takes. */
function checkPartitionKey(message: Buffer, start: number, end: number): void {
  if (end - start <= longestKey) return;
  const isTooLong = end - start > 4 * longestKey || message.subarray(start, end).filter(isFirst).length > longestKey;
  if (isTooLong) throw new RangeError(`A partition key has more than ${longestKey} characters.`);
}

/** Whether a byte of UTF-8 begins a character. */
const isFirst = (byte: number): boolean => (byte & 0xc0) !== 0x80;

/** A hash key is a number of 128 bits. */
function checkHashKey(text: string): void {
  if (!/^\d{1,39}$/.test(text)) throw new RangeError('A hash key is not a number of 39 digits at most.');
}
