import {
  CreateStreamCommand,
  DeleteStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  MergeShardsCommand,
  PutRecordsCommand,
  SplitShardCommand,
  type Shard,
} from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { startEmulator, type Emulator } from '@tranquility-js/cluster';
import { emulatorAccess } from './emulator-access.js';
import { eventually } from './real-kafka.js';

/** What is written to a stream. */
export interface Put {
  readonly key: string;
  readonly data: Uint8Array | string;
  /** Where it goes instead of by its key. */
  readonly hash?: string;
}

/** An emulator of Kinesis, and what tests do with it. */
export class RealKinesis implements AsyncDisposable {
  readonly client: KinesisClient;
  readonly url: string;
  readonly #emulator: Emulator;
  #streams = 0;

  private constructor(emulator: Emulator) {
    this.#emulator = emulator;
    this.url = emulator.url;
    this.client = new KinesisClient({
      ...emulatorAccess,
      endpoint: emulator.url,
      requestHandler: new NodeHttpHandler(),
    });
  }

  static async start(name: 'kinesis-local' | 'kinesalite'): Promise<RealKinesis> {
    return new RealKinesis(await startEmulator(name));
  }

  /** Makes a stream that no other test has. */
  async stream(name: string, shards = 1): Promise<string> {
    const stream = `${name}-${++this.#streams}`;
    await this.create(stream, shards);
    return stream;
  }

  async create(stream: string, shards = 1): Promise<void> {
    await this.client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: shards }));
    await this.ready(stream);
  }

  /** Waits until a stream takes changes. */
  async ready(stream: string): Promise<void> {
    await eventually(async () => {
      const { StreamDescriptionSummary: found } = await this.client.send(
        new DescribeStreamSummaryCommand({ StreamName: stream }),
      );
      return found?.StreamStatus === 'ACTIVE';
    });
  }

  /** Writes records, 500 at once. @returns the sequence numbers, with the shard before each. */
  async put(stream: string, records: readonly Put[]): Promise<string[]> {
    const places: string[] = [];
    for (let at = 0; at < records.length; at += 500) {
      const { Records = [] } = await this.client.send(
        new PutRecordsCommand({
          StreamName: stream,
          Records: records.slice(at, at + 500).map(({ key, data, hash }) => ({
            PartitionKey: key,
            Data: typeof data === 'string' ? Buffer.from(data) : data,
            ...(hash === undefined ? {} : { ExplicitHashKey: hash }),
          })),
        }),
      );
      places.push(...Records.map(({ ShardId = '', SequenceNumber = '' }) => `${ShardId} ${SequenceNumber}`));
    }
    return places;
  }

  async shards(stream: string): Promise<Shard[]> {
    return (await this.client.send(new ListShardsCommand({ StreamName: stream }))).Shards ?? [];
  }

  /** Splits a shard in the middle. */
  async split(stream: string, shard: string): Promise<void> {
    const range = (await this.shards(stream)).find(({ ShardId }) => ShardId === shard)?.HashKeyRange;
    const middle = (BigInt(range?.StartingHashKey ?? '0') + BigInt(range?.EndingHashKey ?? '0')) / 2n;
    await this.client.send(
      new SplitShardCommand({ StreamName: stream, ShardToSplit: shard, NewStartingHashKey: String(middle) }),
    );
    await this.ready(stream);
  }

  /** Merges two shards that lie beside each other. */
  async merge(stream: string, shard: string, next: string): Promise<void> {
    await this.client.send(
      new MergeShardsCommand({ StreamName: stream, ShardToMerge: shard, AdjacentShardToMerge: next }),
    );
    await this.ready(stream);
  }

  /** All that is in a stream, shard by shard. */
  async read(stream: string): Promise<{ key: string; data: string }[]> {
    const found: { key: string; data: string }[] = [];
    for (const { ShardId } of await this.shards(stream)) {
      const from = { StreamName: stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' as const };
      const { ShardIterator } = await this.client.send(new GetShardIteratorCommand(from));
      const { Records = [] } = await this.client.send(new GetRecordsCommand({ ShardIterator }));
      for (const { PartitionKey = '', Data = new Uint8Array() } of Records) {
        found.push({ key: PartitionKey, data: Buffer.from(Data).toString() });
      }
    }
    return found;
  }

  async delete(stream: string): Promise<void> {
    await this.client.send(new DeleteStreamCommand({ StreamName: stream }));
    await eventually(async () => {
      const { StreamNames = [] } = await this.client.send(new ListStreamsCommand({}));
      return !StreamNames.includes(stream);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.destroy();
    await this.#emulator.stop();
  }
}

/** Events numbered from `from` on, whose time is now. */
export function numberedPuts(count: number, from = 0, key: (n: number) => string = (n) => `k${n % 100}`): Put[] {
  const time = Date.now();
  return Array.from({ length: count }, (_, at) => ({
    key: key(from + at),
    data: JSON.stringify({ time, n: from + at, page: `p${at % 10}` }),
  }));
}
