import { describe, expect, it } from 'vitest';
import { Druid } from './druid.js';
import { newName, type Target } from './target.js';

/** What a test wants of an append task. */
export interface AppendTaskParts {
  readonly id: string;
  readonly dataSource: string;
  readonly inputSource: object;
  readonly ioConfig?: object;
  readonly tuningConfig?: object;
  readonly granularitySpec?: object;
}

/** An `index_parallel` task that appends events `{ t, d, n }`. */
export function appendTask({ id, dataSource, inputSource, ...parts }: AppendTaskParts): object {
  return {
    type: 'index_parallel',
    id,
    spec: {
      dataSchema: {
        dataSource,
        timestampSpec: { column: 't', format: 'auto' },
        dimensionsSpec: { dimensions: ['d'] },
        metricsSpec: [
          { type: 'count', name: 'count' },
          { type: 'longSum', name: 'n', fieldName: 'n' },
        ],
        granularitySpec: { segmentGranularity: 'hour', queryGranularity: 'none', ...parts.granularitySpec },
      },
      ioConfig: {
        type: 'index_parallel',
        appendToExisting: true,
        inputSource,
        inputFormat: { type: 'json' },
        ...parts.ioConfig,
      },
      tuningConfig: { type: 'index_parallel', partitionsSpec: { type: 'dynamic' }, ...parts.tuningConfig },
    },
  };
}

/** Append tasks, by the same requests as for a real Druid 33. */
export function appendSuite(target: () => Target): void {
  const lines = (rows: readonly unknown[]): object => ({
    type: 'inline',
    data: rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'),
  });
  const hour = 3_600_000;
  const start = Date.UTC(2026, 0, 1);

  async function run(parts: Omit<Parameters<typeof appendTask>[0], 'id'>) {
    const druid = new Druid(target());
    const id = newName(`append_${parts.dataSource}`);
    const task = appendTask({ id, ...parts });
    expect(await druid.submit(task)).toMatchObject({ status: 200, json: { task: id } });
    const status = await druid.until(
      () => druid.status(id),
      ({ statusCode }) => statusCode !== 'RUNNING',
    );
    const report = (await druid.get(`/druid/indexer/v1/task/${id}/reports`)).json;
    return { druid, id, task, status, report };
  }

  describe('an append task', () => {
    it('publishes its rows, rolled up, beside those that are there', async () => {
      const dataSource = newName('appended');
      const rows = [
        { t: start, d: 'a', n: 1 },
        { t: start, d: 'a', n: 2 },
        { t: start + hour, d: 'b', n: 4 },
      ];
      const first = await run({ dataSource, inputSource: lines(rows) });
      expect(first.status).toMatchObject({ statusCode: 'SUCCESS', errorMsg: null, dataSource, type: 'index_parallel' });
      expect(first.report).toMatchObject({
        ingestionStatsAndErrors: {
          type: 'ingestionStatsAndErrors',
          taskId: first.id,
          payload: {
            ingestionState: 'COMPLETED',
            errorMsg: null,
            rowStats: { buildSegments: { processed: 3, processedWithError: 0, thrownAway: 0, unparseable: 0 } },
          },
        },
      });
      const { druid } = first;
      expect(await druid.countUntil(dataSource, 3)).toBe(3);
      expect(await druid.sql(`SELECT d, "count", n FROM "${dataSource}" WHERE d = 'a'`)).toEqual([
        { d: 'a', count: 2, n: 3 },
      ]);

      const second = await run({ dataSource, inputSource: lines([{ t: start, d: 'a', n: 8 }]) });
      expect(second.status).toMatchObject({ statusCode: 'SUCCESS' });
      expect(await druid.countUntil(dataSource, 4)).toBe(4);
      const sums = `SELECT d, SUM("count") AS c, SUM(n) AS n FROM "${dataSource}" GROUP BY 1 ORDER BY 1`;
      expect(await druid.sql(sums)).toEqual([
        { d: 'a', c: 3, n: 11 },
        { d: 'b', c: 1, n: 4 },
      ]);
      const { json } = await druid.get(`/druid/coordinator/v1/metadata/datasources/${dataSource}/segments`);
      const segments = (json as string[]).map((id) => id.replace(dataSource, 'ds')).sort();
      const version = /(\d{4}-\d\d-\d\dT[\d:.]+Z)(_\d+)?$/;
      expect(new Set(segments.map((id) => id.replace(version, '')))).toEqual(
        new Set([
          'ds_2026-01-01T00:00:00.000Z_2026-01-01T01:00:00.000Z_',
          'ds_2026-01-01T01:00:00.000Z_2026-01-01T02:00:00.000Z_',
        ]),
      );
      expect(segments.map((id) => version.exec(id)?.[2]).sort()).toEqual(['_1', undefined, undefined]);
    });

    it('counts what it cannot read and what is not of its intervals, and publishes the rest', async () => {
      const dataSource = newName('uneven');
      const rows = [
        { t: start, d: 'a', n: 1 },
        { t: 'yesterday', d: 'a', n: 1 },
        'not JSON',
        { t: start + 5 * hour, d: 'a', n: 1 },
      ];
      const intervals = [`${new Date(start).toISOString()}/${new Date(start + hour).toISOString()}`];
      const { druid, status, report } = await run({
        dataSource,
        inputSource: lines(rows),
        granularitySpec: { intervals },
      });
      expect(status).toMatchObject({ statusCode: 'SUCCESS' });
      expect(report).toMatchObject({
        ingestionStatsAndErrors: {
          payload: { rowStats: { buildSegments: { processed: 1, thrownAway: 1, unparseable: 2 } } },
        },
      });
      expect(await druid.countUntil(dataSource, 1)).toBe(1);
    });

    it('publishes nothing when too much cannot be read', async () => {
      const dataSource = newName('strict');
      const { druid, status } = await run({
        dataSource,
        inputSource: lines([{ t: start, d: 'a' }, { t: start + 3 * hour, d: 'a' }, { d: 'no time' }]),
        tuningConfig: { maxParseExceptions: 0 },
      });
      expect(status).toMatchObject({ statusCode: 'FAILED' });
      expect(await druid.countUntil(dataSource, 0)).toBe(0);
    });

    it('runs once under its id', async () => {
      const dataSource = newName('once');
      const { druid, id, task } = await run({ dataSource, inputSource: lines([{ t: start, d: 'a', n: 1 }]) });
      expect(await druid.submit(task)).toMatchObject({
        status: 400,
        json: { error: 'druidException', errorCode: 'entryAlreadyExists', errorMessage: `Task[${id}] already exists` },
      });
      expect(await druid.countUntil(dataSource, 1)).toBe(1);
    });
  });

  it('a task of type index_realtime is not known', async () => {
    const { status, json } = await new Druid(target()).submit({ type: 'index_realtime', id: 'x' });
    expect(status).toBe(400);
    expect((json as { error: string }).error).toContain("Could not resolve type id 'index_realtime' as a subtype of");
  });
}
