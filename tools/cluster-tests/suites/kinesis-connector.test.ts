import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ZooKeeperClient } from '../../../packages/core/src/zookeeper/zookeeper-client.js';
import { zookeeper } from '../src/cluster.js';
import { FaultProxy } from '../src/fault-proxy.js';
import { inZooKeeper, KinesisStage, leasesPath, packed } from '../src/kinesis-stage.js';
import { eventually, sumOf } from '../src/real-kafka.js';
import { numberedPuts } from '../src/real-kinesis.js';
import { temporaryDirectory } from '../src/temporary.js';

let stage: KinesisStage;
beforeAll(async () => {
  stage = await KinesisStage.start();
});
afterEach(() => stage.clear());
afterAll(() => stage[Symbol.asyncDispose]());

const textOf = (n: number): string => JSON.stringify({ time: Date.now(), n, page: 'p' });
const first = 'shardId-000000000000';

it('brings a stream to its dataSource, and writes down what has arrived', async () => {
  const stream = await stage.kinesis.stream('plain', 2);
  await stage.kinesis.put(stream, numberedPuts(1_000));
  const made = await stage.reader(stream);
  await eventually(() => made.sent(stream) === 1_000);
  const { drained, shards } = await made.connector.close();
  expect([drained, shards.length, made.troubles]).toEqual([true, 2, []]);
  expect(await stage.rows(stream)).toEqual({ count: 1_000, sum: sumOf(1_000) });
  const leases = Object.values(await stage.leases(`tranquility-${stream}`));
  expect(leases.map(({ leaseOwner }) => leaseOwner)).toEqual([undefined, undefined]);
  for (const { checkpoint } of leases) expect(checkpoint?.S).toMatch(/^\d{50,}$/);
});

it('goes on where it was, for whoever comes next', async () => {
  const stream = await stage.kinesis.stream('again', 2);
  for (let round = 0; round < 3; round++) {
    await stage.kinesis.put(stream, numberedPuts(300, round * 300));
    const made = await stage.reader(stream);
    await eventually(() => made.sent(stream) === 300);
    await made.connector.close();
  }
  expect(await stage.rows(stream)).toEqual({ count: 900, sum: sumOf(900) });
});

it('shares shards with others, who come and go, and sends nothing twice', async () => {
  const stream = await stage.kinesis.stream('shared', 4);
  const heldBy = (made: { connector: { counters: { shards: readonly unknown[] } } }): number =>
    made.connector.counters.shards.length;
  const one = await stage.reader(stream);
  await stage.kinesis.put(stream, numberedPuts(200));
  await eventually(() => one.sent(stream) === 200);
  const two = await stage.reader(stream);
  await eventually(() => heldBy(one) === 2 && heldBy(two) === 2);
  await stage.kinesis.put(stream, numberedPuts(200, 200));
  await eventually(() => one.sent(stream) + two.sent(stream) === 400);
  await one.connector.close();
  await eventually(() => heldBy(two) === 4);
  await stage.kinesis.put(stream, numberedPuts(200, 400));
  await eventually(() => one.sent(stream) + two.sent(stream) === 600);
  await two.connector.close();
  expect(await stage.rows(stream)).toEqual({ count: 600, sum: sumOf(600) });
});

it('follows splits and merges: nothing is missing or twice, and children come after their parents', async () => {
  const stream = await stage.kinesis.stream('reshaped', 2);
  const order: string[] = [];
  const made = await stage.reader(stream);
  made.connector.on('checkpoint', (_, shard) => order.push(shard));
  await stage.kinesis.put(stream, numberedPuts(300));
  await stage.kinesis.split(stream, first);
  await stage.kinesis.put(stream, numberedPuts(300, 300));
  await stage.kinesis.merge(stream, 'shardId-000000000003', 'shardId-000000000001');
  await stage.kinesis.put(stream, numberedPuts(300, 600));
  await eventually(() => made.sent(stream) === 900);
  // Leases of shards that are done are removed, once their children are being read.
  await eventually(async () => {
    const shards = Object.keys(await stage.leases(`tranquility-${stream}`)).sort();
    return shards.join() === 'shardId-000000000002,shardId-000000000004';
  });
  await made.connector.close();
  expect(await stage.rows(stream)).toEqual({ count: 900, sum: sumOf(900) });
  const begins = [0, 1, 2, 3, 4].map((shard) => order.indexOf(`shardId-00000000000${shard}`));
  const ends = [0, 1, 2, 3, 4].map((shard) => order.lastIndexOf(`shardId-00000000000${shard}`));
  for (const [parent, child] of [
    [0, 2],
    [0, 3],
    [1, 4],
    [3, 4],
  ] as const) {
    if (begins[child] === -1 || ends[parent] === -1) continue;
    expect(ends[parent]).toBeLessThan(begins[child] ?? 0);
  }
});

it('undoes packing and gzip, and gives columns', async () => {
  const stream = await stage.kinesis.stream('packed', 1);
  const made = await stage.connector({
    [`${stream}-rows`]: { streamPattern: stream, columns: { key: 'page' } },
  });
  await stage.kinesis.put(stream, [
    { key: 'a', data: textOf(0) },
    { key: 'b', data: gzipSync(textOf(1)) },
    { key: 'x', data: await packed([2, 3, 4, 5, 6].map((n) => ({ key: `k${n}`, data: textOf(n) }))) },
  ]);
  await made.connector.start();
  await eventually(() => made.sent(stream) === 7);
  await made.connector.close();
  expect(await stage.rows(stream)).toEqual({ count: 7, sum: sumOf(7) });
  const lease = (await stage.leases(`tranquility-${stream}`))[first];
  expect(lease?.['checkpointSubSequenceNumber']?.N).toBe('4');
  const response = await fetch(`${stage.druid.url}/druid/v2/sql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `SELECT page FROM "${stream}-rows" ORDER BY page` }),
  });
  expect(((await response.json()) as { page: string }[]).map(({ page }) => page)).toEqual(
    'a b k2 k3 k4 k5 k6'.split(' '),
  );
});

it('leaves out of a packed record what belongs to another shard, counts it, and says so once', async () => {
  const stream = await stage.kinesis.stream('foreign', 2);
  const records = Array.from({ length: 20 }, (_, n) => ({ key: `k${n}`, data: textOf(n) }));
  const isLow = (key: string): boolean => createHash('md5').update(key).digest().readUInt8() < 128;
  const kept = records.filter(({ key }) => isLow(key) === isLow('outer')).length;
  const data = await packed(records);
  await stage.kinesis.put(stream, [
    { key: 'outer', data },
    { key: 'outer', data },
  ]);
  const made = await stage.connector({ [`${stream}-rows`]: { streamPattern: stream, onDrop: 'stop' } });
  await made.connector.start();
  await eventually(() => made.sent(stream) === 2 * kept);
  expect((await made.connector.close()).drained).toBe(true);
  expect(made.connector.counters.streams[stream]).toMatchObject({
    ...{ received: 40, sent: 2 * kept, dropped: { 'outside-shard': 2 * (20 - kept) } },
  });
  expect(made.troubles).toMatchObject([{ kind: 'outside-shard', stream }]);
});

it('takes over from the Kinesis Client Library, within a packed record', async () => {
  const stream = await stage.kinesis.stream('taken-over', 1);
  const data = await packed([0, 1, 2, 3, 4].map((n) => ({ key: 'k', data: textOf(n) })));
  const [place = ''] = await stage.kinesis.put(stream, [{ key: 'k', data }]);
  await stage.kinesis.put(stream, numberedPuts(10, 5));
  const table = `application-${stream}`;
  const own = { [`${stream}-rows`]: { streamPattern: stream, 'kinesis.leases.table': table } };
  // The table is made by one who then leaves, and filled as the library leaves it.
  const maker = await stage.connector(own);
  await maker.connector.start();
  await maker.connector.close({ timeout: 0 });
  const made = await stage.connector(own);
  await stage.putLease(table, {
    leaseKey: { S: first },
    leaseOwner: { S: 'a worker of Java' },
    leaseCounter: { N: '56' },
    checkpoint: { S: place.split(' ')[1] ?? '' },
    checkpointSubSequenceNumber: { N: '2' },
    ownerSwitchesSinceCheckpoint: { N: '0' },
    startingHashKey: { S: '0' },
    endingHashKey: { S: String(2n ** 128n - 1n) },
    // What versions of the library write besides: a checkpoint that was prepared, a handover, and what is no lease.
    pendingCheckpoint: { S: place.split(' ')[1] ?? '' },
    pendingCheckpointSubSequenceNumber: { N: '4' },
    checkpointOwner: { S: 'another worker of Java' },
    throughputKBps: { N: '0.07' },
  });
  await stage.putLease(table, { leaseKey: { S: 'Migration3.0' }, cv: { S: 'CLIENT_VERSION_3X' } });
  const before = maker.sent(stream);
  await made.connector.start();
  await eventually(() => made.sent(stream) === 12);
  await made.connector.close();
  expect(before).toBeLessThanOrEqual(15);
  const lease = (await stage.leases(table))[first];
  expect(Number(lease?.['leaseCounter']?.N)).toBeGreaterThan(56);
  expect(Object.keys(lease ?? {})).toEqual(expect.not.arrayContaining(['pendingCheckpoint', 'checkpointOwner']));
  expect(lease?.['throughputKBps']?.N).toBe('0.07');
  expect(made.troubles).toEqual([]);
});

it('keeps what cannot be read as dead letters, corrupt packed records too', async () => {
  const stream = await stage.kinesis.stream('bad', 1);
  const dead = await stage.kinesis.stream('dead', 1);
  const corrupt = await packed([{ key: 'k', data: textOf(9) }]);
  corrupt[corrupt.length - 1] = (corrupt.at(-1) ?? 0) ^ 1;
  await stage.kinesis.put(stream, [
    { key: 'a', data: textOf(0) },
    { key: 'b', data: 'not JSON' },
    { key: 'c', data: corrupt },
    { key: 'd', data: textOf(1) },
  ]);
  const made = await stage.connector({ [`${stream}-rows`]: { streamPattern: stream, 'deadLetter.stream': dead } });
  await made.connector.start();
  await eventually(() => made.connector.counters.streams[stream]?.deadLetters === 2);
  await eventually(() => made.sent(stream) === 2);
  expect(made.connector.counters.streams[stream]?.dropped).toEqual({ unparseable: 2 });
  const letters = await stage.kinesis.read(dead);
  expect(letters.map(({ key }) => key)).toEqual(['b', 'c']);
  expect(letters.map(({ data }) => JSON.parse(data) as object)).toMatchObject([
    { reason: 'unparseable', stream, shard: first, key: 'b', data: Buffer.from('not JSON').toString('base64') },
    { reason: 'unparseable', message: expect.stringContaining('digest') as string },
  ]);
});

it('is pushed to with fan-out, through a split', async () => {
  const stream = await stage.kinesis.stream('pushed', 1);
  const made = await stage.reader(stream, { 'kinesis.read': 'fan-out' });
  await stage.kinesis.put(stream, numberedPuts(200));
  await eventually(() => made.sent(stream) === 200);
  await stage.kinesis.split(stream, first);
  await stage.kinesis.put(stream, numberedPuts(200, 200));
  await eventually(() => made.sent(stream) === 400);
  await made.connector.close();
  expect(await stage.rows(stream)).toEqual({ count: 400, sum: sumOf(400) });
});

it('begins at the end, at a time, or at the beginning', async () => {
  const stream = await stage.kinesis.stream('begun', 1);
  await stage.kinesis.put(stream, numberedPuts(10));
  const begin = async (start: string): Promise<number> => {
    const made = await stage.reader(stream, { 'kinesis.start': start, 'kinesis.leases.store': 'memory' });
    await stage.kinesis.put(stream, numberedPuts(1));
    await eventually(() => made.sent(stream) > 0);
    await made.connector.close();
    return made.sent(stream);
  };
  expect(await begin('LATEST')).toBe(1);
  expect(await begin(new Date(Date.now() - 3_600_000).toISOString())).toBe(12);
  expect(await begin('TRIM_HORIZON')).toBe(13);
});

it('keeps leases in a file, for one process that comes back', async () => {
  const stream = await stage.kinesis.stream('filed', 2);
  const file = `${await temporaryDirectory()}/leases`;
  const properties = { 'kinesis.leases.store': 'file', 'kinesis.leases.file': file };
  for (let round = 0; round < 2; round++) {
    await stage.kinesis.put(stream, numberedPuts(50, round * 50));
    const made = await stage.reader(stream, properties);
    await eventually(() => made.sent(stream) === 50);
    await made.connector.close();
  }
  expect(await stage.rows(stream)).toEqual({ count: 100, sum: sumOf(100) });
});

it('shares shards by leases in ZooKeeper, over broken connections, and one takes over from another', async () => {
  const stream = await stage.kinesis.stream('in-zookeeper', 2);
  await using proxy = await FaultProxy.to(zookeeper());
  const one = await stage.reader(stream, inZooKeeper(proxy.address));
  const two = await stage.reader(stream, inZooKeeper(zookeeper()));
  const heldBy = ({ connector }: typeof one): number => connector.counters.shards.length;
  await eventually(() => heldBy(one) === 1 && heldBy(two) === 1);
  for (let round = 0; round < 5; round++) {
    await stage.kinesis.put(stream, numberedPuts(40, round * 40));
    // Somewhere within the answers, so that what was written under it is in doubt.
    proxy.fault = { kind: 'cut', afterBytes: 30 + 50 * round };
    await eventually(() => one.sent(stream) + two.sent(stream) === (round + 1) * 40);
  }
  expect((await one.connector.close()).drained).toBe(true);
  await eventually(() => heldBy(two) === 2);
  await stage.kinesis.put(stream, numberedPuts(100, 200));
  await stage.kinesis.split(stream, first);
  await stage.kinesis.put(stream, numberedPuts(100, 300));
  await eventually(() => one.sent(stream) + two.sent(stream) === 400);
  const client = new ZooKeeperClient({ connect: zookeeper(), timeout: 10_000 });
  try {
    const path = `${leasesPath}/tranquility-${stream}`;
    const shards = ['shardId-000000000001', 'shardId-000000000002', 'shardId-000000000003'];
    await eventually(async () => ((await client.getChildren(path)) ?? []).sort().join() === shards.join());
    await two.connector.close();
    for (const shard of shards) {
      const found = JSON.parse(String((await client.getData(`${path}/${shard}`))?.data)) as object;
      expect(found).toMatchObject({
        format: 1,
        leaseKey: shard,
        checkpoint: expect.stringMatching(/^\d{50,}$/) as string,
      });
      expect(found).not.toHaveProperty('leaseOwner');
    }
  } finally {
    await client.close();
  }
  expect(await stage.rows(stream)).toEqual({ count: 400, sum: sumOf(400) });
});
