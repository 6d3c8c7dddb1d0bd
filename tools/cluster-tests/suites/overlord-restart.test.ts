import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { service } from '../src/cluster.js';
import { countUntil, tasksOf } from '../src/druid.js';
import { configFile, Push } from '../src/push.js';

const perSecond = 500;
const seconds = 110;

describe('an overlord that is stopped and started again during a push', () => {
  it('loses nothing, although segments begin while it is away', async () => {
    const config = await configFile('restart', {
      segmentGranularity: 'MINUTE',
      windowPeriod: 'PT2M',
      properties: { 'druidBeam.firehoseGracePeriod': 'PT30S' },
    });
    const push = new Push(['-configFile', config], steadily());

    // It is away over the turn of a minute, so that a task must be created while nobody answers.
    await sleep(15_000);
    await sleep((60_000 - (Date.now() % 60_000) + 50_000) % 60_000);
    await service('coordinator', 'stop');
    await sleep(20_000);
    await service('coordinator', 'start');

    const result = await push.result();
    const events = perSecond * seconds;
    expect(result).toMatchObject({ code: 0, summary: { read: events, sent: events, dropped: {}, failed: 0 } });
    expect(await countUntil('restart', events, 120_000)).toBe(events);
    const tasks = await tasksOf('restart');
    expect(tasks.size).toBeGreaterThanOrEqual(2);
    expect([...tasks.values()]).not.toContain('FAILED');
  });
});

async function* steadily(): AsyncGenerator<string> {
  const start = Date.now();
  for (let second = 0; second < seconds; second++) {
    await sleep(Math.max(0, start + second * 1000 - Date.now()));
    const event = { time: new Date().toISOString(), origin: 'SFO', destination: 'JFK', delay: 1, distance: 2 };
    yield `${JSON.stringify(event)}\n`.repeat(perSecond);
  }
}
