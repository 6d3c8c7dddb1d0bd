import { expect, it } from 'vitest';
import { StreamTally } from '@tranquility-js/connect';
import type { KinesisCounters } from '../src/counters.js';
import { connectorMetrics } from '../src/process/metrics.js';

it('what a connector has counted is told to Prometheus, by stream and shard', () => {
  const tally = new StreamTally();
  Object.assign(tally, { received: 9, bytes: 90, sent: 5, filtered: 1, retried: 2, deadLetters: 1 });
  for (const reason of ['late', 'late', 'unparseable']) tally.drop(reason);
  const place = { stream: 's', dataSource: 'rows', settled: '5', checkpoint: '4' };
  const stopped = { position: '6', reason: 'late' } as unknown as NonNullable<
    KinesisCounters['shards'][number]['stopped']
  >;
  const metrics = connectorMetrics(() => ({
    streams: { s: tally.snapshot() },
    leases: {
      s: { checkpoints: 10, failedCheckpoints: 11, gained: 12, ended: 13, throttled: 14, expiredIterators: 15 },
    },
    dataSources: {},
    shards: [
      { ...place, shard: 'one', millisBehind: 16, iteratorAgeMillis: 17, waitingBytes: 18 },
      { ...place, shard: 'two', iteratorAgeMillis: 0, waitingBytes: 0, stopped },
    ],
  }))();
  const told = metrics.map(({ name, type, samples }) => [
    `${name.replace('tranquility_kinesis_', '')} ${type}`,
    samples.map(({ labels, value }) => `${Object.values(labels ?? {}).join(' ')} ${value}`),
  ]);
  expect(Object.fromEntries(told)).toEqual({
    'records_received_total counter': ['s 9'],
    'received_bytes_total counter': ['s 90'],
    'events_sent_total counter': ['s 5'],
    'events_filtered_total counter': ['s 1'],
    'events_dropped_total counter': ['s late 2', 's unparseable 1'],
    'events_retried_total counter': ['s 2'],
    'dead_letters_total counter': ['s 1'],
    'checkpoints_total counter': ['s 10'],
    'failed_checkpoints_total counter': ['s 11'],
    'leases_gained_total counter': ['s 12'],
    'leases_ended_total counter': ['s 13'],
    'throttled_total counter': ['s 14'],
    'expired_iterators_total counter': ['s 15'],
    'leases_held gauge': ['s 2'],
    'millis_behind_latest gauge': ['s one 16'],
    'iterator_age_millis gauge': ['s one 17', 's two 0'],
    'waiting_bytes gauge': ['s one 18', 's two 0'],
    'stopped gauge': ['s one 0', 's two 1'],
  });
});
