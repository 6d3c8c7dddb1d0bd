import { numberedFile as fileOf } from '@tranquility-js/conformance';
import { endpoints } from './cluster.js';
import { sql } from './druid.js';

/** What SQL says of numbered rows. */
export async function numberedIn(dataSource: string): Promise<{ rows: number; sum: number }> {
  try {
    const [row] = await sql(`SELECT COUNT(*) AS c, SUM("n") AS s FROM "${dataSource}"`);
    return { rows: Number(row?.['c'] ?? 0), sum: Number(row?.['s'] ?? 0) };
  } catch {
    // While tasks change places, Druid fails queries for a moment.
    return { rows: -1, sum: -1 };
  }
}

/** A config file for numbered rows in the shared Druid. */
export function numberedFile(
  dataSource: string,
  dimensions: readonly string[],
  properties: Readonly<Record<string, unknown>>,
): object {
  return fileOf(dataSource, dimensions, { 'druid.overlord.urls': endpoints().overlord, ...properties });
}
