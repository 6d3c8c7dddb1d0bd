import { describe, expect, it } from 'vitest';
import { configFile } from '../src/config.js';
import { countUntil, endTasks, sql } from '../src/druid.js';
import { badInput } from '../src/proofs/bad-input.js';
import { Push } from '../src/push.js';
import { suiteOf } from '../src/suite-of.js';

const hour = 3_600_000;

suiteOf(badInput);

describe('times in odd but readable forms', () => {
  it('are read by Druid as we read them', async () => {
    const now = Date.now() - (Date.now() % 1000);
    const times = [
      new Date(now).toISOString(),
      now,
      String(now),
      now + 0.5,
      new Date(now).toISOString().replace('T', ' ').replace('Z', ''),
      `${new Date(now + 2 * hour).toISOString().replace('Z', '')}+02:00`,
      ` "${new Date(now).toISOString()}" `.trim(),
    ];
    const config = await configFile('odd', { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' });
    const lines = times.map((time, index) =>
      JSON.stringify({ time, origin: `o${index}`, destination: 'x', delay: 1, distance: 1 }),
    );

    const result = await new Push(['-configFile', config], [lines.join('')]).result();

    expect(result).toMatchObject({ code: 0, summary: { sent: times.length, dropped: {}, failed: 0 } });
    expect(await countUntil('odd', times.length)).toBe(times.length);
    const rows = await sql('SELECT origin, MAX(__time) AS t FROM odd GROUP BY 1 ORDER BY 1');
    expect(rows.map((row) => Date.parse(String(row['t'])))).toEqual(times.map(() => now));
    await endTasks('odd');
  });
});
