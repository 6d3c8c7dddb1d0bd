import { strict as assert } from 'node:assert';
import { sql, until } from './druid.js';
import { numberedFile, numberedIn } from './pull.js';
import { temporaryFile } from './temporary.js';

/** An event with a number that no other has: that none is missing or twice shows in numbers. About 200 bytes as JSON. */
export interface NumberedEvent {
  readonly time: number;
  readonly n: number;
  /** Which life of the process that sent it; for those that may be sent again. */
  readonly life: number;
  readonly page: string;
  readonly note: string;
}

const note = 'The quick brown fox jumps over the lazy dog, and the lazy dog does not mind at all, as it is used to it.';

export function numberedEvent(n: number, life = 0): NumberedEvent {
  return { time: Date.now(), n, life, page: `page ${n % 10}`, note };
}

/** Events of these numbers, made as they are taken. */
export function* numberedEvents(from: number, to: number): Generator<NumberedEvent, void, undefined> {
  for (let n = from; n < to; n++) yield numberedEvent(n);
}

/** The dimensions that a config for numbered events has, if nothing else is said. */
export const numberedDimensions = ['page', 'note', 'life'];

/** A config for numbered events as a file, as a user would write it: nothing in it says by which lane they go. */
export async function numberedConfigFile(
  dataSource: string,
  properties: Readonly<Record<string, string>>,
): Promise<string> {
  const config = numberedFile(dataSource, numberedDimensions, properties);
  return temporaryFile(`${dataSource}.json`, [JSON.stringify(config, null, '\t')]);
}

/** How many rows SQL finds; below 0 while tasks change places and Druid fails the query. */
export const rowsOf = async (dataSource: string): Promise<number> => (await numberedIn(dataSource)).rows;

/** Numbers that one exact query can tell apart within a worker's buffer. */
export const distinctAtOnce = 200_000;

/** Waits until Druid has the numbers from 0 up to a count, each once. */
export async function assertNumbered(dataSource: string, count: number, millis: number): Promise<void> {
  assert.equal(
    await until(
      () => rowsOf(dataSource),
      (found) => found === count,
      millis,
    ),
    count,
    'rows',
  );
  const [sums] = await sql(`SELECT SUM("n") AS s, MIN("n") AS low, MAX("n") AS high FROM "${dataSource}"`);
  assert.deepEqual(
    [sums?.['s'], sums?.['low'], sums?.['high']].map(Number),
    [(count * (count - 1)) / 2, 0, count - 1],
    'sum, least and greatest number',
  );
  let distinct = 0;
  for (let from = 0; from < count; from += distinctAtOnce) {
    const query = `SELECT COUNT(DISTINCT "n") AS d FROM "${dataSource}" WHERE "n" >= ${from} AND "n" < ${from + distinctAtOnce}`;
    const [row] = await sql(query, { useApproximateCountDistinct: false });
    distinct += Number(row?.['d'] ?? 0);
  }
  assert.equal(distinct, count, 'distinct numbers');
}
