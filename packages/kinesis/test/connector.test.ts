import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { silentLogger } from '@tranquility-js/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readKinesisPlan } from '../src/config/read-plan.js';
import { KinesisConnector } from '../src/connector.js';
import type { Lease } from '../src/leases/lease.js';
import { leaseStores, type LeaseStores } from '../src/leases/lease-stores.js';
import { MemoryLeaseStore } from '../src/leases/memory-lease-store.js';
import { newLease } from '../src/leases/shard-sync.js';
import type { KinesisTrouble } from '../src/trouble.js';
import { shard } from './support/shards.js';

const soon = { timeout: 5_000, interval: 5 };
const opened: KinesisConnector[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((connector) => connector.close({ timeout: 0 })));
});

const configOf = (own: object, properties: object = {}): object => ({
  dataSources: [
    {
      spec: {
        dataSchema: {
          dataSource: 'rows',
          timestampSpec: { column: 'time', format: 'auto' },
          dimensionsSpec: { dimensions: [] },
          granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
        },
        tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
      },
      properties: { streamPattern: '.*', ...own },
    },
  ],
  properties: {
    ...{ 'druid.overlord.urls': 'http://druid:8081', 'kinesis.region': 'eu-west-1' },
    ...{ 'kinesis.syncMillis': '100', ...properties },
  },
});

/** A connector of all streams, none of which has shards, with one table for their leases. */
async function world(own: object = {}) {
  /** When each stream was made. */
  const streams = new Map<string, number>();
  const answers: Readonly<Record<string, (stream: string) => object>> = {
    ListStreamsCommand: () => ({ StreamNames: [...streams.keys()].sort(), HasMoreStreams: false }),
    DescribeStreamSummaryCommand: (stream) => ({
      StreamDescriptionSummary: {
        ...{ StreamStatus: 'ACTIVE', StreamARN: stream, StreamCreationTimestamp: new Date(streams.get(stream) ?? 0) },
      },
    }),
    ListShardsCommand: () => ({ Shards: [] }),
  };
  /** What Kinesis refuses next, once each. */
  const throttled: string[] = [];
  const client = {
    config: { region: () => Promise.resolve('eu-west-1') },
    destroy: () => undefined,
    send: (command: { readonly input: { readonly StreamName?: string } }) => {
      const { name } = command.constructor;
      if (throttled.includes(name)) {
        throttled.splice(throttled.indexOf(name), 1);
        return Promise.reject(Object.assign(new Error('Rate exceeded'), { name: 'LimitExceededException' }));
      }
      const answer = answers[name];
      if (answer === undefined) throw new Error(`Nobody asks for ${name}.`);
      return Promise.resolve(answer(command.input.StreamName ?? ''));
    },
  } as unknown as KinesisClient;
  const store = new MemoryLeaseStore();
  const stores: LeaseStores = {
    of: () => store,
    nameOf: (_, table) => table,
    close: () => Promise.resolve(),
  };
  const config = configOf({ 'kinesis.leases.table': 'shared', ...own });
  const connector = new KinesisConnector(await readKinesisPlan(config), client, stores, { config });
  opened.push(connector);
  const troubles: KinesisTrouble[] = [];
  connector.on('trouble', (trouble) => troubles.push(trouble));
  return { streams, store, connector, troubles, throttled, read: () => Object.keys(connector.counters.leases) };
}

describe('two streams that would have one ledger', () => {
  it('end the connector at the start, with what to do', async () => {
    const { streams, connector } = await world();
    for (const [at, stream] of ['one', 'two'].entries()) streams.set(stream, at);
    await expect(connector.start()).rejects.toMatchObject({
      code: 'TRQ_LEASES_REFUSED',
      message: expect.stringMatching(
        /streams one and two .* shared.* Put \{stream\} into kinesis\.leases\.table/,
      ) as string,
    });
  });

  it('are told of when the second one comes, and the first one goes on; the second one is read once the first one is gone', async () => {
    const { streams, connector, troubles, read } = await world();
    streams.set('two', 1);
    await connector.start();
    streams.set('one', 2);
    await vi.waitFor(() => {
      expect(connector.reasons).toEqual([expect.stringContaining('The streams two and one would both')]);
    }, soon);
    expect([read(), troubles]).toMatchObject([['two'], [{ kind: 'refused', stream: 'one' }]]);
    streams.delete('two');
    await vi.waitFor(() => {
      expect([read(), connector.reasons]).toEqual([['one'], []]);
    }, soon);
    expect(troubles.map(({ kind }) => kind)).toEqual(['refused', 'deleted']);
  });

  it('are none where the table has the stream in its name, or the process has its ledgers to itself', async () => {
    const { streams, connector, read } = await world({ 'kinesis.leases.table': 'leases-{stream}' });
    for (const [at, stream] of ['one', 'two'].entries()) streams.set(stream, at);
    await connector.start();
    expect(read()).toEqual(['one', 'two']);
    const names = await Promise.all(
      ['memory', 'file', 'dynamodb'].map(async (store) => {
        const file = { 'kinesis.leases.file': '/leases' };
        const { client } = await readKinesisPlan(configOf({}, { 'kinesis.leases.store': store, ...file }));
        const stores = await leaseStores(client, {}, silentLogger);
        await stores.close();
        return new Set(['one', 'two'].map((stream) => stores.nameOf(stream, 'shared'))).size;
      }),
    );
    expect(names).toEqual([2, 2, 1]);
  });
});

it('what Kinesis throttles at the start is asked for again', async () => {
  const { streams, connector, troubles, throttled, read } = await world();
  streams.set('one', 1);
  throttled.push('ListStreamsCommand', 'DescribeStreamSummaryCommand', 'ListShardsCommand');
  await connector.start();
  expect([read(), throttled, connector.reasons]).toEqual([['one'], [], []]);
  expect(new Set(troubles.map(({ kind }) => kind))).toEqual(new Set(['throttled']));
});

it('a stream whose leases tell of a later one is read again once Kinesis tells of that', async () => {
  const { streams, store, connector, troubles, read } = await world();
  streams.set('one', 7);
  await connector.start();
  const later: Lease = { ...newLease(shard(0), 'TRIM_HORIZON'), checkpoint: 'SHARD_END', streamCreated: 8 };
  await store.create(later);
  await vi.waitFor(() => {
    expect([read(), connector.reasons]).toEqual([[], [expect.stringContaining('made later')]]);
  }, soon);
  expect(await store.list()).toEqual([later]);
  expect(troubles[0]).toMatchObject({ kind: 'another-stream', stream: 'one' });
  streams.set('one', 8);
  await vi.waitFor(() => {
    expect([read(), connector.reasons]).toEqual([['one'], []]);
  }, soon);
  // It was read to its end, and is gone: whose it is, removes it.
  expect(await store.list()).toEqual([]);
});
