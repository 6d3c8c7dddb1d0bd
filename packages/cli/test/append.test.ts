import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox, type Sandbox } from '@tranquility-js/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from './support/command.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

describe('the command line, where events are appended', () => {
  let sandbox: Sandbox;
  let directory: TemporaryDirectory;
  let config: string;
  let file: string;

  beforeAll(async () => {
    sandbox = await startSandbox({ version: '33.0.0', kafkaExtension: false });
    directory = await TemporaryDirectory.make();
    const dataSchema = {
      dataSource: 'clicks',
      timestampSpec: { column: 'time' },
      dimensionsSpec: { dimensions: ['page'] },
      metricsSpec: [{ type: 'count', name: 'count' }],
      granularitySpec: { segmentGranularity: 'DAY', queryGranularity: 'NONE' },
    };
    const properties = {
      'druid.overlord.urls': sandbox.url,
      'journal.directory': join(directory.path, 'journal'),
      'append.endpoint.port': 0,
    };
    config = await directory.file(
      'config.json',
      JSON.stringify({ dataSources: [{ spec: { dataSchema } }], properties }),
    );
    const event = (n: number): string => JSON.stringify({ time: `2024-02-0${1 + (n % 3)}T12:00:00Z`, page: `p${n}` });
    file = await directory.file('events.ndjson', Array.from({ length: 300 }, (_, n) => event(n)).join('\n'));
  });
  afterAll(async () => {
    await sandbox.close();
    await directory[Symbol.asyncDispose]();
  });

  it('push ends when all is published', async () => {
    const { code, out } = await runCommand('push', '-configFile', config, '--json', file);
    expect(JSON.parse(out)).toMatchObject({ sent: 300, unread: 0, lane: 'append' });
    expect(code).toBe(0);
    expect(await sandbox.sql('SELECT SUM("count") AS c FROM clicks')).toEqual([{ c: 300 }]);
  });

  it('status shows segments, and sets up their compaction', async () => {
    const before = await runCommand('status', '-configFile', config);
    expect(before.out).toContain(`  append tasks: 0 run or wait
  segments: 3 in 3 intervals
    2024-02-03T00:00Z/2024-02-04T00:00Z  1
    2024-02-02T00:00Z/2024-02-03T00:00Z  1
    2024-02-01T00:00Z/2024-02-02T00:00Z  1
  compaction by Druid: off; "tranquility status --set-up-compaction" sets it up
`);
    const { out } = await runCommand('status', '-configFile', config, '--set-up-compaction', '--json');
    const [{ append }] = (JSON.parse(out) as { dataSources: [{ append: unknown }] }).dataSources;
    expect(append).toMatchObject({ compaction: true, tasks: [{ state: 'SUCCESS', error: null }] });
    const stored = await fetch(`${sandbox.url}/druid/coordinator/v1/config/compaction/clicks`);
    expect(await stored.json()).toEqual({
      dataSource: 'clicks',
      skipOffsetFromLatest: 'PT0S',
      taskContext: { useConcurrentLocks: true },
    });
    expect((await runCommand('status', '-configFile', config)).out).toContain('  compaction by Druid: on\n');
  });

  it('reindex-spec prints a task that overwrites an interval', async () => {
    const args = ['-configFile', config, '--interval', '2024-02-01T00:00:00Z/2024-02-02T00:00:00Z'];
    const { code, out } = await runCommand('reindex-spec', ...args, '--uri', 's3://archive/a.json.gz');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      type: 'index_parallel',
      spec: {
        dataSchema: {
          dataSource: 'clicks',
          granularitySpec: { segmentGranularity: 'DAY', intervals: ['2024-02-01T00:00:00Z/2024-02-02T00:00:00Z'] },
        },
        ioConfig: {
          appendToExisting: false,
          dropExisting: true,
          inputSource: { type: 's3', uris: ['s3://archive/a.json.gz'] },
        },
      },
    });
  });

  it('reindex-spec --sql prints a statement that overwrites an interval', async () => {
    const interval = '2024-02-01T00:00:00Z/2024-02-02T00:00:00Z';
    const args = ['-configFile', config, '--interval', interval, '--uri', "http://archive/it's.json", '--sql'];
    const { code, out } = await runCommand('reindex-spec', ...args);
    expect(code).toBe(0);
    expect(out)
      .toBe(`-- For /druid/v2/sql/task, with the context {"finalizeAggregations":false,"groupByEnableMultiValueUnnesting":false}
REPLACE INTO "clicks" OVERWRITE WHERE "__time" >= TIMESTAMP '2024-02-01 00:00:00' AND "__time" < TIMESTAMP '2024-02-02 00:00:00'
WITH "archive" AS (
  SELECT CASE WHEN CAST("time" AS BIGINT) > 0 THEN MILLIS_TO_TIMESTAMP(CAST("time" AS BIGINT)) ELSE TIME_PARSE(TRIM("time")) END AS "__time", "page"
  FROM TABLE(EXTERN('{"type":"http","uris":["http://archive/it''s.json"]}', '{"type":"json"}', '[{"name":"time","type":"string"},{"name":"page","type":"string"}]'))
)
SELECT "__time" AS "__time", "page", COUNT(*) AS "count"
FROM "archive"
WHERE "__time" >= TIMESTAMP '2024-02-01 00:00:00' AND "__time" < TIMESTAMP '2024-02-02 00:00:00'
GROUP BY 1, 2
PARTITIONED BY TIME_FLOOR("__time", 'P1D')
`);
    const json = await runCommand('reindex-spec', ...args, '--json');
    expect(JSON.parse(json.out)).toMatchObject({ query: expect.stringContaining('REPLACE INTO "clicks"') as string });
  });

  it('reindex-spec says that the archive is read as events are, where that is more than JSON', async () => {
    const inputFormat = { type: 'csv', columns: ['time', 'page'] };
    const csv = await directory.file(
      'csv.json',
      (await readFile(config, 'utf8')).replace('"spec":{', `"spec":{"ioConfig":${JSON.stringify({ inputFormat })},`),
    );
    const args = ['-configFile', csv, '--interval', '2024-02-01/2024-02-02', '--uri', 'http://archive/a.csv'];
    const { code, out, err } = await runCommand('reindex-spec', ...args);
    expect(code).toBe(0);
    expect(err).toContain('warning: The archive is read as events are, as csv. ');
    expect(JSON.parse(out)).toMatchObject({ spec: { ioConfig: { inputFormat } } });
  });

  it.each([
    [
      78,
      ['--interval', '2024-02-01T01:00Z/2024-02-02', '--uri', 'http://a/b', '--sql'],
      'begin and end where segments do',
    ],
    [78, ['--interval', '2024-02-01/2024-02-02T01:00Z', '--uri', 'http://a/b'], 'begin and end where segments do'],
    [78, ['--interval', 'today', '--uri', 'http://a/b'], 'The interval is "today".'],
    [
      78,
      ['--interval', '5 March 2026/March 6, 2026', '--uri', 'http://a/b', '--sql'],
      'Give its start and its end in ISO 8601',
    ],
    [
      78,
      ['--interval', '2024-02-01/2024-02-02', '--uri', '/var/a'],
      'Give addresses of one scheme that Druid reads: http',
    ],
    [2, ['--interval', '2024-02-01/2024-02-02'], 'Say where the archive is: --uri URI.'],
    [2, ['--uri', 'http://a/b'], 'Say what is overwritten: --interval START/END.'],
  ])('reindex-spec ends with %i for %j', async (expected, args, message) => {
    const { code, err } = await runCommand('reindex-spec', '-configFile', config, ...args);
    expect(code).toBe(expected);
    expect(err).toContain(message);
  });
});
