/** One record of a stream, as a connector hands it over: a message of Kafka, a user record of Kinesis. */
export interface StreamRecord<P> {
  /** Its own place in the partition. */
  readonly position: P;
  /** Where to go on once it has its outcome. Behind the last record of a fetch this may lie further on. */
  readonly next: P;
  readonly key: Uint8Array | null;
  /** Nothing in a tombstone. */
  readonly value: Uint8Array | null;
  /** Where the value lies among other bytes, where it does: so it need not be cut out to be sent. */
  readonly spot?: Spot | undefined;
  /** About the bytes of key and value, where they are known without a look at these. */
  readonly size?: number;
  /** A header that was given several times has a list. */
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** Why it could not even be fetched as it is, if so. */
  readonly refused?: string | undefined;
  /** The reason for which it is only counted as dropped, whatever the owner of the dataSource wishes, if so. It holds nothing then. */
  readonly leftOut?: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
}

/** Bytes among others, from `start` up to `end`. */
interface Spot {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

type HeaderValue = Uint8Array | string | readonly (Uint8Array | string)[] | undefined;

/** A partition of a stream: of a topic, or a shard. */
export interface Partition {
  readonly stream: string;
  readonly partition: string;
}

/** About how many bytes a record takes beside its key and value. */
export const recordOverhead = 64;

/** About how many bytes a record takes in memory. */
export const sizeOf = (record: StreamRecord<unknown>): number =>
  (record.size ?? valueSize(record) + (record.key?.length ?? 0)) + recordOverhead;

/** The bytes of its value. */
export function valueSize(record: StreamRecord<unknown>): number {
  const { spot } = record;
  return spot === undefined ? (record.value?.length ?? 0) : spot.end - spot.start;
}
