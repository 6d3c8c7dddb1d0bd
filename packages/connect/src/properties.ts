import { oneOf, property, truth, type PropertyKind, type ValuesOf } from '@tranquility-js/core/internal';
import { readColumns, type Columns } from './columns.js';
import { readFilter, type Filter } from './filter.js';

/** Columns that a record gives its events. */
const columns: PropertyKind<Columns> = {
  expected:
    'an object of columns, such as {"key": "user", "offset": "kafkaOffset", "headers": {"trace-id": "trace"}}; it may have id, key, stream, partition, offset, timestamp and headers',
  read: (value) => fromJson(value, readColumns),
  readObject: readColumns,
};

/** A filter as Druid's queries have it. */
const filter: PropertyKind<Filter> = {
  expected:
    'a filter of Druid’s as an object, such as {"type": "selector", "dimension": "country", "value": "FR"}, with whole numbers beyond 2^53 in quotes',
  read: (value) => fromJson(value, readFilter),
  readObject: readFilter,
};

const remedies = oneOf('count', 'dead-letter', 'stop');

/** What every connector knows of each dataSource. Names and defaults are Tranquility’s where it has them. */
export const streamProperties = {
  columns: property(columns, {
    description:
      'Columns that id, key, stream, partition, offset, timestamp and headers of a record become; the id is made of stream, partition and offset.',
  }),
  filter: property(filter, {
    description:
      'Which events are sent, in Druid’s filter JSON. The others are counted and left out, before they cost anything.',
  }),
  onDrop: property(remedies, {
    description:
      'What becomes of an event that is dropped: count, dead-letter, or stop its partition. When unset: dead-letter where there is a place for dead letters, else count.',
  }),
  onUnparseable: property(remedies, {
    description: 'The same of a record that cannot be read.',
  }),
  window: property(oneOf('drop', 'dead-letter', 'append'), {
    description:
      'The same of an event that is late or early: drop counts it; append has late ones appended in batches, beside the realtime tasks, and does with early ones as onDrop says. When unset: as onDrop says.',
  }),
  reportDropsAsExceptions: property(truth, {
    default: 'false',
    description: 'Whether an event that is dropped ends the connector, with an error and an exit code that is not 0.',
  }),
  reportParseExceptions: property(truth, {
    default: 'false',
    description:
      'Whether a record that cannot be read ends the connector, with an error and an exit code that is not 0.',
  }),
} as const;

/** The effective properties of one dataSource that every connector knows. */
export type StreamProperties = ValuesOf<typeof streamProperties>;

function fromJson<T>(text: string, read: (value: Readonly<Record<string, unknown>>) => T | undefined): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? read(value as Record<string, unknown>)
    : undefined;
}
