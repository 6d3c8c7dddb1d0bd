import { afterEach, describe, expect, it } from 'vitest';
import { Druid, type Receiver } from './druid.js';
import { iso, realtimeTask, type RealtimeTaskParts } from './realtime-task.js';
import { newName, type Target } from './target.js';

const minute = 60_000;

/** What Druid 28 answers, measured: the words of overlord, event receiver and SQL, and what becomes of rows. */
export function druidSuite(target: () => Target): void {
  const started: string[] = [];

  afterEach(async () => {
    const druid = new Druid(target());
    for (const dataSource of started.splice(0)) await druid.endTasks(dataSource);
  });

  async function start(parts: Partial<RealtimeTaskParts> = {}) {
    const druid = new Druid(target());
    const dataSource = parts.dataSource ?? newName('wire');
    started.push(dataSource);
    const made = realtimeTask({ dataSource, now: druid.now, ...parts });
    expect(await druid.submit(made.task)).toMatchObject({ status: 200, json: { task: made.id } });
    const receiver = await druid.receiver(made.id, made.serviceName);
    return { druid, dataSource, receiver, ...made };
  }

  describe('an overlord', () => {
    it('tells its version, its health, and that it leads', async () => {
      const druid = new Druid(target());
      expect((await druid.get('/status')).json).toMatchObject({ version: '28.0.0' });
      expect((await druid.get('/status/health')).json).toBe(true);
      expect(await druid.get('/druid/indexer/v1/isLeader')).toMatchObject({ status: 200, json: { leader: true } });
      expect((await druid.get('/druid/indexer/v1/leader')).text).toBe(target().overlord);
    });

    it('refuses what is no task', async () => {
      const druid = new Druid(target());
      const { task } = realtimeTask({ dataSource: newName('refused'), now: druid.now });
      const error = async (body: unknown) => {
        const { status, json } = await druid.submit(body);
        return [status, (json as { error: string }).error.replace(/\n at \[.*/s, '')];
      };
      expect(await error({})).toEqual([
        400,
        "Could not resolve subtype of [simple type, class org.apache.druid.indexing.common.task.Task]: missing type id property 'type'",
      ]);
      const [status, text] = await error({ type: 'nonsense' });
      expect(status).toBe(400);
      expect(text).toContain("Could not resolve type id 'nonsense' as a subtype of");
      for (const [id, why] of [
        ['a/b', "Value [a/b] cannot contain '/'."],
        ['.ab', "Value [.ab] cannot start with '.'."],
      ]) {
        expect(await error({ ...task, id })).toEqual([
          400,
          'Cannot construct instance of `org.apache.druid.indexing.common.task.RealtimeIndexTask`, ' +
            `problem: Invalid value for field [task ID]: ${String(why)}`,
        ]);
      }
    });

    it('takes a task id once, and tells what became of each task', async () => {
      const { druid, dataSource, id, task } = await start();
      expect(await druid.submit(task)).toMatchObject({
        status: 400,
        json: { error: `Task [${id}] already exists.` },
      });
      expect(await druid.status(id)).toMatchObject({
        id,
        groupId: `index_realtime_${dataSource}`,
        type: 'index_realtime',
        statusCode: 'RUNNING',
        status: 'RUNNING',
        runnerStatusCode: 'RUNNING',
        duration: -1,
        location: { host: '127.0.0.1', tlsPort: -1 },
        dataSource,
        errorMsg: null,
      });
      const payload = (await druid.get(`/druid/indexer/v1/task/${id}`)).json;
      expect(payload).toMatchObject({ task: id, payload: { type: 'index_realtime', id } });
      expect(await druid.tasksOf(dataSource)).toEqual({ [id]: 'RUNNING' });
      const running = (await druid.get('/druid/indexer/v1/runningTasks')).json as { id: string }[];
      expect(running.map((each) => each.id)).toContain(id);

      expect(await druid.post(`/druid/indexer/v1/task/${id}/shutdown`, {})).toMatchObject({
        status: 200,
        json: { task: id },
      });
      const ended = await druid.until(
        () => druid.status(id),
        ({ statusCode }) => statusCode !== 'RUNNING',
      );
      expect(ended).toMatchObject({ statusCode: 'FAILED', errorMsg: 'Shutdown request from user' });
      const complete = (await druid.get('/druid/indexer/v1/completeTasks')).json as { id: string }[];
      expect(complete.map((each) => each.id)).toContain(id);
    });

    it('does not know other tasks', async () => {
      const druid = new Druid(target());
      const expected = { status: 404, text: 'Cannot find any task with id: [nope]' };
      for (const path of ['', '/status', '/reports']) {
        expect(await druid.get(`/druid/indexer/v1/task/nope${path}`)).toMatchObject(expected);
      }
      expect(await druid.post('/druid/indexer/v1/task/nope/shutdown', {})).toMatchObject(expected);
    });
  });

  describe('an event receiver', () => {
    const errorOf = async (receiver: Receiver, body: unknown): Promise<[number, string]> => {
      const { status, json } = await receiver.push(body);
      return [status, (json as { error: string }).error.replace(/\n at \[.*/s, '')];
    };

    it('takes arrays of objects, whatever is in the header behind the type', async () => {
      const { receiver, id, start: hour } = await start();
      const reply = await receiver.push([{ t: hour }, { t: hour }]);
      expect(reply).toMatchObject({ status: 200, json: { eventCount: 2 } });
      expect(reply.headers.get('x-druid-task-id')).toBe(encodeURIComponent(id));
      const other = await receiver.push([], { 'content-type': 'application/json; charset=utf-8' });
      expect(other).toMatchObject({ status: 200, json: { eventCount: 0 } });
      expect((await receiver.push([], { 'content-type': 'text/plain' })).status).toBe(415);
      expect((await receiver.get('/push-events')).status).toBe(405);
    });

    it('refuses other bodies with 500', async () => {
      const { receiver } = await start();
      const list = '`java.util.ArrayList<java.util.Map<java.lang.String,java.lang.Object>>`';
      const map = '`java.util.LinkedHashMap<java.lang.String,java.lang.Object>`';
      expect(await errorOf(receiver, '')).toEqual([500, 'No content to map due to end-of-input']);
      expect(await errorOf(receiver, '[{"t":')).toEqual([
        500,
        expect.stringContaining('Unexpected end-of-input') as string,
      ]);
      expect(await errorOf(receiver, '{"t":1}')).toEqual([
        500,
        `Cannot deserialize value of type ${list} from Object value (token \`JsonToken.START_OBJECT\`)`,
      ]);
      expect(await errorOf(receiver, '[1]')).toEqual([
        500,
        `Cannot deserialize value of type ${map} from Integer value (token \`JsonToken.VALUE_NUMBER_INT\`)`,
      ]);
    });

    it('takes none of the events when the time of one cannot be read', async () => {
      const { druid, dataSource, receiver, start: hour } = await start();
      const cases: readonly (readonly [bad: unknown, shown: string])[] = [
        [{ t: 'yesterday', d: 1 }, 'Timestamp[yesterday] is unparseable! Event: {t=yesterday, d=1}'],
        [{ d: 1 }, 'Timestamp[null] is unparseable! Event: {d=1}'],
        [{ t: null }, 'Timestamp[null] is unparseable! Event: {t=null}'],
        [null, 'Timestamp[null] is unparseable! Event: null'],
      ];
      for (const [bad, shown] of cases) {
        const { status, text } = await receiver.push([{ t: hour, d: 'good' }, bad]);
        expect([status, text]).toEqual([500, expect.stringContaining(shown) as string]);
      }
      await receiver.push([{ t: hour, d: 'after' }]);
      expect(await druid.countUntil(dataSource, 1)).toBe(1);
      expect(await druid.sql(`SELECT d FROM "${dataSource}" GROUP BY 1`)).toEqual([{ d: 'after' }]);
    });

    it('is not that of another task', async () => {
      const { druid, receiver, id, serviceName } = await start();
      expect(await receiver.push([], { 'x-druid-task-id': 'other' })).toMatchObject({
        status: 400,
        json: { error: `Requested taskId[other] doesn't match with taskId[${id}]` },
      });
      expect((await receiver.push([], { 'x-druid-task-id': encodeURIComponent(id) })).status).toBe(200);
      const { location } = (await druid.status(id)) as { location: { port: number } };
      const stranger = await fetch(
        `http://127.0.0.1:${location.port}/druid/worker/v1/chat/x${serviceName}/push-events`,
        { method: 'POST', body: '[]', headers: { 'content-type': 'application/json' } },
      );
      expect([stranger.status, await stranger.json()]).toEqual([
        400,
        { error: `Can't find chatHandler for handler[x${serviceName}]` },
      ]);
    });

    it('skips what a producer numbers as done, even if it failed', async () => {
      const { druid, dataSource, receiver, start: hour } = await start();
      const push = async (rows: unknown, sequence?: string) => {
        const numbered = sequence === undefined ? {} : { 'x-firehose-producer-seq': sequence };
        const { status, json } = await receiver.push(rows, { 'x-firehose-producer-id': 'p', ...numbered });
        return [status, json];
      };
      expect(await push([])).toEqual([400, { error: 'Producer sequence value is missing' }]);
      expect(await push([], 'x')).toEqual([400, { error: 'Producer sequence must be a number' }]);
      expect(await push([{ t: hour }], '7')).toEqual([200, { eventCount: 1 }]);
      expect(await push([{ t: hour }], '7')).toEqual([200, { eventCount: 0, skipped: true }]);
      expect(await push([{ t: hour }], '6')).toEqual([200, { eventCount: 0, skipped: true }]);
      expect((await push('[', '9'))[0]).toBe(500);
      expect(await push([{ t: hour }], '9')).toEqual([200, { eventCount: 0, skipped: true }]);
      expect(await push([{ t: hour }], '10')).toEqual([200, { eventCount: 1 }]);
      expect(await druid.countUntil(dataSource, 2)).toBe(2);
    });

    it('shuts off when it is told, after which the task publishes and ends well', async () => {
      const { druid, dataSource, receiver, id, serviceName, start: hour } = await start();
      await receiver.push([{ t: hour, d: 'x' }]);
      expect(await receiver.shutdown('?shutoffTime=garbage')).toMatchObject({
        status: 400,
        json: { error: 'Invalid format: "garbage"' },
      });
      expect((await receiver.shutdown()).status).toBe(200);
      const late = await receiver.push([{ t: hour }]).catch(() => undefined);
      // Between the closing of its firehose and of its port it says one thing or the other.
      if (late !== undefined) {
        const words = `Can't find chatHandler for handler[${serviceName}]`;
        expect([words, 'Cannot add events to closed firehose!'].some((text) => late.text.includes(text))).toBe(true);
        expect([400, 500]).toContain(late.status);
      }
      const ended = await druid.until(
        () => druid.status(id),
        ({ statusCode }) => statusCode !== 'RUNNING',
      );
      expect(ended).toMatchObject({ statusCode: 'SUCCESS', errorMsg: null });
      expect(await druid.countUntil(dataSource, 1)).toBe(1);
      const segments = await druid.until(
        async () => (await druid.get(`/druid/coordinator/v1/metadata/datasources/${dataSource}/segments`)).json,
        (found) => Array.isArray(found) && found.length > 0,
      );
      const interval = `${iso(hour)}_${iso(hour + 60 * minute)}`;
      expect(segments).toEqual([expect.stringMatching(`^${dataSource}_${interval}_[^_]+$`)]);
      expect((await druid.get(`/druid/indexer/v1/task/${id}/reports`)).status).toBe(404);
    });
  });

  describe('rows', () => {
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
      expect(await druid.sql(`SELECT a, b, ls FROM "${dataSource}" WHERE b = 'y'`)).toEqual([
        { a: null, b: 'y', ls: 2 },
      ]);
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
  });

  describe('SQL', () => {
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
  });
}
