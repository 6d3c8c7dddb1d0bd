import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configOf, Druid, eventsAt, type Target } from '@tranquility-js/conformance';
import {
  chooseDataSource,
  createSender,
  readConfig,
  reindexSql,
  silentLogger,
  type Sender,
} from '@tranquility-js/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ForgetfulProxy } from './forgetful-proxy.js';
import { removeTemporary, temporaryDirectory } from './temporary.js';

const [hour, day] = [3_600_000, 86_400_000];
const start = Date.UTC(2026, 0, 1);

/** What the lane append promises of Druid itself, shown on a Druid that runs. */
export function appendLaneSuite(target: () => Target): void {
  describe('the lane append', () => {
    let druid: Druid;
    let overlord: string;

    beforeAll(() => {
      overlord = target().overlord;
      druid = new Druid(target());
    });
    afterAll(removeTemporary);

    async function config(
      dataSource: string,
      properties: Record<string, string> = {},
      url = overlord,
    ): Promise<object> {
      return configOf({
        ...{ overlord: url, dataSource },
        properties: {
          'tranquility.lane': 'append',
          'journal.directory': await temporaryDirectory(),
          'append.endpoint.port': '0',
          'append.maxAge': 'PT0.2S',
          ...properties,
        },
      });
    }

    const tasksOf = async (dataSource: string): Promise<string[]> => {
      const { json } = await druid.get(`/druid/indexer/v1/tasks?datasource=${dataSource}`);
      return (json as { id: string }[]).map(({ id }) => id).filter((id) => id.startsWith('append_'));
    };

    async function run(task: object): Promise<void> {
      const { json } = await druid.submit(task);
      const { task: id } = json as { task: string };
      const status = await druid.until(
        () => druid.status(id),
        ({ statusCode }) => statusCode !== 'RUNNING',
      );
      expect(status).toMatchObject({ statusCode: 'SUCCESS' });
    }

    it('calls events sent when SQL has them, where that is asked for', async () => {
      await using sender = await createSender({
        config: await config('queryable', { 'append.acknowledge': 'queryable' }),
      });
      const sending = sender.sendAll(eventsAt(start, 500));
      expect(await sending).toMatchObject({ sent: 500 });
      expect(await druid.countUntil('queryable', 500)).toBe(500);
    });

    it('knows what is published in a coarser chunk, though that was compacted since', async () => {
      const dataSource = 'coarse';
      const granularity = { segmentGranularity: 'DAY', queryGranularity: 'SECOND' };
      const dataSchema = {
        ...{ dataSource, timestampSpec: { column: 'time', format: 'auto' }, dimensionsSpec: { dimensions: ['d'] } },
        metricsSpec: [{ type: 'count', name: 'count' }],
        granularitySpec: granularity,
      };
      const inputSource = { type: 'inline', data: JSON.stringify({ time: start, d: 'first' }) };
      const ioConfig = { type: 'index_parallel', inputSource, inputFormat: { type: 'json' } };
      await run({ type: 'index_parallel', spec: { dataSchema, ioConfig } });

      await using proxy = await ForgetfulProxy.to(overlord);
      proxy.says = 'running';
      const sender: Sender = await createSender({ config: await config(dataSource, {}, proxy.url) });
      await sender.sendAll(eventsAt(start + 5 * hour, 10));
      await druid.countUntil(dataSource, 11);
      const interval = `${new Date(start).toISOString()}/${new Date(start + day).toISOString()}`;
      await run({
        ...{ type: 'compact', dataSource, granularitySpec: granularity },
        ioConfig: { type: 'compact', inputSpec: { type: 'interval', interval } },
        context: { useConcurrentLocks: true },
      });
      proxy.says = 'unknown';
      const closed = await sender.close({ timeout: 60_000, until: 'published' });
      expect(closed).toMatchObject({ drained: true, unread: 0, tasksCreated: 1 });
      expect(await tasksOf(dataSource)).toEqual([expect.stringMatching(/_1$/)]);
      expect(await druid.countUntil(dataSource, 11)).toBe(11);
    });

    it('lets no row that Druid cannot read keep out others, and keeps it', async () => {
      const path = join(await temporaryDirectory(), 'letters.jsonl');
      const properties = { 'tranquility.deadLetterPath': path, 'append.acknowledge': 'published' };
      const told: string[] = [];
      const made = (await config('poisoned', properties)) as { dataSources: [{ spec: { dataSchema: object } }] };
      const old = await createSender({ config: made });
      // Who comes next has the word on how the rows are read that wait.
      const dataSchema = { ...made.dataSources[0].spec.dataSchema };
      const renewed = structuredClone({ ...made, dataSources: [{ spec: { dataSchema } }] });
      Object.assign(renewed.dataSources[0]?.spec.dataSchema ?? {}, {
        parser: undefined,
        timestampSpec: { column: 'd', format: 'auto' },
        dimensionsSpec: { dimensions: ['d'] },
      });
      const logger = { ...silentLogger, error: (message: string) => void told.push(message) };
      await using next = await createSender({ config: renewed, logger });
      const events = [
        { time: start, d: '2026-01-01' },
        { time: start, d: 'no time' },
        { time: start, d: '2026-01-02' },
      ];
      expect(await old.sendAll(events)).toMatchObject({ sent: 2, dropped: { refused: 1 } });
      await old.close();
      expect(next.lane?.append).toMatchObject({ unread: 1, partlyRead: 0, unpublished: 0 });
      await next.close();
      expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({
        ...{ dataSource: 'poisoned', reason: 'refused', event: { d: 'no time' } },
        message: expect.stringContaining('Timestamp[no time] is unparseable!') as string,
      });
      expect(await druid.countUntil('poisoned', 2)).toBe(2);
    });

    it('tells who waits of each row that Druid cannot read, be they many', async () => {
      const properties = { 'append.acknowledge': 'published', 'append.inlineBytes': '1000' };
      const made = (await config('poison', properties)) as { dataSources: [{ spec: { dataSchema: object } }] };
      const old = await createSender({ config: made });
      const renewed = structuredClone(made);
      Object.assign(renewed.dataSources[0].spec, { tuningConfig: { type: 'realtime', maxSavedParseExceptions: 3 } });
      Object.assign(renewed.dataSources[0].spec.dataSchema, {
        parser: undefined,
        timestampSpec: { column: 'd', format: 'auto' },
        dimensionsSpec: { dimensions: ['d'] },
      });
      await using next = await createSender({ config: renewed });
      const event = (n: number) => ({ time: start, d: n % 3 === 0 ? '2026-01-01' : `no ${n}` });
      const events = Array.from({ length: 1_500 }, (_, n) => event(n));
      expect(await old.sendAll(events)).toMatchObject({ sent: 500, dropped: { refused: 1_000 } });
      await old.close();
      expect(next.lane?.append).toMatchObject({ unread: 1_000, unpublished: 0 });
      expect(await tasksOf('poison')).toHaveLength(1);
      expect(await druid.countUntil('poison', 500)).toBe(500);
    });

    it('knows what it has published of the latest time that there is', async () => {
      const dataSource = 'latest';
      await using proxy = await ForgetfulProxy.to(overlord);
      proxy.says = 'unknown';
      const made = (await config(dataSource, {}, proxy.url)) as { dataSources: [{ spec: { dataSchema: object } }] };
      Object.assign(made.dataSources[0].spec.dataSchema, { granularitySpec: { segmentGranularity: 'MONTH' } });
      const sender: Sender = await createSender({ config: made });
      expect(await sender.send({ time: 8.64e15, d: 'last', n: 1 })).toMatchObject({ status: 'sent' });
      const closed = await sender.close({ timeout: 60_000, until: 'published' });
      expect(closed).toMatchObject({ drained: true, unread: 0 });
      expect(await tasksOf(dataSource)).toEqual([expect.stringMatching(/_1$/)]);
    });

    it('prints SQL that Druid’s planner takes, as far as it can without the multi-stage engine', async () => {
      const dataSource = 'archived';
      const file = await config(dataSource);
      await using sender = await createSender({ config: file });
      await sender.sendAll(eventsAt(start + hour, 20));
      await sender.close({ timeout: 60_000, until: 'published' });
      expect(await druid.countUntil(dataSource, 20)).toBe(20);

      const { spec } = chooseDataSource(readConfig(file), undefined);
      const interval = `${new Date(start).toISOString()}/${new Date(start + day).toISOString()}`;
      const { query } = reindexSql(spec, interval, ['http://archive/a.json']);
      const whole = await druid.sqlReply({ query: `EXPLAIN PLAN FOR ${query}` });
      expect(whole.text).toContain('REPLACE operations are not supported by the requested SQL engine [native]');
      // The same rows, with a table in place of the archive.
      const times = `(SELECT CAST(TIMESTAMP_TO_MILLIS("__time") AS VARCHAR) AS "time", "d", "n" FROM "${dataSource}")`;
      const select = query
        .slice(query.indexOf('WITH'), query.indexOf('PARTITIONED BY'))
        .replace(/TABLE\(EXTERN\(.*\)\)/, times);
      const rows = await druid.sql(select);
      expect(rows.map(({ __time: time, d }) => `${String(time)} ${String(d)}`)).toEqual(
        Array.from({ length: 7 }, (_, d) => `2026-01-01T01:00:00.000Z d${d}`),
      );
      expect(rows.reduce((sum, { n }) => sum + Number(n), 0)).toBe(20);

      const metricsSpec = [
        { type: 'longMax', name: 'whole', fieldName: 'n' },
        { type: 'doubleSum', name: 'exact', fieldName: 'n' },
      ];
      const typed = reindexSql({ ...spec, metricsSpec }, interval, ['http://archive/a.json']).query;
      const fractions = times.replace('"n"', `CAST("n" AS VARCHAR) || '.5' AS "n"`);
      const cast = await druid.sql(
        typed.slice(typed.indexOf('WITH'), typed.indexOf('PARTITIONED BY')).replace(/TABLE\(EXTERN\(.*\)\)/, fractions),
      );
      const total = (name: string) => cast.reduce((sum, row) => sum + Number(row[name]), 0);
      expect([total('whole'), total('exact')]).toEqual([20, 20 + 7 * 0.5]);
    });
  });
}
