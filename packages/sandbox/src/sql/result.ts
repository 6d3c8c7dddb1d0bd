import type { DuckDBResultReader } from '@duckdb/node-api';
import { iso } from '../store/segment-id.js';

/** What a query gave. Values are texts, numbers, bigints, booleans or null. */
export interface SqlResult {
  readonly columns: readonly string[];
  readonly types: readonly SqlColumnType[];
  readonly rows: readonly (readonly unknown[])[];
}

interface SqlColumnType {
  /** Druid's own type, such as LONG. */
  readonly native: string;
  /** That of SQL, such as BIGINT. */
  readonly sql: string;
}

const typeNames: Readonly<Record<string, SqlColumnType>> = {
  TIMESTAMP: { native: 'LONG', sql: 'TIMESTAMP' },
  'TIMESTAMP WITH TIME ZONE': { native: 'LONG', sql: 'TIMESTAMP' },
  DATE: { native: 'LONG', sql: 'DATE' },
  VARCHAR: { native: 'STRING', sql: 'VARCHAR' },
  BOOLEAN: { native: 'LONG', sql: 'BOOLEAN' },
  TINYINT: { native: 'LONG', sql: 'INTEGER' },
  SMALLINT: { native: 'LONG', sql: 'INTEGER' },
  INTEGER: { native: 'LONG', sql: 'INTEGER' },
  BIGINT: { native: 'LONG', sql: 'BIGINT' },
  HUGEINT: { native: 'LONG', sql: 'BIGINT' },
  FLOAT: { native: 'FLOAT', sql: 'FLOAT' },
  DOUBLE: { native: 'DOUBLE', sql: 'DOUBLE' },
};

/** Reads what the database gave. Names of columns that the query does not name are Druid's, such as `EXPR$0`. */
export function readResult(reader: DuckDBResultReader, columns: readonly string[]): SqlResult {
  const types = reader.columnTypes().map((type) => {
    const name = String(type);
    return (
      typeNames[name] ??
      (name.startsWith('DECIMAL') ? { native: 'DOUBLE', sql: 'DECIMAL' } : { native: 'STRING', sql: 'OTHER' })
    );
  });
  const rows = reader.getRows().map((row) => row.map((value, index) => plain(value, types[index]?.sql ?? '')));
  return { columns, types, rows };
}

function plain(value: unknown, type: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint')
    return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return String(value);
    return type === 'FLOAT' ? shortestFloat(value) : value;
  }
  if (typeof value !== 'object') return null;
  if ('micros' in value && type === 'TIMESTAMP') return iso(Number((value.micros as bigint) / 1000n));
  if ('days' in value && type === 'DATE') return iso((value.days as number) * 86_400_000);
  // DuckDB's values of other types have texts of their own.
  const text = (value as { toString(): string }).toString();
  return type === 'DECIMAL' ? Number(text) : text;
}

/** The shortest number that is the same as a float of 32 bits, as Java prints it. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return Number(value.toPrecision(9));
}

/** The value as JSON; a bigint in all its digits. */
export function jsonOf(value: unknown): string {
  return typeof value === 'bigint' ? value.toString() : JSON.stringify(value);
}
