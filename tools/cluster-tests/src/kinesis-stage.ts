import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
  type AttributeValue,
} from '@aws-sdk/client-dynamodb';
import { startEmulator, type Emulator } from '@tranquility-js/cluster';
import { createKinesisConnector, type KinesisConnector, type KinesisTrouble } from '@tranquility-js/kinesis';
import type { Sandbox } from '@tranquility-js/sandbox';
import agg from 'aws-kinesis-agg';
import { emulatorAccess } from './emulator-access.js';
import { numberedRows, numberedSource, sink } from './real-kafka.js';
import { RealKinesis } from './real-kinesis.js';

/** A connector of a test, and what it has told. */
export interface Made {
  readonly connector: KinesisConnector;
  readonly troubles: KinesisTrouble[];
  /** How many events of a stream have been sent. */
  sent(stream: string): number;
}

/** Emulators of Kinesis and DynamoDB and an embedded Druid, for connectors that are quick to notice things. */
export class KinesisStage implements AsyncDisposable {
  readonly kinesis: RealKinesis;
  readonly druid: Sandbox;
  readonly tables: DynamoDBClient;
  readonly #dynamodb: Emulator;
  readonly #open: KinesisConnector[] = [];

  private constructor(kinesis: RealKinesis, dynamodb: Emulator, druid: Sandbox) {
    this.kinesis = kinesis;
    this.#dynamodb = dynamodb;
    this.druid = druid;
    this.tables = new DynamoDBClient({ ...emulatorAccess, endpoint: dynamodb.url });
  }

  static async start({
    streams = 'kinesis-local',
    tables = 'dynalite',
  }: {
    readonly streams?: 'kinesis-local' | 'kinesalite';
    readonly tables?: 'dynalite' | 'dynamodb-local';
  } = {}): Promise<KinesisStage> {
    const [kinesis, dynamodb, druid] = await Promise.all([RealKinesis.start(streams), startEmulator(tables), sink()]);
    return new KinesisStage(kinesis, dynamodb, druid);
  }

  get dynamodbUrl(): string {
    return this.#dynamodb.url;
  }

  /** A connector, not started yet. */
  async connector(
    dataSources: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
    properties: Readonly<Record<string, unknown>> = {},
  ): Promise<Made> {
    const { credentials } = emulatorAccess;
    const connector = await createKinesisConnector({
      config: {
        dataSources: Object.entries(dataSources).map(([name, own]) => numberedSource(name, own)),
        properties: {
          'druid.overlord.urls': this.druid.url,
          'kinesis.region': emulatorAccess.region,
          'kinesis.endpoint': this.kinesis.url,
          'kinesis.leases.endpoint': this.dynamodbUrl,
          'kinesis.leases.failoverMillis': '2000',
          'kinesis.start': 'TRIM_HORIZON',
          'kinesis.syncMillis': '500',
          'kinesis.poll.intervalMillis': '50',
          'kinesis.poll.idleMillis': '100',
          'checkpoint.periodMillis': '100',
          ...properties,
        },
      },
      kinesis: { credentials },
      dynamodb: { credentials, maxAttempts: 1 },
    });
    const troubles: KinesisTrouble[] = [];
    connector.on('trouble', (trouble) => troubles.push(trouble));
    this.#open.push(connector);
    return { connector, troubles, sent: (stream) => connector.counters.streams[stream]?.sent ?? 0 };
  }

  /** One that reads a stream into a dataSource of its name. */
  async reader(stream: string, properties: Readonly<Record<string, unknown>> = {}): Promise<Made> {
    const made = await this.connector({ [`${stream}-rows`]: { streamPattern: stream } }, properties);
    await made.connector.start();
    return made;
  }

  rows(stream: string): Promise<{ count: number; sum: number }> {
    return numberedRows(this.druid.url, `${stream}-rows`);
  }

  /** The leases of a stream, as they are in the table, by shard. */
  async leases(table: string): Promise<Record<string, Record<string, AttributeValue>>> {
    const { Items = [] } = await this.tables.send(new ScanCommand({ TableName: table, ConsistentRead: true }));
    return Object.fromEntries(Items.map((item) => [item['leaseKey']?.S ?? '', item]));
  }

  /** Puts a lease as it is into a table. */
  async putLease(table: string, item: Record<string, AttributeValue>): Promise<void> {
    await this.tables.send(new PutItemCommand({ TableName: table, Item: item }));
  }

  async deleteLease(table: string, shard: string): Promise<void> {
    await this.tables.send(new DeleteItemCommand({ TableName: table, Key: { leaseKey: { S: shard } } }));
  }

  /** Ends the connectors of a test. */
  async clear(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((connector) => connector.close({ timeout: 0 })));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.clear();
    this.tables.destroy();
    await this.druid.close();
    await this.#dynamodb.stop();
    await this.kinesis[Symbol.asyncDispose]();
  }
}

/** The node of ZooKeeper below which leases of these tests are. */
export const leasesPath = `/kinesis-test-${process.pid}`;

/** Properties with which leases are in a ZooKeeper. */
export const inZooKeeper = (connect: string): Record<string, string> => ({
  'kinesis.leases.store': 'zookeeper',
  'kinesis.leases.zookeeper.path': leasesPath,
  'tranquility.coordination': 'overlord',
  'zookeeper.connect': connect,
});

/** Packs records as the Kinesis Producer Library does, by the reference. */
export function packed(records: readonly { readonly key: string; readonly data: string }[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    agg.aggregate(
      records.map(({ key, data }) => ({ partitionKey: key, data: Buffer.from(data) })),
      (encoded: { data: Buffer }, done: () => void) => {
        resolve(encoded.data);
        done();
      },
      () => undefined,
      reject,
    );
  });
}
