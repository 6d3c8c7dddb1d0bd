import type { PartitionLog } from '../journal/partition-log.js';
import { kafkaErrors } from './kafka-errors.js';
import type { Topics } from './topics.js';

/** The log of a partition, or the error that says why there is none here. */
export function findPartition(
  topics: Topics,
  name: string,
  index: number,
): { readonly log: PartitionLog } | { readonly log?: undefined; readonly error: number } {
  const partition = topics.get(name)?.[index];
  if (partition === undefined) return { error: kafkaErrors.unknownTopicOrPartition };
  return partition.log === undefined ? { error: kafkaErrors.notLeader } : { log: partition.log };
}
