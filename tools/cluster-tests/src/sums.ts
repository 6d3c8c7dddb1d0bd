import { strict as assert } from 'node:assert';
import { countUntil, sql } from './druid.js';
import type { Flight } from './flights.js';

type Dimension = 'origin' | 'destination';

interface Sums {
  count: number;
  delay: number;
  distance: number;
}

/**
 * Waits until Druid counts all events, and compares the sums of every value of the dimensions with those of what was sent.
 * @throws AssertionError when they differ.
 */
export async function assertInDruid(
  dataSource: string,
  sent: readonly Flight[],
  dimensions: readonly Dimension[] = ['origin'],
  millis = 120_000,
): Promise<void> {
  assert.equal(await countUntil(dataSource, sent.length, millis), sent.length, `events of ${dataSource} in Druid`);
  for (const dimension of dimensions) {
    assert.deepEqual(await sumsInDruid(dataSource, dimension), sumsOf(sent, dimension), `sums by ${dimension}`);
  }
}

function sumsOf(sent: readonly Flight[], dimension: Dimension): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const flight of sent) {
    const sum = sums.get(flight[dimension]) ?? { count: 0, delay: 0, distance: 0 };
    sum.count++;
    sum.delay += flight.delay;
    sum.distance += flight.distance;
    sums.set(flight[dimension], sum);
  }
  return sums;
}

async function sumsInDruid(dataSource: string, dimension: Dimension): Promise<Map<string, Sums>> {
  const rows = await sql(
    `SELECT "${dimension}" AS name, SUM("count") AS c, SUM(delay) AS delay, SUM(distance) AS distance FROM "${dataSource}" GROUP BY 1`,
  );
  const number = (value: unknown): number => Number(value);
  return new Map(
    rows.map((row) => [
      String(row['name']),
      { count: number(row['c']), delay: number(row['delay']), distance: number(row['distance']) },
    ]),
  );
}
