import { isDeepStrictEqual } from 'node:util';
import { numberedFile as fileOf } from '@tranquility-js/conformance';
import { endpoints } from './cluster.js';
import { sql, until } from './druid.js';

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

/** What SQL says of so many, all there once. */
export const tallyOf = (count: number): { rows: number; sum: number } => ({
  rows: count,
  sum: (count * (count - 1)) / 2,
});

/** What SQL says of numbered rows as soon as they are so many; what it says in the end else. While tasks begin, Druid may count rows, and have no sum yet. */
export function numberedUntil(
  dataSource: string,
  count: number,
  millis = 90_000,
): Promise<{ rows: number; sum: number }> {
  return until(
    () => numberedIn(dataSource),
    (tally) => isDeepStrictEqual(tally, tallyOf(count)),
    millis,
  );
}

/** A config file for numbered rows in the shared Druid. */
export function numberedFile(
  dataSource: string,
  dimensions: readonly string[],
  properties: Readonly<Record<string, unknown>>,
): object {
  return fileOf(dataSource, dimensions, { 'druid.overlord.urls': endpoints().overlord, ...properties });
}
