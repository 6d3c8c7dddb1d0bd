import { routeProperties, streamProperties } from '@tranquility-js/connect';
import { property, type PropertyKind, type ValuesOf } from '@tranquility-js/core/internal';

const stream: PropertyKind<string> = {
  expected: 'the name of a stream: letters, digits, dots, dashes and underscores',
  read: (value) => (/^[\w.-]{1,128}$/.test(value) ? value : undefined),
};

const table: PropertyKind<string> = {
  expected:
    'the name of a table: letters, digits, dots, dashes and underscores, in which {stream} may stand for the stream',
  read: (value) => (/^[\w.-]{3,255}$/.test(value.replaceAll('{stream}', 'stream')) ? value : undefined),
};

/** What may be set for each dataSource, or for all. */
export const kinesisStreamProperties = {
  ...routeProperties('stream'),
  'kinesis.leases.table': property(table, {
    default: 'tranquility-{stream}',
    description:
      'The table of a stream’s leases in DynamoDB, or their node in ZooKeeper; {stream} stands for its name, and must be in it where there are several: no two may share one. To go on where an application of the Kinesis Client Library of Java is: the name of that application.',
  }),
  'deadLetter.stream': property(stream, {
    description:
      'A stream for records that are dropped: JSON with the record’s key and data, the reason, and where it came from.',
  }),
  ...streamProperties,
} as const;

/** The effective properties of one dataSource. */
export type KinesisStreamProperties = ValuesOf<typeof kinesisStreamProperties>;
