import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { peons } from '../src/cluster.js';
import { countOf, countUntil, endTasks, tasksOf, until } from '../src/druid.js';
import { configFile, Push } from '../src/push.js';

const seconds = 25;
const perTenth = 20;
const events = seconds * 10 * perTenth;

describe('the death of a task (kill -9 of its process)', () => {
  it('loses nothing when it has a replica, and the report says which is gone', async () => {
    const { result, killed } = await pushAndKill('mirrored', { 'task.replicants': '2' });
    const { code, summary, stderr } = result;

    expect(code).toBe(0);
    expect(summary).toMatchObject({ read: events, sent: events, failed: 0, lost: 0 });
    expect(stderr).toContain(`The task ${killed} failed`);
    expect(await countUntil('mirrored', events)).toBe(events);
    await endTasks('mirrored');
  });

  it('without a replica: another task takes its place, and what it had acknowledged is counted as lost', async () => {
    const { result, killed } = await pushAndKill('single', {});
    const { code, summary, stderr } = result;
    const lost = summary?.lost ?? 0;

    expect(code).toBe(1);
    expect(summary).toMatchObject({ read: events, sent: events, failed: 0 });
    expect(lost).toBeGreaterThan(0);
    expect(stderr).toContain(`It had acknowledged ${lost} rows`);
    expect(await countUntil('single', events - lost)).toBe(events - lost);
    const tasks = await tasksOf('single');
    expect(tasks.get(killed)).toBe('FAILED');
    expect(tasks.get(`${killed}_r1`)).toBe('RUNNING');
    await endTasks('single');
  });
});

async function pushAndKill(dataSource: string, properties: Record<string, string>) {
  const config = await configFile(dataSource, { segmentGranularity: 'HOUR', windowPeriod: 'PT30M', properties });
  const push = new Push(['-configFile', config], steadily());
  await until(
    () => countOf(dataSource),
    (count) => count > perTenth * 10,
    90_000,
  );
  const peon = (await peons()).find(({ taskId }) => taskId.endsWith('_0_0') && taskId.includes(`_${dataSource}_`));
  if (peon === undefined) throw new Error(`No process runs a task of ${dataSource}.`);
  process.kill(peon.pid, 'SIGKILL');
  return { result: await push.result(), killed: peon.taskId };
}

async function* steadily(): AsyncGenerator<string> {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    const event = {
      time: new Date().toISOString(),
      origin: `o${tenth % 7}`,
      destination: 'JFK',
      delay: 1,
      distance: 2,
    };
    yield `${JSON.stringify(event)}\n`.repeat(perTenth);
    await sleep(100);
  }
}
