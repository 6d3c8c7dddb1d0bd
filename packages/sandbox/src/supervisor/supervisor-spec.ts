import { addPeriod, parsePeriod } from '@tranquility-js/core/internal';
import { readDataSchema, type DataSchema } from '../ingest/data-schema.js';
import { Unsupported } from '../ingest/unsupported.js';
import { at, isJsonObject, type JsonObject } from '../json.js';
import { readAccess, type KafkaAccess } from './kafka-access.js';

/** A Kafka supervisor, as far as it is done here. Times are milliseconds. */
export interface SupervisorSpec {
  readonly schema: DataSchema;
  readonly topic: string;
  readonly access: KafkaAccess;
  readonly taskCount: number;
  readonly replicas: number;
  /** How long a task reads until it publishes. */
  readonly taskDuration: number;
  /** How long it may take to publish. */
  readonly completionTimeout: number;
  /** How often the supervisor looks at its stream and its tasks. */
  readonly period: number;
  readonly startDelay: number;
  /** Whether a partition without a place is read from its beginning, or from its end. */
  readonly useEarliestOffset: boolean;
  readonly maxRowsInMemory: number;
  readonly maxParseExceptions: number;
  /** How long a stream may stay silent until a run of the supervisor fails, by the machine's clock. */
  readonly streamTimeout: number;
  readonly suspended: boolean;
}

/** What Druid refuses a spec for. */
export class InvalidSpec extends Error {}

/** Would change what is read or when it is published. */
const absentIo = [
  ...['topicPattern', 'autoScalerConfig', 'idleConfig', 'stopTaskCount', 'configOverrides'],
  ...['lateMessageRejectionPeriod', 'earlyMessageRejectionPeriod', 'lateMessageRejectionStartDateTime'],
];

/** @throws InvalidSpec, in Druid's words; Unsupported. */
export function readSupervisorSpec(posted: JsonObject): SupervisorSpec {
  const { dataSchema, ioConfig: io, tuningConfig: tuning } = isJsonObject(posted['spec']) ? posted['spec'] : posted;
  if (!isJsonObject(dataSchema)) throw new InvalidSpec('dataSchema');
  if (!isJsonObject(io)) throw new InvalidSpec('ioConfig');
  refuseAbsent(io, tuning);
  const consumer = io['consumerProperties'];
  if (typeof io['topic'] !== 'string') throw new InvalidSpec('Either topic or topicPattern must be specified');
  if (!isJsonObject(consumer)) throw new InvalidSpec('consumerProperties');
  if (typeof consumer['bootstrap.servers'] !== 'string') {
    throw new InvalidSpec('consumerProperties must contain entry for [bootstrap.servers]');
  }
  return {
    schema: readDataSchema(dataSchema),
    topic: io['topic'],
    access: readAccess(consumer),
    taskCount: wholeOr(io['taskCount'], 1),
    replicas: wholeOr(io['replicas'], 1),
    taskDuration: periodOr(io['taskDuration'], 'PT1H'),
    completionTimeout: periodOr(io['completionTimeout'], 'PT30M'),
    period: periodOr(io['period'], 'PT30S'),
    startDelay: periodOr(io['startDelay'], 'PT5S'),
    useEarliestOffset: io['useEarliestOffset'] === true,
    maxRowsInMemory: wholeOr(at(tuning, 'maxRowsInMemory'), 150_000),
    maxParseExceptions:
      at(tuning, 'reportParseExceptions') === true ? 0 : numberOr(at(tuning, 'maxParseExceptions'), Infinity),
    streamTimeout: Number(consumer['default.api.timeout.ms'] ?? 60_000),
    suspended: posted['suspended'] === true,
  };
}

function refuseAbsent(io: JsonObject, tuning: unknown): void {
  const given = absentIo.find((key) => io[key] !== undefined && io[key] !== null);
  if (given !== undefined) throw new Unsupported(`has no ${given} of a supervisor.`);
  const format = at(io, 'inputFormat', 'type');
  if (format !== 'json') throw new Unsupported(`reads no inputFormat ${JSON.stringify(format)}. It reads json.`);
  const flattened = at(io, 'inputFormat', 'flattenSpec', 'fields');
  if (Array.isArray(flattened) && flattened.length > 0) throw new Unsupported('does not flatten (flattenSpec).');
  if (at(tuning, 'resetOffsetAutomatically') === true) throw new Unsupported('does not reset offsets by itself.');
}

function periodOr(value: unknown, otherwise: string): number {
  if (value === undefined || value === null) return addPeriod(0, parsePeriod(otherwise));
  try {
    if (typeof value === 'string') return addPeriod(0, parsePeriod(value));
  } catch {
    // Told below, in Druid's words.
  }
  throw new InvalidSpec(`Invalid format: ${JSON.stringify(value)}`);
}

function wholeOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : otherwise;
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}
