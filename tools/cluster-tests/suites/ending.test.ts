import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { peons } from '../src/cluster.js';
import { countOf, countUntil, until } from '../src/druid.js';
import { configFile, Push } from '../src/push.js';

const line = (): string =>
  `${JSON.stringify({ time: new Date().toISOString(), origin: 'SFO', destination: 'JFK', delay: 1, distance: 2 })}\n`;

describe('ends before the input does', () => {
  it('by Ctrl-C: what was read is in Druid', async () => {
    const config = await configFile('interrupted', { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' });
    const push = new Push(['-configFile', config], endlessly());
    await until(
      () => countOf('interrupted'),
      (count) => count > 0,
      90_000,
    );
    push.process.kill('SIGINT');

    const { code, summary } = await push.result();

    expect(code).toBe(130);
    expect(summary).toMatchObject({ dropped: {}, failed: 0, interrupted: true });
    expect(summary?.sent).toBe(summary?.read);
    expect(await countUntil('interrupted', summary?.sent ?? -1)).toBe(summary?.sent);
  });

  it('by the death of a task without a replica: says so, and counts what was not delivered', async () => {
    const config = await configFile('killed', { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' });
    const push = new Push(['-configFile', config], endlessly(60));
    await until(
      () => countOf('killed'),
      (count) => count > 0,
      90_000,
    );
    const peon = (await peons()).find(({ taskId }) => taskId.includes('_killed_'));
    process.kill(peon?.pid ?? NaN, 'SIGKILL');

    const { code, summary, stderr } = await push.result();

    expect(code).toBe(1);
    expect(summary?.failed).toBeGreaterThan(0);
    expect(summary?.read).toBe((summary?.sent ?? 0) + (summary?.failed ?? 0));
    expect(stderr).toContain(`The task ${String(peon?.taskId)} failed`);
  });
});

/** Some events ten times a second. */
async function* endlessly(seconds = Infinity): AsyncGenerator<string> {
  for (let tenth = 0; tenth < seconds * 10; tenth++) {
    yield line().repeat(20);
    await sleep(100);
  }
}
