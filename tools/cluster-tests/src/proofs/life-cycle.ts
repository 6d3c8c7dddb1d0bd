import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { peons } from '../cluster.js';
import { configFile, grid } from '../config.js';
import { servedByHistoricals, tasksByBucket, tasksOf, until } from '../druid.js';
import { flights } from '../flights.js';
import { Flow } from '../flow.js';
import { assertOneSetOfTasks } from '../partitions.js';
import type { Proof } from '../proof.js';
import { assertDelivered, Push } from '../push.js';
import { assertInDruid } from '../sums.js';

const minute = 60_000;
/** The push goes on for so long into its last minute: not so long that the next one is warmed. */
const intoLast = 8;
const sizes = {
  small: { perSecond: 200, turns: 1, perBucket: 1, properties: {} },
  full: { perSecond: 4_000, turns: 4, perBucket: 4, properties: grid },
};

export const lifeCycle: Proof = {
  name: 'life-cycle',
  promise: 'Segments of a minute are made ahead of time, filled, handed over to a historical, and their tasks end',
  cases: [
    {
      name: 'while events come without a pause',
      async run({ size, tell, dataSource }) {
        const { perSecond, turns, perBucket, properties } = sizes[size];
        const name = dataSource('life_cycle');
        const config = await configFile(name, {
          segmentGranularity: 'MINUTE',
          windowPeriod: 'PT10S',
          properties: { 'task.warmingPeriod': 'PT20S', 'druidBeam.firehoseGracePeriod': 'PT5S', ...properties },
        });
        const secondsLeft = 60 - (Date.now() % minute) / 1000;
        if (secondsLeft < 20) await sleep(secondsLeft * 1000);
        const start = Date.now();
        const seconds = Math.round(60 - (start % minute) / 1000) + (turns - 1) * 60 + intoLast;
        const count = perSecond * seconds;
        const flow = new Flow(await flights(count, 0, 1), { perSecond, count });

        tell(`Pushing ${perSecond} flights a second for ${seconds} seconds, over ${turns} turns of a minute`);
        const result = await new Push(['-configFile', config], flow).result();
        assertDelivered(result, count);
        assert.equal(await assertOneSetOfTasks(name, perBucket), turns + 1, 'buckets with tasks');

        const buckets = await tasksByBucket(name);
        const ahead: number[] = [];
        for (const [bucket, tasks] of [...buckets].slice(1)) {
          for (const { id, createdTime } of tasks) {
            const millis = Date.parse(bucket) - Date.parse(createdTime);
            assert.ok(millis > 0, `${id} was created ${-millis} ms after its bucket began`);
            ahead.push(millis);
          }
        }

        tell(`Waiting until ${buckets.size} segments are handed over and their tasks have ended`);
        const ended = await until(
          () => tasksOf(name),
          (tasks) => [...tasks.values()].every(({ statusCode }) => statusCode !== 'RUNNING'),
          180_000,
        );
        for (const { id, statusCode } of ended.values()) assert.equal(statusCode, 'SUCCESS', id);
        const served = await until(
          () => servedByHistoricals(name),
          (segments) => segments.size === buckets.size,
          60_000,
        );
        assert.deepEqual([...served.keys()].sort(), [...buckets.keys()].sort(), 'segments that historicals serve');
        const left = await until(peons, (running) => running.every(({ taskId }) => !ended.has(taskId)), 30_000);
        assert.deepEqual(
          left.filter(({ taskId }) => ended.has(taskId)),
          [],
          'processes of ended tasks',
        );
        await assertInDruid(name, flow.given);
        return {
          events: count,
          segments: served.size,
          tasks: ended.size,
          'tasks were created ahead by, at least (s)': Math.min(...ahead) / 1000,
          'handed over after the last push (s)': Math.round((Date.now() - start) / 1000 - seconds),
        };
      },
    },
  ],
};
