import { strict as assert } from 'node:assert';
import { sql, tasksByBucket, until } from './druid.js';
import { groupBy } from './group-by.js';
import type { Figures } from './proof.js';

/** A task's share of a segment, while it is not handed over. */
interface Holder {
  readonly server: string;
  readonly start: string;
  readonly end: string;
  readonly version: string;
  readonly partition: number;
}

/** How many events each row of a segment stands for, by what the rows are rolled up by. */
type Rows = ReadonlyMap<string, number>;

/**
 * Asks every task for its rows: replicas hold the same, and no tuple of time and dimensions is in two partitions of a bucket,
 * so that all its events were rolled up together.
 * @throws AssertionError when that is not so, or tasks are missing or too many.
 */
export async function assertPartitioned(
  dataSource: string,
  expected: { readonly events: number; readonly partitions: number; readonly replicants: number },
): Promise<Figures> {
  const { events, partitions, replicants } = expected;
  const holders = await holdersOf(dataSource);
  const shares: number[] = [];
  let tuples = 0;
  const buckets = groupBy(holders, ({ start }) => start);
  for (const [start, ofBucket] of buckets) {
    const seen = new Map<string, number>();
    const byPartition = groupBy(ofBucket, ({ partition }) => partition);
    for (const [partition, replicas] of byPartition) {
      assert.equal(replicas.length, replicants, `replicas that hold partition ${partition} of ${start}`);
      const [first, ...others] = await Promise.all(replicas.map((replica) => rowsOf(dataSource, replica)));
      for (const other of others) assert.deepEqual(other, first, `rows of the replicas of partition ${partition}`);
      for (const [tuple, count] of first ?? []) {
        assert.equal(seen.has(tuple), false, `${tuple} of ${start} is in two partitions`);
        seen.set(tuple, count);
      }
      shares[partition] = (shares[partition] ?? 0) + total(first);
    }
    assert.equal(byPartition.size, partitions, `partitions of ${start}`);
    tuples += seen.size;
  }
  assert.equal(
    shares.reduce((sum, share) => sum + share, 0),
    events,
    'events that the partitions hold',
  );
  await assertOneSetOfTasks(dataSource, partitions * replicants);
  return { buckets: buckets.size, tuples, 'events by partition': shares.join(' + ') };
}

/**
 * Waits until so many tasks hold rows: from then on none of them is only starting.
 * @throws AssertionError when that takes longer than a minute and a half.
 */
export async function untilHeldBy(dataSource: string, tasks: number): Promise<void> {
  const holders = await until(
    () => holdersOf(dataSource),
    ({ length }) => length === tasks,
    90_000,
  );
  assert.equal(holders.length, tasks, `tasks that hold rows of ${dataSource}`);
}

/**
 * The number of tasks of each bucket is just what it should be.
 * @throws AssertionError with the ids of the tasks.
 */
export async function assertOneSetOfTasks(dataSource: string, size: number): Promise<number> {
  const buckets = await tasksByBucket(dataSource);
  for (const [start, tasks] of buckets) {
    const ids = tasks.map(({ id }) => id);
    assert.equal(ids.length, size, `tasks of ${dataSource} for ${start}: ${ids.join(', ')}`);
  }
  return buckets.size;
}

async function holdersOf(dataSource: string): Promise<Holder[]> {
  const rows = await sql(
    `SELECT link.server, seg."start", seg."end", seg.version, seg.partition_num AS "partition"
     FROM sys.segments seg JOIN sys.server_segments link ON link.segment_id = seg.segment_id
     WHERE seg.datasource = '${dataSource}' AND seg.is_realtime = 1`,
  );
  return rows as unknown as Holder[];
}

async function rowsOf(dataSource: string, { server, start, end, version, partition }: Holder): Promise<Rows> {
  const response = await fetch(`http://${server}/druid/v2`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      queryType: 'groupBy',
      dataSource,
      intervals: { type: 'segments', segments: [{ itvl: `${start}/${end}`, ver: version, part: partition }] },
      granularity: 'minute',
      dimensions: ['origin', 'destination'],
      aggregations: [{ type: 'longSum', name: 'n', fieldName: 'count' }],
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`The task at ${server} answered ${response.status}: ${text}`);
  const rows = JSON.parse(text) as { timestamp: string; event: { origin: string; destination: string; n: number } }[];
  return new Map(rows.map(({ timestamp, event }) => [`${timestamp} ${event.origin} ${event.destination}`, event.n]));
}

const total = (rows: Rows | undefined): number => [...(rows?.values() ?? [])].reduce((sum, count) => sum + count, 0);
