import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { configFile } from '../src/config.js';
import { countOf, countUntil, endTasks, until } from '../src/druid.js';
import { Push } from '../src/push.js';

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
    await endTasks('interrupted');
  });
});

/** Some events ten times a second. */
async function* endlessly(): AsyncGenerator<string> {
  for (;;) {
    yield line().repeat(20);
    await sleep(100);
  }
}
