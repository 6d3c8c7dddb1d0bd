import { at, isJsonObject, type JsonObject } from '../json.js';
import { metricValue, toLong } from './metric-value.js';
import { Unsupported } from './unsupported.js';

/** The types of a column, by Druid's names. */
export type ColumnType = 'STRING' | 'LONG' | 'DOUBLE' | 'FLOAT';

/** Druid's way to make one number of many. */
export interface Aggregator {
  readonly name: string;
  readonly type: ColumnType;
  /** The field that it reads; `undefined` if it counts rows. */
  readonly fieldName: string | undefined;
  /** The number of one row; null if it has none. */
  read(row: JsonObject): number | null;
  /** Joins two numbers; also those of parts that were rolled up before. */
  join(a: number, b: number): number;
  /** The function of SQL that joins. */
  readonly sql: 'sum' | 'min' | 'max';
}

const types = { long: 'LONG', double: 'DOUBLE', float: 'FLOAT' } as const;
const casts = { long: toLong, double: (value: number) => value, float: Math.fround };
const joins = {
  Sum: { sql: 'sum', join: (a: number, b: number) => a + b },
  Min: { sql: 'min', join: Math.min },
  Max: { sql: 'max', join: Math.max },
} as const;

/**
 * The aggregators of a metricsSpec.
 * @throws Unsupported for those that the sandbox cannot do as Druid does.
 */
export function readAggregators(metricsSpec: unknown): Aggregator[] {
  return (Array.isArray(metricsSpec) ? (metricsSpec as unknown[]) : []).map(readAggregator);
}

function readAggregator(spec: unknown): Aggregator {
  const [type, name] = [at(spec, 'type'), at(spec, 'name')];
  if (!isJsonObject(spec) || typeof type !== 'string' || typeof name !== 'string') {
    throw new Unsupported(`reads no aggregator from ${JSON.stringify(spec)}: it must have a type and a name.`);
  }
  if (type === 'count') {
    return { name, type: 'LONG', fieldName: undefined, read: () => 1, join: joins.Sum.join, sql: 'sum' };
  }
  const [, number, join] = /^(long|double|float)(Sum|Min|Max)$/.exec(type) ?? [];
  const fieldName = spec['fieldName'];
  if (number === undefined || join === undefined || typeof fieldName !== 'string') {
    const why = typeof fieldName === 'string' ? '' : ', or one without a fieldName';
    throw new Unsupported(
      `has no aggregator "${type}"${why} (metric "${name}"). It has count, and Sum, Min and Max of long, double and float.`,
    );
  }
  return numeric(name, fieldName, number as keyof typeof types, join as keyof typeof joins);
}

function numeric(name: string, fieldName: string, number: keyof typeof types, how: keyof typeof joins): Aggregator {
  const cast = casts[number];
  const { join, sql } = joins[how];
  return {
    name,
    type: types[number],
    fieldName,
    sql,
    read: (row) => {
      const value = metricValue(row[fieldName]);
      return value === null ? null : cast(value);
    },
    join: number === 'float' ? (a, b) => Math.fround(join(a, b)) : join,
  };
}
