import { expect, it } from 'vitest';
import { logBounds, type OffsetsCluster } from '../src/source/log-bounds.js';

/** A log with a transaction that is open from 60 on. */
class Cluster implements OffsetsCluster {
  readonly isolationLevel: number = 1;
  isFailing = false;

  refreshMetadata(): Promise<void> {
    this.isFailing = false;
    return Promise.resolve();
  }

  findTopicPartitionMetadata(): [] {
    return [];
  }

  async fetchTopicsOffset(topics: Parameters<OffsetsCluster['fetchTopicsOffset']>[0]) {
    // As kafkajs has it: the isolation level is read when brokers are known.
    await Promise.resolve();
    if (this.isFailing) throw new Error('No leader.');
    const end = this.isolationLevel === 1 ? '60' : '100';
    return topics.map(({ topic, partitions, fromBeginning }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, offset: fromBeginning ? '10' : end })),
    }));
  }
}

const partitions = [{ topic: 'a', partition: 0 }];

it('a log ends behind what is not committed, which may not be read', async () => {
  const boundsOf = await logBounds(new Cluster(), partitions);
  expect(boundsOf('a', 0)).toEqual({ low: 10, high: 100, readable: 60 });
  expect(boundsOf('a', 1)).toBeUndefined();
});

it('bounds are asked for again when leaders are known anew', async () => {
  const cluster = new Cluster();
  cluster.isFailing = true;
  expect((await logBounds(cluster, partitions))('a', 0)).toMatchObject({ low: 10, high: 100 });
});
