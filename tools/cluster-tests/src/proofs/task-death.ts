import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { peons, service } from '../cluster.js';
import { configFile, grid, tasksOfGrid } from '../config.js';
import { countOf, countUntil, tasksOf, until } from '../druid.js';
import { flights } from '../flights.js';
import { Flow } from '../flow.js';
import { assertOneSetOfTasks, untilHeldBy } from '../partitions.js';
import type { Proof } from '../proof.js';
import { assertDelivered, Push, type PushResult } from '../push.js';
import { assertInDruid } from '../sums.js';
import { TwoBuckets, twoHours } from '../two-buckets.js';

/** Events a second, and seconds without the overlord and after what happens. */
const sizes = {
  small: { perSecond: 200, after: 10, away: 10 },
  full: { perSecond: 5_000, after: 60, away: 30 },
};

export const taskDeath: Proof = {
  name: 'task-death',
  promise:
    'A task is killed, or the overlord is away, during a push: what has a replica is there, what has none is counted',
  cases: [
    {
      name: 'one of two replicas is killed: nothing is lost, and the report says which is gone',
      async run({ size, tell, dataSource }) {
        const { perSecond, after } = sizes[size];
        const name = dataSource('mirrored');
        const { flow, killed, result } = await pushAndKill({
          name,
          tasks: tasksOfGrid,
          perSecond,
          after,
          properties: grid,
          tell,
        });
        assertDelivered(result, flow.given.length);
        assert.ok(result.stderr.includes(`The task ${killed} failed`), result.stderr);
        await assertInDruid(name, flow.given);
        assert.equal((await tasksOf(name)).get(killed)?.statusCode, 'FAILED');
        return { events: flow.given.length, killed };
      },
    },
    {
      name: 'the only copy is killed: another task takes its place, and what it had acknowledged is counted as lost',
      async run({ size, tell, dataSource }) {
        const { perSecond, after } = sizes[size];
        const name = dataSource('single');
        const { flow, killed, result } = await pushAndKill({ name, tasks: 1, perSecond, after, properties: {}, tell });
        const { code, summary, stderr } = result;
        const events = flow.given.length;
        const lost = summary?.lost ?? 0;
        assert.equal(code, 1);
        assert.deepEqual([summary?.read, summary?.sent, summary?.failed], [events, events, 0], stderr);
        assert.ok(lost > 0, 'rows that are lost');
        assert.ok(stderr.includes(`It had acknowledged ${lost} rows`), stderr);
        assert.equal(await countUntil(name, events - lost), events - lost, 'events in Druid');
        const tasks = await tasksOf(name);
        assert.equal(tasks.get(killed)?.statusCode, 'FAILED');
        assert.equal(tasks.get(`${killed}_r1`)?.statusCode, 'RUNNING');
        return { events, lost, killed };
      },
    },
    {
      name: 'the overlord is stopped and started, and a bucket begins while it is away: nothing is lost',
      async run({ size, tell, dataSource }) {
        const { perSecond, after, away } = sizes[size];
        const name = dataSource('restart');
        const config = await configFile(name, { ...twoHours, properties: grid });
        const buckets = new TwoBuckets();
        const flow = new Flow(await flights(100_000, 0, 1), { perSecond, timeOf: buckets.timeOf });
        const push = new Push(['-configFile', config], flow);
        await untilHeldBy(name, tasksOfGrid);
        tell(`The overlord goes away for ${away} s`);
        await service('coordinator', 'stop');
        buckets.turn();
        await sleep(away * 1000);
        await service('coordinator', 'start');
        tell(`The overlord is back; pushing for another ${after} s`);
        await sleep(after * 1000);
        flow.end();

        assertDelivered(await push.result(), flow.given.length);
        await assertInDruid(name, flow.given);
        assert.equal(await assertOneSetOfTasks(name, tasksOfGrid), 2, 'buckets with tasks');
        for (const { id, statusCode } of (await tasksOf(name)).values()) assert.equal(statusCode, 'RUNNING', id);
        return { events: flow.given.length, 'tasks of each of the two buckets': tasksOfGrid };
      },
    },
  ],
};

interface Killing {
  readonly name: string;
  /** How many tasks the properties ask for. */
  readonly tasks: number;
  readonly perSecond: number;
  /** Seconds in which events still come afterwards. */
  readonly after: number;
  readonly properties: Readonly<Record<string, string>>;
  readonly tell: (line: string) => void;
}

/** Pushes, and kills the first task of the dataSource when all have rows. */
async function pushAndKill(killing: Killing): Promise<{ flow: Flow; killed: string; result: PushResult }> {
  const { name, tasks, perSecond, after, properties, tell } = killing;
  const config = await configFile(name, { ...twoHours, properties });
  const { timeOf } = new TwoBuckets();
  const flow = new Flow(await flights(100_000, 0, 1), { perSecond, timeOf });
  const push = new Push(['-configFile', config], flow);
  await untilHeldBy(name, tasks);
  await until(
    () => countOf(name),
    (count) => count > perSecond,
    60_000,
  );
  const peon = (await peons()).find(({ taskId }) => taskId.endsWith('_0_0') && taskId.includes(`_${name}_`));
  if (peon === undefined) throw new Error(`No process runs a task of ${name}.`);
  tell(`kill -9 of the process of ${peon.taskId}; pushing for another ${after} s`);
  process.kill(peon.pid, 'SIGKILL');
  await sleep(after * 1000);
  flow.end();
  return { flow, killed: peon.taskId, result: await push.result() };
}
