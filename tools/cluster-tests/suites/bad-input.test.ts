import { describe, expect, it } from 'vitest';
import { countUntil, sql } from '../src/druid.js';
import { flights } from '../src/flights.js';
import { configFile, Push } from '../src/push.js';

const hour = 3_600_000;
const good = 10_000;

describe('bad input', () => {
  it('is counted by reason, and every good event is there', async () => {
    const now = Date.now();
    const [example] = await flights(1, now, now + 1);
    const event = (time: unknown): string => JSON.stringify({ ...example, time });
    const iso = (millis: number): string => new Date(millis).toISOString();
    const bad: readonly [reason: string, line: string][] = [
      ['unparseable', '{"time": '],
      ['unparseable', 'not JSON at all'],
      ['unparseable', '[1, 2]'],
      ['unparseable', '"text"'],
      ['unparseable', '{"time":"2026-01-01T00:00:00Z"} trailing'],
      ['unparseable', event('yesterday')],
      ['unparseable', event(null)],
      ['unparseable', event('')],
      ['unparseable', JSON.stringify({ origin: 'SFO' })],
      ['late', event(iso(now - 3 * hour))],
      ['late', event('1999-12-31T23:59:59Z')],
      ['late', event(0)],
      ['early', event(iso(now + 3 * hour))],
      ['early', event('2999-01-01')],
    ];
    const repeats = 50;
    const lines = (await flights(good, now - 60_000, now)).map((flight) => JSON.stringify(flight));
    for (let index = 0; index < bad.length * repeats; index++) {
      lines.splice((index * 13) % lines.length, 0, bad[index % bad.length]?.[1] ?? '');
    }
    const counts = (reason: string): number => bad.filter(([each]) => each === reason).length * repeats;

    const config = await configFile('dirty', { segmentGranularity: 'HOUR', windowPeriod: 'PT30M' });
    const result = await new Push(['-configFile', config], [lines.join('\r\n')]).result();

    expect(result).toMatchObject({
      code: 0,
      summary: {
        read: good + bad.length * repeats,
        sent: good,
        dropped: { unparseable: counts('unparseable'), late: counts('late'), early: counts('early') },
        failed: 0,
      },
    });
    expect(result.stderr).toMatch(/stdin:\d+: unparseable: /);
    expect(result.stderr).toMatch(/stdin:\d+: late: Its time is/);
    expect(await countUntil('dirty', good)).toBe(good);
  });

  it('in odd but readable forms is read by Druid as we read it', async () => {
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
  });
});
