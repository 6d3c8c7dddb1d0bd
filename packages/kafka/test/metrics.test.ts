import { expect, it } from 'vitest';
import type { KafkaCounters, PartitionStatus } from '../src/counters.js';
import { connectorMetrics } from '../src/process/metrics.js';

const place = { topic: 'clicks', dataSource: 'clicks', settled: 1, committed: 1, lag: 2, waitingBytes: 0 };

function valuesOf(name: string, partitions: readonly PartitionStatus[]): unknown {
  const counters: KafkaCounters = {
    ...{ topics: {}, dataSources: {}, partitions, commits: 0, failedCommits: 0, rebalances: 0, lost: 0 },
  };
  return connectorMetrics(() => counters)().find((metric) => metric.name === name)?.samples;
}

it('say which partitions wait before a batch that cannot be read', () => {
  const partitions = [
    { ...place, partition: 0 },
    { ...place, partition: 1, broken: 'clicks, partition 1: the batch of records at offset 1 cannot be read.' },
  ];
  expect(valuesOf('tranquility_kafka_broken', partitions)).toEqual([
    { labels: { topic: 'clicks', partition: '0' }, value: 0 },
    { labels: { topic: 'clicks', partition: '1' }, value: 1 },
  ]);
});
