import type { Plan } from '@tranquility-js/connect';
import type { KinesisStreamProperties } from './stream-properties.js';

/** Of a plan, what says where leases are. */
export type Tables = Pick<Plan<unknown, KinesisStreamProperties>, 'properties'>;

/** The table, or node, that the config gives to the leases of a stream. */
export function leaseTable({ properties }: Tables, dataSource: string, stream: string): string {
  const pattern = properties.get(dataSource)?.['kinesis.leases.table'] ?? 'tranquility-{stream}';
  return pattern.replaceAll('{stream}', stream);
}

/** What is wrong where a second stream is to have a ledger that another one has: shards of all streams are named alike. */
export const takenTable = (stream: string, other: string, table: string): string =>
  `The streams ${other} and ${stream} would both have their leases in ${table}, and each would take the other’s for its own. Put {stream} into kinesis.leases.table, or give each its own.`;
