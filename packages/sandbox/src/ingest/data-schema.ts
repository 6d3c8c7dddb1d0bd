import {
  parseGranularity,
  timestampReader,
  truncate,
  type Granularity,
  type TimestampReader,
} from '@tranquility-js/core/internal';
import { at, isJsonObject } from '../json.js';
import { readAggregators, type Aggregator, type ColumnType } from './aggregators.js';
import { Unsupported } from './unsupported.js';

export interface Dimension {
  readonly name: string;
  readonly type: ColumnType;
}

/** A dataSchema, as far as rows depend on it. */
export interface DataSchema {
  readonly dataSource: string;
  readonly timestampColumn: string;
  readonly timestamps: TimestampReader;
  /** What stands in for a timestamp that is missing or null. */
  readonly missingTimestamp: number | undefined;
  readonly dimensions: readonly Dimension[];
  /** Whether fields that are not named are dimensions too. */
  readonly takesOthers: boolean;
  /** Never dimensions by themselves. */
  readonly excluded: ReadonlySet<string>;
  readonly aggregators: readonly Aggregator[];
  readonly segmentGranularity: Granularity;
  /** Cuts an instant to the queryGranularity. */
  readonly truncate: (millis: number) => number;
  readonly rollup: boolean;
}

/**
 * Reads a dataSchema: with its timestampSpec and dimensionsSpec at the top, or in a parser.
 * @throws Unsupported
 */
export function readDataSchema(schema: unknown): DataSchema {
  const dataSource = at(schema, 'dataSource');
  if (typeof dataSource !== 'string') throw new Unsupported('needs a dataSource that is a text.');
  const parseSpec = at(schema, 'parser', 'parseSpec');
  refuse('transforms', at(schema, 'transformSpec', 'transforms'));
  refuse('filters of a transformSpec', at(schema, 'transformSpec', 'filter'));
  const timestampSpec = at(schema, 'timestampSpec') ?? at(parseSpec, 'timestampSpec');
  const dimensionsSpec = at(schema, 'dimensionsSpec') ?? at(parseSpec, 'dimensionsSpec');
  const aggregators = readAggregators(at(schema, 'metricsSpec'));
  const timestampColumn = textOr(at(timestampSpec, 'column'), 'timestamp');
  const granularitySpec = at(schema, 'granularitySpec');
  const queryGranularity = granularityOf(granularitySpec, 'queryGranularity', 'none');
  const dimensions = readDimensions(dimensionsSpec);
  return {
    dataSource,
    timestampColumn,
    timestamps: readFormat(textOr(at(timestampSpec, 'format'), 'auto')),
    missingTimestamp: readMissing(at(timestampSpec, 'missingValue')),
    dimensions,
    takesOthers: dimensions.length === 0 || at(dimensionsSpec, 'includeAllDimensions') === true,
    excluded: excludedNames(dimensionsSpec, timestampColumn, dimensions, aggregators),
    aggregators,
    segmentGranularity: granularityOf(granularitySpec, 'segmentGranularity', 'day'),
    truncate: (millis) => truncate(queryGranularity, millis),
    rollup: at(granularitySpec, 'rollup') !== false,
  };
}

function refuse(what: string, value: unknown): void {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) return;
  throw new Unsupported(`does no ${what}.`);
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function readFormat(format: string): TimestampReader {
  try {
    return timestampReader(format);
  } catch (error) {
    throw new Unsupported(`cannot read timestamps. ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readMissing(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const millis = timestampReader('auto').read(value);
  return Number.isNaN(millis) ? undefined : millis;
}

function granularityOf(spec: unknown, use: 'segmentGranularity' | 'queryGranularity', otherwise: string): Granularity {
  const result = parseGranularity(at(spec, use) ?? otherwise, use);
  if (!result.ok) throw new Unsupported(`cannot cut time so. ${result.reason}`);
  return result.granularity;
}

const columnTypes: Readonly<Record<string, ColumnType>> = {
  string: 'STRING',
  long: 'LONG',
  double: 'DOUBLE',
  float: 'FLOAT',
};

function readDimensions(spec: unknown): Dimension[] {
  if (at(spec, 'useSchemaDiscovery') === true) throw new Unsupported('does not discover schemas (useSchemaDiscovery).');
  refuse('spatial dimensions', at(spec, 'spatialDimensions'));
  const dimensions = at(spec, 'dimensions');
  return (Array.isArray(dimensions) ? (dimensions as unknown[]) : []).map(readDimension);
}

function readDimension(dimension: unknown): Dimension {
  if (typeof dimension === 'string') return { name: dimension, type: 'STRING' };
  const [name, type] = [at(dimension, 'name'), at(dimension, 'type') ?? 'string'];
  const columnType = typeof type === 'string' ? columnTypes[type.toLowerCase()] : undefined;
  if (!isJsonObject(dimension) || typeof name !== 'string' || columnType === undefined) {
    throw new Unsupported(
      `has no dimension ${JSON.stringify(dimension)}. Its dimensions are of the types string, long, double and float.`,
    );
  }
  return { name, type: columnType };
}

function excludedNames(
  spec: unknown,
  timestampColumn: string,
  dimensions: readonly Dimension[],
  aggregators: readonly Aggregator[],
): Set<string> {
  const given = at(spec, 'dimensionExclusions');
  const excluded = new Set<string>(['__time', timestampColumn]);
  for (const name of Array.isArray(given) ? (given as unknown[]) : []) excluded.add(String(name));
  for (const { name, fieldName } of aggregators) {
    excluded.add(name);
    if (fieldName !== undefined) excluded.add(fieldName);
  }
  for (const { name } of dimensions) excluded.delete(name);
  return excluded;
}
