import { describe, expect, it } from 'vitest';
import { reindexSql } from '../../src/append/reindex-sql.js';
import { chooseDataSource, readConfig } from '../../src/config/config.js';
import { flights } from '../support/configs.js';

const interval = '2026-03-05T00:00:00Z/2026-03-06T00:00:00Z';
const sqlOf = (parts: Parameters<typeof flights>[1], of = interval): string => {
  const config = readConfig(flights({ 'druid.overlord.urls': 'http://o:1' }, parts));
  return reindexSql(chooseDataSource(config, undefined).spec, of, ['s3://archive/a.json', 's3://archive/b.json']).query;
};

it('rolls up as the spec does', () => {
  const sql = sqlOf({});
  expect(sql).toContain(
    'SELECT TIME_FLOOR("__time", \'PT1M\') AS "__time", "origin", "destination", COUNT(*) AS "count"',
  );
  expect(sql).toContain('SUM("delay") AS "delay"');
  expect(sql).toContain('GROUP BY 1, 2, 3\nPARTITIONED BY TIME_FLOOR("__time", \'PT1H\')');
  expect(sql).toContain('\'{"type":"s3","uris":["s3://archive/a.json","s3://archive/b.json"]}\'');
  expect(sql).toContain('{"name":"delay","type":"long"}');
});

it('keeps each row where the spec rolls nothing up', () => {
  const granularitySpec = { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false };
  const sql = sqlOf({ dataSchema: { granularitySpec } });
  expect(sql).toContain('SELECT "__time" AS "__time", "origin", "destination", 1 AS "count", "delay" AS "delay"');
  expect(sql).not.toContain('GROUP BY');
});

describe('a field that is read as several types', () => {
  const metricsSpec = [
    { type: 'longMin', name: 'least', fieldName: 'delay' },
    { type: 'doubleSum', name: 'total', fieldName: 'delay' },
    { type: 'floatMax', name: 'most', fieldName: 'delay' },
    { type: 'longSum', name: 'stops', fieldName: 'stops' },
  ];

  it('is read as it was written, and cast', () => {
    const sql = sqlOf({ dataSchema: { metricsSpec } });
    expect(sql).toContain('{"name":"delay","type":"string"},{"name":"stops","type":"long"}]');
    expect(sql).toContain(
      'MIN(CAST("delay" AS BIGINT)) AS "least", SUM(CAST("delay" AS DOUBLE)) AS "total", MAX(CAST("delay" AS FLOAT)) AS "most", SUM("stops") AS "stops"',
    );
  });

  it('is cast where no rows are rolled up, and where a dimension or the time is made of it', () => {
    const granularitySpec = { segmentGranularity: 'DAY', queryGranularity: 'NONE', rollup: false };
    const dimensionsSpec = { dimensions: [{ type: 'long', name: 'delay' }, 'stops'] };
    const latest = { type: 'longMax', name: 'latest', fieldName: 'time' };
    const sql = sqlOf({
      dataSchema: {
        ...{ granularitySpec, dimensionsSpec, timestampSpec: { column: 'time', format: 'millis' } },
        ...{ metricsSpec: [...metricsSpec.slice(1, 2), { ...metricsSpec[3], name: 'stopped' }, latest] },
        parser: undefined,
      },
    });
    expect(sql).toContain(
      'SELECT "__time" AS "__time", CAST("delay" AS BIGINT) AS "delay", "stops", CAST("delay" AS DOUBLE) AS "total", CAST("stops" AS BIGINT) AS "stopped", CAST("time" AS BIGINT) AS "latest"',
    );
  });

  it('is refused where it is read as JSON too', () => {
    const dimensionsSpec = { dimensions: [{ type: 'json', name: 'delay' }] };
    const timestampSpec = { column: 'time', format: 'millis' };
    expect(() => sqlOf({ dataSchema: { dimensionsSpec, timestampSpec, metricsSpec, parser: undefined } })).toThrow(
      'cannot say the field delay as json and as another type',
    );
  });
});

it.each([
  ['iso', 'TIME_PARSE(TRIM("time"))'],
  ['posix', 'MILLIS_TO_TIMESTAMP(CAST("time" AS BIGINT) * 1000)'],
  ["yyyy-MM-dd'T'HH", "TIME_PARSE(\"time\", 'yyyy-MM-dd''T''HH')"],
])('reads times of the format %s', (format, expected) => {
  expect(sqlOf({ timestampSpec: { format } })).toContain(`SELECT ${expected} AS "__time"`);
});

it.each([
  [{ dataSchema: { transformSpec: { filter: null } } }, 'cannot say transformSpec'],
  [{ dataSchema: { metricsSpec: [{ type: 'hyperUnique', name: 'u', fieldName: 'u' }] } }, 'the metric u of type hyper'],
  [{ timestampSpec: { format: 'ruby' } }, 'the format ruby'],
])('refuses what it cannot say: %j', (parts, message) => {
  expect(() => sqlOf(parts)).toThrow(message);
});

it('refuses an interval that cuts through segments', () => {
  expect(() => sqlOf({}, '2026-03-05T00:30:00Z/2026-03-06T00:00:00Z')).toThrow('which are of HOUR');
});
