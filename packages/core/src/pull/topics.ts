import type { PartitionLog } from '../journal/partition-log.js';

/** One process of ours that serves logs: what Kafka calls a broker. */
export interface EndpointNode {
  /** From 0; of its own among all nodes. */
  readonly id: number;
  /** Where Druid reaches it. */
  readonly host: string;
  readonly port: number;
}

/** A partition of a topic. */
export interface TopicPartition {
  /** The id of the node that serves it. */
  readonly leader: number;
  /** Its log, on the node that serves it. */
  readonly log?: PartitionLog;
}

/** What is served, by topic: a topic is a dataSource, and a partition's number is its place in the list. It is read anew for each request. */
export type Topics = ReadonlyMap<string, readonly TopicPartition[]>;

/**
 * Who serves which partition: the nodes in turn. So all nodes that have the same list agree without talking to each other.
 * @throws RangeError when there are more nodes than partitions: some would have nowhere to put events.
 */
export function partitionsOf(
  nodes: readonly EndpointNode[],
  count: number,
  logOf: (partition: number, leader: number) => PartitionLog | undefined,
): readonly TopicPartition[] {
  if (nodes.length === 0 || count < nodes.length) {
    throw new RangeError(`${count} partitions are too few for ${nodes.length} nodes: each node needs one of its own.`);
  }
  return Array.from({ length: count }, (_, partition) => {
    const leader = nodes[partition % nodes.length]?.id ?? 0;
    const log = logOf(partition, leader);
    return log === undefined ? { leader } : { leader, log };
  });
}
