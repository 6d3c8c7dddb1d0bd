import {
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SubscribeToShardCommand,
  type KinesisClient,
  type _Record as SdkRecord,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import { partition } from '@aws-sdk/core/client';
import type { Shard } from '../leases/shard-sync.js';
import type { KinesisRecord } from '../records/kinesis-record.js';

/** Where reading of a shard begins. */
export type Place =
  | { readonly type: 'TRIM_HORIZON' }
  /** In epoch milliseconds. */
  | { readonly type: 'AT_TIMESTAMP'; readonly timestamp: number }
  | { readonly type: 'AT_SEQUENCE_NUMBER' | 'AFTER_SEQUENCE_NUMBER'; readonly sequenceNumber: string };

/** What one answer brings. */
export interface Answer {
  readonly records: readonly KinesisRecord[];
  /** How far behind the newest record of the shard it is, in milliseconds. */
  readonly millisBehind: number;
  /** With what to ask for more; nothing when the shard has ended. */
  readonly iterator: string | undefined;
}

type StreamName = { readonly StreamName: string } | { readonly StreamARN: string };

/** What we ask of Kinesis, in its own words. Nothing is tried again here. A signal that aborts ends what is asked. */
export class StreamApi {
  readonly #client: KinesisClient;
  readonly #account: string | undefined;

  /** @param account of the streams; ours, if none is given. */
  constructor(client: KinesisClient, account?: string) {
    this.#client = client;
    this.#account = account;
  }

  /** The names of all streams of our account. */
  async streams(signal: AbortSignal): Promise<string[]> {
    const names: string[] = [];
    for (let after: string | undefined; ; after = names.at(-1)) {
      const input = after === undefined ? {} : { ExclusiveStartStreamName: after };
      const { StreamNames = [], HasMoreStreams } = await this.#client.send(new ListStreamsCommand(input), {
        abortSignal: signal,
      });
      names.push(...StreamNames);
      if (HasMoreStreams !== true || StreamNames.length === 0) return names;
    }
  }

  /** When a stream was made, in epoch milliseconds, its ARN, and whether it can be read. */
  async stream(name: string, signal: AbortSignal): Promise<{ created: number; arn: string; isReady: boolean }> {
    const { StreamDescriptionSummary: found } = await this.#client.send(
      new DescribeStreamSummaryCommand(await this.#named(name)),
      { abortSignal: signal },
    );
    const status = found?.StreamStatus;
    return {
      created: found?.StreamCreationTimestamp?.getTime() ?? 0,
      arn: found?.StreamARN ?? '',
      isReady: status === 'ACTIVE' || status === 'UPDATING',
    };
  }

  async shards(name: string, signal: AbortSignal): Promise<Shard[]> {
    const shards: Shard[] = [];
    for (let token: string | undefined; ;) {
      const input = token === undefined ? await this.#named(name) : { NextToken: token };
      const { Shards = [], NextToken } = await this.#client.send(new ListShardsCommand(input), {
        abortSignal: signal,
      });
      for (const { ShardId, ParentShardId, AdjacentParentShardId, HashKeyRange, SequenceNumberRange } of Shards) {
        shards.push({
          id: ShardId ?? '',
          parents: [ParentShardId, AdjacentParentShardId].filter((id) => id !== undefined),
          isClosed: SequenceNumberRange?.EndingSequenceNumber !== undefined,
          startingHashKey: HashKeyRange?.StartingHashKey ?? '0',
          endingHashKey: HashKeyRange?.EndingHashKey ?? '0',
        });
      }
      if (NextToken === undefined) return shards;
      token = NextToken;
    }
  }

  async iterator(name: string, shard: string, place: Place, signal: AbortSignal): Promise<string | undefined> {
    const input = {
      ...(await this.#named(name)),
      ShardId: shard,
      ShardIteratorType: place.type,
      ...('timestamp' in place ? { Timestamp: new Date(place.timestamp) } : {}),
      ...('sequenceNumber' in place ? { StartingSequenceNumber: place.sequenceNumber } : {}),
    };
    const { ShardIterator } = await this.#client.send(new GetShardIteratorCommand(input), { abortSignal: signal });
    return ShardIterator;
  }

  async records(name: string, iterator: string, limit: number, signal: AbortSignal): Promise<Answer> {
    const arn = this.#account === undefined ? {} : { StreamARN: await this.#arnOf(name, this.#account) };
    const {
      Records = [],
      MillisBehindLatest,
      NextShardIterator,
    } = await this.#client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit: limit, ...arn }), {
      abortSignal: signal,
    });
    return {
      records: Records.map(recordOf),
      millisBehind: MillisBehindLatest ?? 0,
      // An emulator says null.
      iterator: NextShardIterator ?? undefined,
    };
  }

  /**
   * The ARN of our consumer of a stream; it is registered if there is none.
   * @throws an Error while it may not subscribe, and what Kinesis says.
   */
  async consumer(streamArn: string, name: string, signal: AbortSignal): Promise<string> {
    try {
      const { ConsumerDescription: found } = await this.#client.send(
        new DescribeStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: name }),
        { abortSignal: signal },
      );
      if (found?.ConsumerStatus === 'ACTIVE' && found.ConsumerARN !== undefined) return found.ConsumerARN;
      throw notActive(name, found?.ConsumerStatus);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
    }
    try {
      await this.#client.send(new RegisterStreamConsumerCommand({ StreamARN: streamArn, ConsumerName: name }), {
        abortSignal: signal,
      });
    } catch (error) {
      // Another process registers it just now.
      if (!(error instanceof Error) || error.name !== 'ResourceInUseException') throw error;
    }
    throw notActive(name, 'CREATING');
  }

  async subscribe(
    consumerArn: string,
    shard: string,
    place: Place,
    signal: AbortSignal,
  ): Promise<AsyncIterable<SubscribeToShardEventStream>> {
    const input = {
      ConsumerARN: consumerArn,
      ShardId: shard,
      StartingPosition: {
        Type: place.type,
        ...('timestamp' in place ? { Timestamp: new Date(place.timestamp) } : {}),
        ...('sequenceNumber' in place ? { SequenceNumber: place.sequenceNumber } : {}),
      },
    };
    const { EventStream } = await this.#client.send(new SubscribeToShardCommand(input), { abortSignal: signal });
    if (EventStream === undefined) throw new Error('Kinesis has answered a subscription without events.');
    return EventStream;
  }

  /** Writes records. @returns of each whether it was taken, in their order. */
  async put(name: string, records: readonly { readonly key: string; readonly data: Uint8Array }[]): Promise<boolean[]> {
    const { Records = [] } = await this.#client.send(
      new PutRecordsCommand({
        ...(await this.#named(name)),
        Records: records.map(({ key, data }) => ({ PartitionKey: key, Data: data })),
      }),
    );
    return records.map((_, at) => Records[at] !== undefined && Records[at].ErrorCode === undefined);
  }

  async #named(name: string): Promise<StreamName> {
    return this.#account === undefined ? { StreamName: name } : { StreamARN: await this.#arnOf(name, this.#account) };
  }

  async #arnOf(name: string, account: string): Promise<string> {
    const region = await this.#client.config.region();
    return `arn:${partition(region).name}:kinesis:${region}:${account}:stream/${name}`;
  }
}

const notActive = (consumer: string, status = 'unknown'): Error =>
  new Error(`the state of the fan-out consumer ${consumer} is ${status}, and it gets nothing before it is ACTIVE`);

/** A record of the SDK's. */
export function recordOf({
  SequenceNumber,
  PartitionKey,
  Data,
  ApproximateArrivalTimestamp,
}: SdkRecord): KinesisRecord {
  return {
    sequenceNumber: SequenceNumber ?? '',
    partitionKey: PartitionKey ?? '',
    data: Data ?? new Uint8Array(),
    arrival: ApproximateArrivalTimestamp?.getTime() ?? 0,
  };
}
