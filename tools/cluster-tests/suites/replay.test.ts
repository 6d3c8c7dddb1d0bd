import { describe, expect, it } from 'vitest';
import { countUntil, endTasks, sql } from '../src/druid.js';
import { flights, type Flight } from '../src/flights.js';
import { configFile, Push } from '../src/push.js';
import { temporaryFile } from '../src/temporary.js';

const events = 250_000;

interface Sums {
  count: number;
  delay: number;
  distance: number;
}

describe('a file of real events', () => {
  it.each([
    ['one task', 'replay', {}],
    ['two partitions of two replicas', 'grid', { 'task.partitions': '2', 'task.replicants': '2' }],
  ])('is in Druid as it was sent, by count and by sums per dimension value: %s', async (_, dataSource, properties) => {
    const now = Date.now();
    const sent = await flights(events, now - 8 * 60_000, now);
    const file = await temporaryFile('flights.ndjson', sent.map((flight) => JSON.stringify(flight)).join('\n'));
    const config = await configFile(dataSource, { segmentGranularity: 'HOUR', windowPeriod: 'PT30M', properties });

    const result = await new Push(['-configFile', config, file]).result();

    expect(result.stderr).not.toMatch(/error|warning/);
    expect(result).toMatchObject({ code: 0, summary: { read: events, sent: events, dropped: {}, failed: 0, lost: 0 } });
    expect(await countUntil(dataSource, events)).toBe(events);
    for (const dimension of ['origin', 'destination'] as const) {
      expect(await sumsInDruid(dataSource, dimension)).toEqual(sumsOf(sent, dimension));
    }
    await endTasks(dataSource);
  });
});

function sumsOf(sent: readonly Flight[], dimension: 'origin' | 'destination'): Map<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const flight of sent) {
    const sum = sums.get(flight[dimension]) ?? { count: 0, delay: 0, distance: 0 };
    sums.set(flight[dimension], {
      count: sum.count + 1,
      delay: sum.delay + flight.delay,
      distance: sum.distance + flight.distance,
    });
  }
  return sorted(sums);
}

async function sumsInDruid(dataSource: string, dimension: string): Promise<Map<string, Sums>> {
  const rows = await sql(
    `SELECT "${dimension}" AS name, SUM("count") AS c, SUM(delay) AS delay, SUM(distance) AS distance FROM "${dataSource}" GROUP BY 1`,
  );
  const number = (value: unknown): number => Number(value);
  return sorted(
    new Map(
      rows.map((row) => [
        String(row['name']),
        { count: number(row['c']), delay: number(row['delay']), distance: number(row['distance']) },
      ]),
    ),
  );
}

const sorted = <T>(map: Map<string, T>): Map<string, T> => new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
