import { expect, it } from 'vitest';
import { iso } from './realtime-task.js';
import type { StartTask } from './start-task.js';

const minute = 60_000;

/** What becomes of rows that were pushed. */
export function rowsSuite(start: StartTask): void {
  const metrics = [
    { type: 'longSum', name: 'ls', fieldName: 'n' },
    { type: 'doubleSum', name: 'ds', fieldName: 'n' },
    { type: 'longMin', name: 'lmin', fieldName: 'n' },
    { type: 'doubleMax', name: 'dmax', fieldName: 'n' },
    { type: 'floatSum', name: 'fs', fieldName: 'n' },
  ];

  it('are rolled up by time and dimensions, with numbers read as Druid reads them', async () => {
    const { druid, dataSource, receiver, start: hour } = await start({ metrics });
    const n = (d: unknown, value?: unknown) => ({ t: hour + minute + 5, d, n: value });
    await receiver.push([
      ...[n('x', 1), n('x', 2.7), n('x', '3'), n('x', '3.9'), n('x', 'abc'), n('x'), n('x', null)],
      ...[n('true', true), n(true, -3), n('', 1), { t: hour + minute, n: 2 }, n(null, 3), n(['one'], 3)],
      ...[n({ a: 1, b: 'x', c: [1, { z: null }] }, 3), n(1.5, 3), n(1, 3), n(1e21, 3), n('list', [1, 2])],
      ...[n('nan', 'NaN'), n('e', '1e3'), n('plus', '+5'), n('blank', ' 5 '), n('comma', '1,000'), n('none', '')],
      { t: hour + 2 * minute, d: 'x', n: 1 },
    ]);
    expect(await druid.countUntil(dataSource, 25)).toBe(25);
    const columns = '__time, d, "count", ls, ds, lmin, dmax, fs';
    const rows = await druid.sql(`SELECT ${columns} FROM "${dataSource}"`);
    const table = Object.fromEntries(
      rows.map(({ __time, d, count, ls, ds, lmin, dmax, fs }) => [
        `${String(d)} ${(Date.parse(String(__time)) - hour) / minute}`,
        [count, ls, ds, lmin, dmax, fs],
      ]),
    );
    expect(table).toEqual({
      'x 1': [7, 9, 10.6, 1, 3.9, 10.6],
      'x 2': [1, 1, 1, 1, 1, 1],
      'true 1': [2, -3, -3, -3, -3, -3],
      ' 1': [1, 1, 1, 1, 1, 1],
      'null 1': [2, 5, 5, 2, 3, 5],
      'one 1': [1, 3, 3, 3, 3, 3],
      '{a=1, b=x, c=[1, {z=null}]} 1': [1, 3, 3, 3, 3, 3],
      '1.5 1': [1, 3, 3, 3, 3, 3],
      '1 1': [1, 3, 3, 3, 3, 3],
      '1.0E21 1': [1, 3, 3, 3, 3, 3],
      'list 1': [1, null, null, null, null, null],
      'nan 1': [1, 0, 'NaN', 0, 'NaN', 'NaN'],
      'e 1': [1, 1000, 1000, 1000, 1000, 1000],
      'plus 1': [1, 5, 5, 5, 5, 5],
      'blank 1': [1, 5, 5, 5, 5, 5],
      'comma 1': [1, 1000, 1000, 1000, 1000, 1000],
      'none 1': [1, null, null, null, null, null],
    });
  });

  it('have dimensions of numbers, and are cut to one time by the granularity ALL', async () => {
    const dimensions = ['d', ...['long', 'double', 'float'].map((type) => ({ type, name: type }))];
    const { druid, dataSource, receiver, start: hour } = await start({ dimensions, queryGranularity: 'ALL' });
    await receiver.push([
      { t: hour + 5, d: 'q', long: 1.7, double: '2.5', float: 0.1 },
      { t: hour + 1e6, d: 'q', long: '1', double: 2.5, float: 0.1 },
      { t: hour + 5, d: 'r', long: 'abc', double: [1], float: null },
      { t: hour + 5, d: 's', long: true },
    ]);
    expect(await druid.countUntil(dataSource, 4)).toBe(4);
    const rows = await druid.sql(`SELECT __time, d, "long", "double", "float", "count" FROM "${dataSource}"`);
    const time = iso(hour);
    expect(rows.sort((a, b) => (String(a['d']) < String(b['d']) ? -1 : 1))).toEqual([
      { __time: time, d: 'q', long: 1, double: 2.5, float: expect.closeTo(0.1, 6) as number, count: 2 },
      { __time: time, d: 'r', long: null, double: null, float: null, count: 1 },
      { __time: time, d: 's', long: 1, double: null, float: null, count: 1 },
    ]);
  });

  it('keep to themselves without rollup', async () => {
    const { druid, dataSource, receiver, start: hour } = await start({ rollup: false });
    await receiver.push([1, 2, 3].map(() => ({ t: hour, d: 'same' })));
    expect(await druid.countUntil(dataSource, 3)).toBe(3);
    expect(await druid.sql(`SELECT COUNT(*) AS n FROM "${dataSource}"`)).toEqual([{ n: 3 }]);
  });

  it('have every field as a dimension where the spec names none', async () => {
    const { druid, dataSource, receiver, start: hour } = await start({ dimensions: [], metrics });
    await receiver.push([{ t: hour, a: 'x', n: 1 }]);
    await receiver.push([
      { t: hour, b: 'y', n: 2 },
      { t: hour, a: 'x', n: 3 },
    ]);
    expect(await druid.countUntil(dataSource, 3)).toBe(3);
    expect(await druid.sql(`SELECT a, b, "count", ls FROM "${dataSource}" WHERE a = 'x'`)).toEqual([
      { a: 'x', b: null, count: 2, ls: 4 },
    ]);
    expect(await druid.sql(`SELECT a, b, ls FROM "${dataSource}" WHERE b = 'y'`)).toEqual([{ a: null, b: 'y', ls: 2 }]);
  });

  it('outside of the interval are counted in the answer and left out', async () => {
    const { druid, dataSource, receiver, start: hour } = await start();
    const times = [hour - 1, hour, hour + 60 * minute - 1, hour + 60 * minute, 1];
    const reply = await receiver.push(times.map((t) => ({ t, d: 'x' })));
    expect(reply.json).toEqual({ eventCount: 5 });
    expect(await druid.countUntil(dataSource, 2)).toBe(2);
  });

  it('whose dedupColumn came before are left out', async () => {
    const { druid, dataSource, receiver, start: hour } = await start({ tuning: { dedupColumn: 'id' } });
    const ids = [1, 1, 2, '2', '2', null, null, undefined];
    await receiver.push(ids.map((id) => ({ t: hour, d: 'x', id })));
    await receiver.push([
      { t: hour, d: 'x', id: 1 },
      { t: hour, d: 'x', id: 3 },
    ]);
    expect(await druid.countUntil(dataSource, 7)).toBe(7);
  });

  it('with a list for a dedupColumn end the task', async () => {
    const { druid, receiver, id, start: hour } = await start({ tuning: { dedupColumn: 'id' } });
    expect((await receiver.push([{ t: hour, id: [1] }])).status).toBe(200);
    const ended = await druid.until(
      () => druid.status(id),
      ({ statusCode }) => statusCode !== 'RUNNING',
    );
    expect(ended).toMatchObject({
      statusCode: 'FAILED',
      errorMsg: 'org.apache.druid.java.util.common.IAE: Dedup on multi-value field not support',
    });
  });

  it('of a later task of the same hour hide what an earlier one had published', async () => {
    const { druid, dataSource, receiver, start: hour } = await start();
    await receiver.push([
      { t: hour, d: 'first' },
      { t: hour, d: 'first' },
    ]);
    await receiver.shutdown();
    await druid.until(
      () => druid.tasksOf(dataSource),
      (tasks) => Object.values(tasks).every((status) => status === 'SUCCESS'),
    );
    expect(await druid.countUntil(dataSource, 2)).toBe(2);

    const second = await start({ dataSource, suffix: '_2' });
    await second.receiver.push([{ t: hour, d: 'second' }]);
    expect(await druid.countUntil(dataSource, 1)).toBe(1);
    expect(await druid.sql(`SELECT d FROM "${dataSource}" GROUP BY 1`)).toEqual([{ d: 'second' }]);
  });
}
