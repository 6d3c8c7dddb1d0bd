import { WireReader } from '@tranquility-js/core/internal';
import { brokenSet, isOfThisFormat, readBatches, type FetchedSet } from './read-batches.js';

/** The version of the answers that are read here. Brokers know it since Kafka 2.3. */
export const answerVersion = 11;

/** An answer to a fetch, with what kafkajs looks at. */
export interface FetchAnswer {
  /** As the broker has not waited: we are to. */
  readonly throttleTime: 0;
  /** In milliseconds. */
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly PartitionAnswer[];
  }[];
}

interface PartitionAnswer {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  /** None, as what belongs to them is left out here. */
  readonly abortedTransactions: readonly never[];
  readonly preferredReadReplica: number;
  readonly messages: readonly FetchedSet[];
}

/**
 * Reads an answer to a fetch of version 11.
 * @returns nothing where one of its partitions has records of a format from before Kafka 0.11.
 * @throws (as a rejection) RangeError when it is broken around what it has of partitions.
 */
export async function readFetchAnswer(bytes: Buffer): Promise<FetchAnswer | undefined> {
  const reader = new WireReader(bytes, false);
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const topics = reader.array(() => ({
    topicName: reader.string(),
    partitions: reader.array(() => readPartition(reader)),
  }));
  if (topics.some(({ partitions }) => partitions.some(({ set }) => !isOfThisFormat(set)))) return undefined;
  const responses = await Promise.all(
    topics.map(async ({ topicName, partitions }) => ({
      topicName,
      partitions: await Promise.all(partitions.map((partition) => withBatches(partition, bytes.length))),
    })),
  );
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
}

function readPartition(reader: WireReader) {
  return {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: String(reader.int64()),
    lastStableOffset: String(reader.int64()),
    lastStartOffset: String(reader.int64()),
    aborted: reader.nullableArray(() => ({ producerId: reader.int64(), firstOffset: reader.int64() })) ?? [],
    preferredReadReplica: reader.int32(),
    set: reader.nullableBytes() ?? noBytes,
  };
}

const noBytes = Buffer.alloc(0);

/** What brokers answer for a partition whose log they cannot read. kafkajs would give up the answers for all partitions. */
const unreadable: Readonly<Record<number, string>> = {
  [-1]: 'UNKNOWN_SERVER_ERROR',
  2: 'CORRUPT_MESSAGE',
  87: 'INVALID_RECORD',
};

/** @param size of the answer. A record that waits must not keep those of other partitions in memory. */
async function withBatches(
  { aborted, set, ...rest }: ReturnType<typeof readPartition>,
  size: number,
): Promise<PartitionAnswer> {
  const refusal = unreadable[rest.errorCode];
  if (refusal !== undefined) {
    const broken = brokenSet(new Error(`The broker itself cannot read it (${refusal}).`));
    return { ...rest, errorCode: 0, abortedTransactions: [], messages: [broken] };
  }
  const fetched = await readBatches(set.length * 2 < size ? Buffer.from(set) : set, aborted);
  return { ...rest, abortedTransactions: [], messages: fetched === undefined ? [] : [fetched] };
}
