import { expect, it } from 'vitest';
import { reindexSpec } from '../../src/append/reindex-spec.js';
import { reindexSql } from '../../src/append/reindex-sql.js';
import { chooseDataSource, readConfig } from '../../src/config/config.js';
import type { IngestionSpec } from '../../src/spec/ingestion-spec.js';
import { flights } from '../support/configs.js';

const interval = '2026-03-05T00:00:00Z/2026-03-06T00:00:00Z';
const uris = ['s3://archive/a'];
const timestampSpec = { column: 'time', format: 'auto' };
const dimensionsSpec = { dimensions: ['origin', 'destination'] };

function specOf(parseSpec: object): IngestionSpec {
  const parser = { type: 'string', parseSpec: { timestampSpec, dimensionsSpec, ...parseSpec } };
  const config = readConfig(flights({ 'druid.overlord.urls': 'http://o:1' }, { dataSchema: { parser } }));
  return chooseDataSource(config, undefined).spec;
}

const flattenSpec = { fields: [{ type: 'path', name: 'origin', expr: '$.from.city' }, 'destination'] };
const columns = ['time', 'origin', 'destination', 'delay'];
const header = { findColumnsFromHeader: false, skipHeaderRows: 0 };

it.each([
  [{ format: 'json' }, { type: 'json' }],
  [
    { format: 'json', flattenSpec },
    { type: 'json', flattenSpec, keepNullColumns: false },
  ],
  [
    { format: 'csv', columns },
    { type: 'csv', listDelimiter: '\u0001', columns, ...header },
  ],
  [
    { format: 'tsv', hasHeaderRow: true, delimiter: ';', listDelimiter: '|' },
    { type: 'tsv', delimiter: ';', listDelimiter: '|', ...header, findColumnsFromHeader: true },
  ],
  [
    { format: 'regex', pattern: '(.*?) (.*?) (.*?) (.*)', columns, listDelimiter: '\\|' },
    { type: 'regex', pattern: '(.*?) (.*?) (.*?) (.*)', columns, listDelimiter: '|' },
  ],
])('an archive is read as events are: %j', (parseSpec, expected) => {
  const spec = specOf(parseSpec);
  expect(reindexSpec(spec, interval, uris)).toMatchObject({ spec: { ioConfig: { inputFormat: expected } } });
  expect(reindexSql(spec, interval, uris).query).toContain(`, '${JSON.stringify(expected)}', `);
});

it('one with names of any case is refused, as no batch of Druid reads it', () => {
  const spec = specOf({ format: 'jsonLowercase' });
  for (const make of [reindexSpec, reindexSql]) expect(() => make(spec, interval, uris)).toThrow('is jsonLowercase');
});
