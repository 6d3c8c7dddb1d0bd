import { strict as assert } from 'node:assert';
import { configFile, coordinatedBy, grid, modes, tasksOfGrid, type Mode } from '../config.js';
import { countUntil, sql, tasksByBucket, tasksOf, until } from '../druid.js';
import { flights } from '../flights.js';
import { Flow } from '../flow.js';
import { assertOneSetOfTasks, untilHeldBy } from '../partitions.js';
import type { Case, Proof } from '../proof.js';
import { assertDelivered, Push } from '../push.js';
import { TwoBuckets, twoHours } from '../two-buckets.js';

const sizes = {
  small: { perSecond: 1_000, seconds: 10 },
  full: { perSecond: 5_000, seconds: 60 },
};

export const newSchema: Proof = {
  name: 'new-schema',
  promise:
    'A second instance with more columns changes nothing in the running bucket, and its columns begin with the next',
  cases: modes.map(extended),
};

/** The first instance knows origins and delays; the second, which is started beside it, destinations and distances too. */
function extended(mode: Mode): Case {
  return {
    name: `coordinated by ${mode}`,
    async run({ size, tell, dataSource }) {
      const { perSecond, seconds } = sizes[size];
      const table = dataSource(`schema_${mode}`);
      const properties = { ...coordinatedBy(mode), ...grid };
      const old = await configFile(table, { ...twoHours, dimensions: ['origin'], sums: ['delay'], properties });
      const extended = await configFile(table, { ...twoHours, properties });
      const count = perSecond * seconds;
      const sent = await flights(2 * count, 0, 1);

      tell(`The first instance pushes ${count} events, all of this bucket`);
      const before = new TwoBuckets();
      const first = new Push(
        ['-configFile', old],
        new Flow(sent.slice(0, count), { perSecond, count, timeOf: before.timeOf }),
      );
      await untilHeldBy(table, tasksOfGrid);
      const tasks = [...(await tasksOf(table)).keys()].sort();
      assert.equal(tasks.length, tasksOfGrid);
      tell(`The second pushes ${count}, half of them of the next bucket`);
      const buckets = new TwoBuckets();
      buckets.turn();
      const second = new Push(
        ['-configFile', extended],
        new Flow(sent.slice(count), { perSecond, count, timeOf: buckets.timeOf }),
      );
      const [ofFirst, ofSecond] = await Promise.all([first.result(), second.result()]);
      assertDelivered(ofFirst, count);
      assertDelivered(ofSecond, count);
      assert.match(ofSecond.stderr, /was created with other columns; ours take effect with the next segment/);

      const total = 2 * count;
      assert.equal(await countUntil(table, total), total, 'events in Druid');
      assert.equal(await assertOneSetOfTasks(table, tasksOfGrid), 2, 'buckets with tasks');
      const [ofRunning = []] = [...(await tasksByBucket(table)).values()];
      assert.deepEqual(ofRunning.map(({ id }) => id).sort(), tasks, 'tasks of the running bucket');

      tell('Looking for the new columns in SQL, bucket by bucket');
      const later = sent.slice(count).filter((_, index) => index % 2 === 1);
      const columns = await until(
        () =>
          sql(
            `SELECT SUM("count") AS n, COUNT(destination) AS destinations, SUM(distance) AS distance
             FROM "${table}" GROUP BY TIME_FLOOR(__time, 'PT1H') ORDER BY TIME_FLOOR(__time, 'PT1H')`,
          ),
        (rows) => rows.length === 2,
        30_000,
      );
      const [running, next] = columns.map((row) => ({ ...row, destinations: Number(row['destinations']) }));
      assert.deepEqual(running, { n: total - later.length, destinations: 0, distance: null });
      const distance = later.reduce((sum, flight) => sum + flight.distance, 0);
      assert.deepEqual({ ...next, destinations: 0 }, { n: later.length, destinations: 0, distance });
      const byDestination = await sql(
        `SELECT destination, SUM("count") AS n FROM "${table}" WHERE destination IS NOT NULL GROUP BY 1`,
      );
      assert.equal(byDestination.length, new Set(later.map((flight) => flight.destination)).size, 'destinations');
      return { events: total, 'with the new columns': later.length, 'tasks of each bucket': tasksOfGrid };
    },
  };
}
