import { JsonNumber } from '../spec/json-number.js';
import type { EventFields, Partitioner } from './partitioner.js';

/**
 * A caller's partitioner, given plain values. Numbers of events that came as bytes are read with their spelling, which Tranquility's
 * partitioner needs and nobody else expects: they become numbers.
 */
export function plainPartitioner(partitioner: Partitioner): Partitioner {
  return {
    fields: partitioner.fields,
    partition: (fields, timestamp, partitions) => partitioner.partition(plainFields(fields), timestamp, partitions),
  };
}

function plainFields(fields: EventFields): EventFields {
  if (!Object.values(fields).some(hasSpelling)) return fields;
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, plain(value)]));
}

function hasSpelling(value: unknown): boolean {
  return value instanceof JsonNumber || (Array.isArray(value) && value.some(hasSpelling));
}

function plain(value: unknown): unknown {
  if (value instanceof JsonNumber) return Number(value.literal);
  return Array.isArray(value) ? value.map(plain) : value;
}
