/** A record as Kinesis has it. */
export interface KinesisRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  /** When it arrived, in epoch milliseconds. */
  readonly arrival: number;
}

/** A record as a producer wrote it: one of those that a library of producers packs into one of Kinesis. */
export interface UserRecord extends KinesisRecord {
  /** Its place within the record of Kinesis; 0 where nothing is packed. */
  readonly subSequenceNumber: number;
  /** Whether its key belongs to another shard: its producer has packed it wrongly, or before the shard was split. */
  readonly isForeign: boolean;
}
