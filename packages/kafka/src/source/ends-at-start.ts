import type { Kafka } from 'kafkajs';
import type { ClientValues } from '../config/read-plan.js';
import { consumerWithCluster, logBounds } from './log-bounds.js';

/**
 * The ends of the logs that there were when the source was opened: there `latest` begins. What was created since, under an old name too, has
 * none.
 */
export class EndsAtStart {
  readonly #ends = new Map<string, Map<number, number>>();

  /**
   * Asks for the ends, with a client that is let go: see GroupSession.
   * @throws (as a rejection) what kafkajs throws.
   */
  async note(kafka: Kafka, client: ClientValues, topics: readonly string[]): Promise<void> {
    if (topics.length === 0) return;
    const { consumer, cluster } = consumerWithCluster(kafka, {
      groupId: client['kafka.group.id'],
      readUncommitted: client['kafka.isolation.level'] === 'read_uncommitted',
      allowAutoTopicCreation: false,
    });
    await consumer.connect();
    try {
      await consumer.subscribe({ topics: [...topics] });
      const partitions = topics.flatMap((topic) =>
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId })),
      );
      const boundsOf = await logBounds(cluster, partitions);
      for (const { topic, partition } of partitions) {
        const bounds = boundsOf(topic, partition);
        if (bounds !== undefined) this.#of(topic).set(partition, bounds.readable);
      }
    } finally {
      await consumer.disconnect();
    }
  }

  /** @returns nothing if the partition was created since, or had a place already. */
  of(topic: string, partition: number): number | undefined {
    return this.#ends.get(topic)?.get(partition);
  }

  /** The group has a place in the partition: if it has none later on, the topic was made anew. */
  placed(topic: string, partition: number): void {
    this.#ends.get(topic)?.delete(partition);
  }

  /** There are these topics now, and no others. */
  keep(topics: readonly string[]): void {
    for (const topic of [...this.#ends.keys()]) if (!topics.includes(topic)) this.#ends.delete(topic);
  }

  #of(topic: string): Map<number, number> {
    const ends = this.#ends.get(topic) ?? new Map<number, number>();
    this.#ends.set(topic, ends);
    return ends;
  }
}
