import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createKinesisConnector } from '@tranquility-js/kinesis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AwsFaults } from '../src/aws-faults.js';
import { zookeeper } from '../src/cluster.js';
import { FaultProxy } from '../src/fault-proxy.js';
import { inZooKeeper, KinesisStage, leasesPath, type Made } from '../src/kinesis-stage.js';
import { eventually, numberedSource, sumOf } from '../src/real-kafka.js';
import { numberedPuts } from '../src/real-kinesis.js';
import { temporaryDirectory } from '../src/temporary.js';

/** An address where nobody listens. */
const nowhere = 'http://127.0.0.1:9';

let stage: KinesisStage;
let kinesis: AwsFaults;
let dynamodb: AwsFaults;
beforeAll(async () => {
  stage = await KinesisStage.start();
  kinesis = await AwsFaults.before(stage.kinesis.url);
  dynamodb = await AwsFaults.before(stage.dynamodbUrl);
});
beforeEach(() => {
  kinesis.faults = [];
  dynamodb.faults = [];
});
afterEach(() => stage.clear());
afterAll(async () => {
  await stage[Symbol.asyncDispose]();
  await kinesis[Symbol.asyncDispose]();
  await dynamodb[Symbol.asyncDispose]();
});

const through = (): Record<string, string> => ({
  'kinesis.endpoint': kinesis.url,
  'kinesis.leases.endpoint': dynamodb.url,
});

describe('while it runs', () => {
  it('a shard that is throttled for long is read on once it is not, and it says so meanwhile', async () => {
    const stream = await stage.kinesis.stream('throttled', 1);
    const made = await stage.reader(stream, through());
    await stage.kinesis.put(stream, numberedPuts(100));
    await eventually(() => made.sent(stream) === 100);
    kinesis.faults = [{ operation: 'GetRecords', error: 'ProvisionedThroughputExceededException' }];
    await stage.kinesis.put(stream, numberedPuts(100, 100));
    await eventually(() => (made.connector.counters.leases[stream]?.throttled ?? 0) >= 3);
    expect(made.connector.reasons).toEqual([expect.stringContaining('ProvisionedThroughputExceededException')]);
    const asked = kinesis.asked.get('GetRecords') ?? 0;
    kinesis.faults = [];
    // A request that was on its way may have brought all of it before the first was refused.
    await eventually(() => made.sent(stream) === 200 && made.connector.reasons.length === 0);
    expect(asked).toBeLessThan(1000);
    expect(made.troubles.filter(({ kind }) => kind === 'throttled')).toHaveLength(1);
    await made.connector.close();
    expect(await stage.rows(stream)).toEqual({ count: 200, sum: sumOf(200) });
  });

  it('an iterator that has expired is asked for again, behind the last record', async () => {
    const stream = await stage.kinesis.stream('expired', 2);
    kinesis.faults = [{ operation: 'GetRecords', error: 'ExpiredIteratorException', oneIn: 3 }];
    const made = await stage.reader(stream, { ...through(), 'kinesis.poll.limit': '20' });
    await stage.kinesis.put(stream, numberedPuts(400));
    await eventually(() => made.sent(stream) === 400);
    expect(made.connector.counters.leases[stream]?.expiredIterators).toBeGreaterThan(2);
    await made.connector.close();
    expect([await stage.rows(stream), made.troubles]).toEqual([{ count: 400, sum: sumOf(400) }, []]);
  });

  it.each([
    ['ExpiredTokenException', 'refused'],
    ['AccessDeniedException', 'refused'],
    ['InternalFailure', 'disconnected'],
  ])('%s: it says so, and goes on when it is over', async (error, kind) => {
    const stream = await stage.kinesis.stream('refused', 1);
    const made = await stage.reader(stream, through());
    kinesis.faults = ['GetRecords', 'GetShardIterator', 'ListShards'].map((operation) => ({ operation, error }));
    await stage.kinesis.put(stream, numberedPuts(50));
    await eventually(() => made.connector.reasons.length > 0);
    expect(made.troubles).toContainEqual(expect.objectContaining({ kind, stream }));
    kinesis.faults = [];
    await eventually(() => made.sent(stream) === 50);
    await eventually(() => made.connector.reasons.length === 0);
  });

  it('answers of DynamoDB that are lost, and errors among them, cost no shard and no record', async () => {
    const stream = await stage.kinesis.stream('shaky', 2);
    const made = await stage.reader(stream, through());
    dynamodb.faults = [
      { operation: 'UpdateItem', error: 'ProvisionedThroughputExceededException', oneIn: 5 },
      { operation: 'UpdateItem', error: 'none', oneIn: 4, how: 'lose-answer' },
      { operation: 'Scan', error: 'InternalServerError', oneIn: 3 },
    ];
    for (let round = 0; round < 4; round++) await stage.kinesis.put(stream, numberedPuts(100, round * 100));
    await eventually(() => made.sent(stream) === 400);
    dynamodb.faults = [];
    const { drained } = await made.connector.close();
    expect([drained, await stage.rows(stream)]).toEqual([true, { count: 400, sum: sumOf(400) }]);
  });

  it('where DynamoDB is away for longer than the fail-over time, shards are given up, and taken again', async () => {
    const stream = await stage.kinesis.stream('cut-off', 2);
    const made = await stage.reader(stream, through());
    await stage.kinesis.put(stream, numberedPuts(100));
    await eventually(() => made.sent(stream) === 100);
    dynamodb.faults = ['UpdateItem', 'Scan', 'GetItem'].map((operation) => ({
      operation,
      error: 'InternalServerError',
    }));
    await eventually(() => made.connector.counters.shards.length === 0);
    expect(made.connector.reasons[0]).toContain('The table of leases');
    dynamodb.faults = [];
    await stage.kinesis.put(stream, numberedPuts(100, 100));
    await eventually(() => made.sent(stream) >= 200);
    await eventually(() => made.connector.reasons.length === 0);
  });

  it('where ZooKeeper is silent for longer than the fail-over time, shards are given up, and taken again', async () => {
    const stream = await stage.kinesis.stream('silent', 2);
    await using proxy = await FaultProxy.to(zookeeper());
    const made = await stage.reader(stream, inZooKeeper(proxy.address));
    await stage.kinesis.put(stream, numberedPuts(100));
    await eventually(() => made.sent(stream) === 100);
    proxy.fault = { kind: 'black-hole' };
    await eventually(() => made.connector.counters.shards.length === 0);
    const why = `The leases below ${leasesPath}/tranquility-${stream} cannot be reached`;
    await eventually(() => made.connector.reasons[0]?.includes(why) === true);
    proxy.fault = { kind: 'none' };
    await stage.kinesis.put(stream, numberedPuts(100, 100));
    await eventually(() => made.sent(stream) >= 200);
    await eventually(() => made.connector.reasons.length === 0);
    await made.connector.close();
  });

  it('a stream that is deleted is left, and read from its beginning when it is made anew', async () => {
    const stream = await stage.kinesis.stream('deleted', 1);
    const made = await stage.reader(stream, { 'kinesis.start': 'LATEST' });
    await stage.kinesis.put(stream, numberedPuts(50));
    await eventually(() => made.sent(stream) === 50);
    await stage.kinesis.delete(stream);
    await eventually(() => made.troubles.some(({ kind }) => kind === 'deleted'));
    await eventually(() => made.connector.reasons.length > 0);
    await stage.kinesis.create(stream);
    await stage.kinesis.put(stream, numberedPuts(50, 50));
    await eventually(() => made.sent(stream) === 100);
    await eventually(() => made.connector.reasons.length === 0);
  });

  it('a stream that cannot be opened holds up none behind it, is told by its name, and is read once it can be', async () => {
    const file = join(await temporaryDirectory(), 'leases');
    const [broken, whole] = ['apart-broken', 'apart-whole'];
    const own = { streamPattern: 'apart-.*', useStreamAsDataSource: 'true' };
    const made = await stage.connector(
      { 'apart-rows': own },
      { 'kinesis.leases.store': 'file', 'kinesis.leases.file': file },
    );
    await made.connector.start();
    // A directory is no file of leases.
    await mkdir(`${file}.${broken}`);
    await stage.kinesis.create(broken);
    await eventually(() => made.troubles.some(({ stream }) => stream === broken));
    await stage.kinesis.create(whole);
    for (const stream of [broken, whole]) await stage.kinesis.put(stream, numberedPuts(20));
    await eventually(() => made.sent(whole) === 20);
    expect(made.connector.reasons).toEqual([expect.stringContaining(`The file of leases ${file}.${broken}`)]);
    await rmdir(`${file}.${broken}`);
    await eventually(() => made.sent(broken) === 20 && made.connector.reasons.length === 0);
    expect(made.troubles).toMatchObject([{ kind: 'no-streams' }, { kind: 'refused', stream: broken }]);
  });

  it('a stream about which nothing may be asked any more is told by its name, and read on', async () => {
    const streams = [await stage.kinesis.stream('private', 1), await stage.kinesis.stream('private', 1)];
    const streamPattern = streams.join('|');
    const made = await stage.connector({ 'private-rows': { streamPattern } }, through());
    await made.connector.start();
    // Both are asked about in turns, so it is always the same one.
    kinesis.faults = [{ operation: 'DescribeStreamSummary', error: 'AccessDeniedException', oneIn: 2 }];
    await eventually(() => made.troubles.length > 0);
    for (const stream of streams) await stage.kinesis.put(stream, numberedPuts(20));
    await eventually(() => streams.every((stream) => made.sent(stream) === 20));
    expect(made.troubles).toMatchObject([{ kind: 'refused', stream: expect.stringMatching(streamPattern) as string }]);
    kinesis.faults = [];
    await eventually(() => made.connector.reasons.length === 0);
  });

  it('dead letters of which Kinesis takes only some are all kept in the end', async () => {
    const stream = await stage.kinesis.stream('bad', 1);
    const dead = await stage.kinesis.stream('dead', 1);
    await stage.kinesis.put(
      stream,
      Array.from({ length: 10 }, (_, at) => ({ key: `k${at}`, data: 'not JSON' })),
    );
    const error = 'ProvisionedThroughputExceededException';
    kinesis.faults = [
      { operation: 'PutRecords', error, times: 1 },
      { operation: 'PutRecords', error, times: 2, how: 'half' },
    ];
    const own = { streamPattern: stream, 'deadLetter.stream': dead };
    const made = await stage.connector({ [`${stream}-rows`]: own }, through());
    await made.connector.start();
    await eventually(() => made.connector.counters.streams[stream]?.deadLetters === 10);
    expect((await stage.kinesis.read(dead)).map(({ key }) => key).sort()).toHaveLength(10);
  });
});

describe('at the start', () => {
  const started = async (properties: Record<string, string>): Promise<Made> => {
    const stream = await stage.kinesis.stream('start', 1);
    const made = await stage.connector({ [`${stream}-rows`]: { streamPattern: stream } }, properties);
    await made.connector.start();
    return made;
  };

  it('a Kinesis that does not answer is told', async () => {
    await expect(started({ 'kinesis.endpoint': nowhere })).rejects.toMatchObject({ code: 'TRQ_KINESIS_UNREACHABLE' });
  });

  it.each([
    'ExpiredTokenException',
    'UnrecognizedClientException',
    'AccessDeniedException',
    'InvalidSignatureException',
  ])('%s is told, with what to check', async (error) => {
    kinesis.faults = [{ operation: 'DescribeStreamSummary', error }];
    await expect(started(through())).rejects.toMatchObject({
      code: 'TRQ_KINESIS_REFUSED',
      message: expect.stringMatching(/Check the credentials, their rights, and kinesis\.region/) as string,
    });
  });

  it('a table of leases that cannot be reached, or not be used, is told', async () => {
    await expect(started({ 'kinesis.leases.endpoint': nowhere })).rejects.toMatchObject({
      code: 'TRQ_LEASES_UNREACHABLE',
    });
    dynamodb.faults = [{ operation: 'DescribeTable', error: 'AccessDeniedException' }];
    await expect(started(through())).rejects.toMatchObject({ code: 'TRQ_LEASES_REFUSED' });
  });

  it('a ZooKeeper that cannot be reached is told', async () => {
    await using proxy = await FaultProxy.to(zookeeper());
    proxy.fault = { kind: 'refuse' };
    await expect(started(inZooKeeper(proxy.address))).rejects.toMatchObject({
      code: 'TRQ_LEASES_UNREACHABLE',
      message: expect.stringContaining('Check zookeeper.connect') as string,
    });
  });

  it('a table of an application that reads several streams is refused', async () => {
    const stream = await stage.kinesis.stream('several', 1);
    const own = { [`${stream}-rows`]: { streamPattern: stream } };
    const maker = await stage.connector(own);
    await maker.connector.start();
    await maker.connector.close();
    const leaseKey = `123456789012:${stream}:1700000000:shardId-000000000000`;
    const lease = { leaseKey: { S: leaseKey }, leaseCounter: { N: '1' }, checkpoint: { S: 'TRIM_HORIZON' } };
    await stage.putLease(`tranquility-${stream}`, lease);
    const made = await stage.connector(own);
    await expect(made.connector.start()).rejects.toMatchObject({
      code: 'TRQ_LEASES_REFUSED',
      message: expect.stringContaining(leaseKey) as string,
    });
  });

  it('without credentials is refused, whatever the region', async () => {
    const stream = await stage.kinesis.stream('nobody', 1);
    const nobody = (): Promise<never> => {
      const error = new Error('Could not load credentials from any providers');
      error.name = 'CredentialsProviderError';
      return Promise.reject(error);
    };
    const connector = await createKinesisConnector({
      config: {
        dataSources: [numberedSource('rows', { streamPattern: stream })],
        properties: {
          'druid.overlord.urls': stage.druid.url,
          'kinesis.region': 'us-east-1',
          'kinesis.endpoint': stage.kinesis.url,
          'kinesis.leases.store': 'memory',
        },
      },
      kinesis: { credentials: nobody },
    });
    await expect(connector.start()).rejects.toMatchObject({ code: 'TRQ_KINESIS_REFUSED' });
  });

  it('a stream of another region is not there: it is told which region was looked in', async () => {
    const stream = await stage.kinesis.stream('far', 1);
    const made = await stage.reader(stream, { 'kinesis.region': 'eu-west-1' });
    expect(made.troubles).toMatchObject([{ kind: 'no-streams' }]);
    expect(made.connector.reasons[0]).toContain('No stream of the region eu-west-1 matches');
  });

  it.each(['ListStreams', 'DescribeStreamSummary', 'ListShards'])(
    'a Kinesis that takes %s and is silent holds up no end',
    async (operation) => {
      const stream = await stage.kinesis.stream('silent', 1);
      kinesis.faults = [{ operation, error: 'none', how: 'silence' }];
      const streamPattern = operation === 'ListStreams' ? `${stream}.?` : stream;
      const made = await stage.connector({ [`${stream}-rows`]: { streamPattern } }, through());
      const starting = made.connector.start();
      const before = kinesis.asked.get(operation) ?? 0;
      await eventually(() => (kinesis.asked.get(operation) ?? 0) > before);
      // An answer would be waited for longer than a test lasts in all.
      expect(await made.connector.close({ timeout: 0 })).toMatchObject({ drained: true });
      await starting;
      expect(made.troubles).toEqual([]);
    },
    20_000,
  );

  it('streams that are made later are found, by a pattern too, and read from their beginning', async () => {
    const made = await stage.connector(
      { 'later-rows': { streamPattern: 'later-.*', useStreamAsDataSource: 'true' } },
      { 'kinesis.start': 'LATEST' },
    );
    await made.connector.start();
    expect(made.troubles).toMatchObject([{ kind: 'no-streams' }]);
    const stream = await stage.kinesis.stream('later', 1);
    await stage.kinesis.put(stream, numberedPuts(20));
    await eventually(() => made.sent(stream) === 20);
    expect(Object.keys(made.connector.counters.dataSources)).toEqual([stream]);
  });
});
