import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { peons } from '../src/cluster.js';
import { countUntil, servedByHistoricals, sql, tasksOf, until } from '../src/druid.js';
import { flights } from '../src/flights.js';
import { configFile, Push } from '../src/push.js';

const events = 5_000;
const minute = 60_000;

describe('the life of a segment of a minute', () => {
  it('is handed over to a historical, its task ends, and the counts stay the same', async () => {
    await sleep(minute - (Date.now() % minute));
    const start = Date.now() - (Date.now() % minute);
    const sent = await flights(events, start, start + minute / 2);
    const config = await configFile('minutes', {
      segmentGranularity: 'MINUTE',
      windowPeriod: 'PT30S',
      properties: { 'druidBeam.firehoseGracePeriod': 'PT10S' },
    });
    const query = `SELECT origin, SUM("count") AS c, SUM(delay) AS delay FROM minutes GROUP BY 1 ORDER BY 1`;

    const result = await new Push(
      ['-configFile', config],
      sent.map((flight) => `${JSON.stringify(flight)}\n`),
    ).result();
    expect(result).toMatchObject({ code: 0, summary: { sent: events, dropped: {}, failed: 0 } });
    expect(await countUntil('minutes', events)).toBe(events);
    const whileRealtime = await sql(query);
    const id = `index_realtime_minutes_${new Date(start).toISOString()}_0_0`;
    expect([...(await tasksOf('minutes'))]).toEqual([[id, 'RUNNING']]);
    expect((await peons()).map((peon) => peon.taskId)).toContain(id);

    const ended = await until(
      () => tasksOf('minutes'),
      (tasks) => tasks.get(id) !== 'RUNNING',
      240_000,
    );
    expect([...ended]).toEqual([[id, 'SUCCESS']]);
    const served = await until(
      () => servedByHistoricals('minutes'),
      (segments) => segments.size > 0,
      60_000,
    );
    expect([...served.keys()]).toEqual([new Date(start).toISOString()]);
    const left = await until(peons, (running) => running.every((peon) => peon.taskId !== id), 30_000);
    expect(left.map((peon) => peon.taskId)).not.toContain(id);
    expect(await countUntil('minutes', events)).toBe(events);
    expect(await sql(query)).toEqual(whileRealtime);
  });
});
