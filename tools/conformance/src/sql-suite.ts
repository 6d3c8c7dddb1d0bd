import { expect, it } from 'vitest';
import { iso } from './realtime-task.js';
import type { StartTask } from './start-task.js';

const minute = 60_000;

/** The forms and words in which SQL answers. */
export function sqlSuite(start: StartTask): void {
  it('answers in the forms and with the words that Druid has', async () => {
    const { druid, dataSource, receiver, start: hour } = await start();
    await receiver.push(['b', 'a', 'a', null].map((d) => ({ t: hour + minute, d })));
    expect(await druid.countUntil(dataSource, 4)).toBe(4);
    const from = `FROM "${dataSource}"`;
    const sql = (query: string) => druid.sql(query);

    expect(await sql(`SELECT d, COUNT(*), SUM("count") AS n ${from} GROUP BY 1 ORDER BY 1`)).toEqual([
      { d: null, EXPR$1: 1, n: 1 },
      { d: 'a', EXPR$1: 1, n: 2 },
      { d: 'b', EXPR$1: 1, n: 1 },
    ]);
    expect(await sql(`SELECT d ${from} GROUP BY 1 ORDER BY 1 DESC`)).toEqual([{ d: 'b' }, { d: 'a' }, { d: null }]);
    const time = { h: iso(hour), f: iso(hour), m: iso(hour + minute), ms: hour + minute };
    expect(
      await sql(
        `SELECT FLOOR(__time TO HOUR) AS h, TIME_FLOOR(__time, 'PT1H') AS f, DATE_TRUNC('minute', __time) AS m,
           TIMESTAMP_TO_MILLIS(__time) AS ms ${from} WHERE d = 'b'`,
      ),
    ).toEqual([time]);
    expect(
      await sql(
        `SELECT 1/2 AS half, MOD(5, 3) AS m, d || 'x' AS dx, SUM("count") AS s ${from} WHERE d = 'b' GROUP BY d`,
      ),
    ).toEqual([{ half: 0, m: 2, dx: 'bx', s: 1 }]);
    expect(await sql(`SELECT SUM("count") AS s ${from} WHERE d = 'nope'`)).toEqual([{ s: null }]);
    expect(await sql(`SELECT COUNT(*) AS n ${from} WHERE __time > CURRENT_TIMESTAMP - INTERVAL '2' HOUR`)).toEqual([
      { n: 3 },
    ]);

    const grouped = `SELECT d, COUNT(*) ${from} WHERE d IS NOT NULL GROUP BY 1 ORDER BY 1`;
    const text = async (more: object) => (await druid.sqlReply({ query: grouped, ...more })).text.trim();
    expect(await text({ resultFormat: 'array', header: true })).toBe('[["d","EXPR$1"],["a",1],["b",1]]');
    expect(await text({ resultFormat: 'csv', header: true })).toBe('d,EXPR$1\na,1\nb,1');
    expect(await text({ resultFormat: 'objectLines' })).toBe('{"d":"a","EXPR$1":1}\n{"d":"b","EXPR$1":1}');
    expect(await text({ resultFormat: 'arrayLines', header: true, typesHeader: true, sqlTypesHeader: true })).toBe(
      '["d","EXPR$1"]\n["STRING","LONG"]\n["VARCHAR","BIGINT"]\n["a",1]\n["b",1]',
    );
    const parameters = [{ type: 'VARCHAR', value: 'a' }];
    const asked = await druid.sqlReply({ query: `SELECT SUM("count") AS n ${from} WHERE d = ?`, parameters });
    expect(asked.json).toEqual([{ n: 2 }]);
  });

  it('says what is wrong with a query', async () => {
    const { druid, dataSource, receiver, start: hour } = await start();
    await receiver.push([{ t: hour, d: 'x' }]);
    expect(await druid.countUntil(dataSource, 1)).toBe(1);
    const refused = async (query: string) => {
      const { status, json } = await druid.sqlReply({ query });
      const { errorCode, category, errorMessage } = json as Record<string, unknown>;
      return { status, errorCode, category, errorMessage };
    };
    const invalid = { status: 400, errorCode: 'invalidInput', category: 'INVALID_INPUT' };
    expect(await refused('SELECT * FROM nothere')).toEqual({
      ...invalid,
      errorMessage: "Object 'nothere' not found (line [1], column [15])",
    });
    expect(await refused(`SELECT nocol FROM "${dataSource}"`)).toEqual({
      ...invalid,
      errorMessage: "Column 'nocol' not found in any table (line [1], column [8])",
    });
  });
}
