import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../src/config/config.js';
import { configSchema } from '../../src/config/config-schema.js';
import { properties, type Property } from '../../src/config/properties.js';
import { flights } from '../support/configs.js';

const file = JSON.parse(readFileSync(new URL('../../config.schema.json', import.meta.url), 'utf8')) as object;
const readme = readFileSync(new URL('../../../../README.md', import.meta.url), 'utf8');
const overlord = { 'druid.overlord.urls': 'http://overlord:8090' };

// `errorMessage` is for editors; it decides nothing.
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true, keywords: ['errorMessage'] });
const accepts = ajv.compile(file);

/** The places that the schema finds wrong. */
function faults(config: unknown): string[] {
  return accepts(config) ? [] : (accepts.errors ?? []).map(({ instancePath }) => instancePath);
}

function isRead(config: unknown): boolean {
  try {
    readConfig(config);
    return true;
  } catch {
    return false;
  }
}

const schema = (dataSchema: Record<string, unknown>): unknown => flights(overlord, { dataSchema });
const modern = { parser: undefined, timestampSpec: { column: 'time' }, dimensionsSpec: {} };
const inParser = (parseSpec: object): unknown => schema({ parser: { parseSpec } });
const own = (ownProperties: object | null): unknown => {
  const [entry] = (flights() as { dataSources: object[] }).dataSources;
  return { dataSources: [{ ...entry, properties: ownProperties }], properties: overlord };
};
const property = (name: string, value: unknown): unknown => flights({ ...overlord, [name]: value });
const segments = (segmentGranularity: unknown): unknown => schema({ granularitySpec: { segmentGranularity } });
const queries = (queryGranularity: unknown): unknown => schema({ granularitySpec: { queryGranularity } });
const tuning = (tuningConfig: Record<string, unknown>): unknown => flights(overlord, { tuningConfig });

describe('config.schema.json', () => {
  it('is what the code makes: run "npm run schema" after a change of properties', () => {
    expect(file).toEqual(JSON.parse(JSON.stringify(configSchema())));
  });

  it('is a valid schema', () => {
    expect(ajv.validateSchema(file)).toBe(true);
    for (const [name, { default: text }] of Object.entries<Property<unknown>>(properties)) {
      if (text !== undefined) expect(faults(property(name, text)), name).toEqual([]);
    }
  });

  it.each<[what: string, config: unknown]>([
    ['the example of the README', JSON.parse(/```json\n(.*?)\n```/s.exec(readme)?.[1] ?? '') as unknown],
    ['a list', flights(overlord)],
    [
      'a map',
      { ...flights(overlord), dataSources: { flights: (flights() as { dataSources: unknown[] }).dataSources[0] } },
    ],
    ['its own address', { ...flights(overlord), $schema: './node_modules/@tranquility-js/core/config.schema.json' }],
    ['the form without a parser', schema(modern)],
    ['a null above, and the part in the parser', schema({ timestampSpec: null, dimensionsSpec: null })],
    ['one part above, one in the parser', schema({ parser: { parseSpec: { dimensionsSpec: {} } }, timestampSpec: {} })],
    ['no metrics, no granularities', schema({ ...modern, metricsSpec: null, granularitySpec: null })],
    ['aggregators that nobody here knows', schema({ metricsSpec: [{ type: 'x', name: 'y', of: [1, { z: null }] }] })],
    ['a transformSpec', schema({ transformSpec: { transforms: [{ type: 'expression', name: 'a' }] } })],
    ['tuning that goes to Druid', tuning({ maxRowsInMemory: 1, indexSpec: {}, windowPeriod: 'p1dt2h' })],
    [
      'an ioConfig of nothing',
      { dataSources: [{ spec: { dataSchema: { dataSource: 'a', ...modern }, ioConfig: {} } }], properties: overlord },
    ],
    ['unknown properties, and those of other programs', property('banana', { a: 1 })],
    ['properties of the server', property('http.port', 8200)],
    ['a null for the default', own({ 'tranquility.maxBatchSize': null })],
    ['properties that are null', own(null)],
    ...['hour', 'HOUR', 'Five_Minute', { type: 'period', period: 'PT2H', timeZone: 'Europe/Paris' }].map(
      (each): [string, unknown] => [`segments of ${JSON.stringify(each)}`, segments(each)],
    ),
    ...['none', 'all', { type: 'duration', duration: 1000 }, { type: 'none' }].map((each): [string, unknown] => [
      `queries of ${JSON.stringify(each)}`,
      queries(each),
    ]),
  ])('takes %s, as the reader does', (_, config) => {
    expect(() => readConfig(config)).not.toThrow();
    expect(faults(JSON.parse(JSON.stringify(config)))).toEqual([]);
  });

  it('may be named in the config, without a warning', () => {
    expect(readConfig({ ...flights(overlord), $schema: './config.schema.json' }).warnings).toEqual([]);
  });

  it('takes what YAML makes of unquoted values', () => {
    const text = `{dataSources: {f: {spec: {dataSchema: {dataSource: f, timestampSpec: {}, dimensionsSpec: {}}}}},
      properties: {druid.overlord.urls: "http://a:1, http://b:2/", task.partitions: 2, tranquility.blockOnFull: false}}`;
    expect(() => parseConfig(text, 'c.yaml')).not.toThrow();
    expect(
      faults({ ...(flights() as object), properties: { 'task.partitions': 2, 'tranquility.blockOnFull': false } }),
    ).toEqual([]);
  });

  const samples: readonly unknown[] = [
    ...[
      null,
      true,
      false,
      'true',
      'false',
      'yes',
      -2,
      -1,
      0,
      1,
      2,
      7.5,
      1e15,
      1e21,
      '-1',
      '+1',
      '0',
      '007',
      '1',
      '1.0',
      '',
      'x',
    ],
    ...[
      'PT1M',
      'pt1m',
      'P1W',
      'P1Y2M3W4DT5H6M7.5S',
      'PT-1M',
      'PT1H-1M',
      'P',
      'PT',
      '1M',
      '999999999999999',
      '9999999999999999',
    ],
    ...[
      'http://a',
      'http://a:1',
      'https://[::1]:1/',
      'http://a:1,https://b:2',
      'a:1',
      'a',
      'a:1,b:2/c/d',
      '[::1]:2181',
      'a:1;b:2',
    ],
    ...[
      '/',
      '/a',
      '/a/b',
      'a/b',
      '/a//b',
      'json',
      'smile',
      'gzip',
      'none',
      'curator',
      'overlord',
      'zookeeper',
      'JSON',
      [],
      {},
      [1],
    ],
  ];

  it.each(Object.keys(properties))('takes every value of %s that the reader takes', (name) => {
    // Where there is a ZooKeeper every choice is complete.
    const config = (value: unknown): unknown => flights({ ...overlord, 'zookeeper.connect': 'zk', [name]: value });
    const read = samples.filter((value) => isRead(config(value)));
    expect(read.length).toBeGreaterThan(0);
    expect(read.filter((value) => faults(config(value)).length > 0)).toEqual([]);
    const refused = samples.filter((value) => !isRead(config(value)));
    expect(refused.filter((value) => faults(config(value)).length > 0).length).toBeGreaterThan(0);
  });

  it.each<[mistake: string, config: unknown, place: string]>([
    ['no dataSources', { properties: overlord }, ''],
    ['an empty list', { dataSources: [] }, '/dataSources'],
    ['an empty map', { dataSources: {} }, '/dataSources'],
    ['dataSources that are a text', { dataSources: 'flights' }, '/dataSources'],
    ['an entry without a spec', { dataSources: [{}] }, '/dataSources/0'],
    ['no dataSchema', { dataSources: [{ spec: {} }] }, '/dataSources/0/spec'],
    ['no name', schema({ dataSource: undefined }), '/dataSources/0/spec/dataSchema'],
    ['a name with a slash', schema({ dataSource: 'a/b' }), '/dataSources/0/spec/dataSchema/dataSource'],
    ['no timestampSpec', inParser({ dimensionsSpec: {} }), '/dataSources/0/spec/dataSchema'],
    ['no dimensionsSpec', inParser({ timestampSpec: {} }), '/dataSources/0/spec/dataSchema'],
    [
      'a format of text that no one knows',
      inParser({ format: 'javascript', timestampSpec: {}, dimensionsSpec: {} }),
      '/dataSources/0/spec/dataSchema/parser/parseSpec/format',
    ],
    [
      'a flattenSpec that is a list',
      inParser({ flattenSpec: [], timestampSpec: {}, dimensionsSpec: {} }),
      '/dataSources/0/spec/dataSchema/parser/parseSpec/flattenSpec',
    ],
    [
      'a metric without a type',
      schema({ metricsSpec: [{ name: 'x' }] }),
      '/dataSources/0/spec/dataSchema/metricsSpec/0',
    ],
    ['metrics that are a map', schema({ metricsSpec: {} }), '/dataSources/0/spec/dataSchema/metricsSpec'],
    ['an unknown granularity', segments('hours'), '/dataSources/0/spec/dataSchema/granularitySpec/segmentGranularity'],
    ['a granularity of no end', segments('all'), '/dataSources/0/spec/dataSchema/granularitySpec/segmentGranularity'],
    [
      'a period that is none',
      segments({ type: 'period', period: '1D' }),
      '/dataSources/0/spec/dataSchema/granularitySpec/segmentGranularity/period',
    ],
    ['a wrong queryGranularity', queries('tick'), '/dataSources/0/spec/dataSchema/granularitySpec/queryGranularity'],
    [
      'arbitrary segments',
      schema({ granularitySpec: { type: 'arbitrary' } }),
      '/dataSources/0/spec/dataSchema/granularitySpec/type',
    ],
    [
      'rollup as a text',
      schema({ granularitySpec: { rollup: 'yes' } }),
      '/dataSources/0/spec/dataSchema/granularitySpec/rollup',
    ],
    ['another kind of tuning', tuning({ type: 'kafka' }), '/dataSources/0/spec/tuningConfig/type'],
    ['a wrong window', tuning({ windowPeriod: '10m' }), '/dataSources/0/spec/tuningConfig/windowPeriod'],
    [
      'a firehose',
      {
        dataSources: [
          { spec: { dataSchema: { dataSource: 'a', ...modern, parser: null }, ioConfig: { firehose: {} } } },
        ],
      },
      '/dataSources/0/spec/ioConfig/firehose',
    ],
    ['a host instead of a URL', property('druid.overlord.urls', 'overlord:8090'), '/properties/druid.overlord.urls'],
    ['a URL with a path', property('druid.overlord.urls', 'http://a:1/druid'), '/properties/druid.overlord.urls'],
    ['a batch of nothing', property('tranquility.maxBatchSize', '0'), '/properties/tranquility.maxBatchSize'],
    [
      'a number in words',
      property('tranquility.maxPendingBatches', 'five'),
      '/properties/tranquility.maxPendingBatches',
    ],
    [
      'a wrong period',
      property('druidBeam.firehoseGracePeriod', '5 minutes'),
      '/properties/druidBeam.firehoseGracePeriod',
    ],
    ['a list where a value belongs', property('task.partitions', [1]), '/properties/task.partitions'],
    ['an unknown compression', property('druidBeam.compression', 'zstd'), '/properties/druidBeam.compression'],
    ['what this release refuses', property('druidBeam.randomizeTaskId', true), '/properties/druidBeam.randomizeTaskId'],
    ['a global property in a dataSource', own({ 'http.port': 1 }), '/dataSources/0/properties/http.port'],
    ['a wrong property of a dataSource', own({ 'task.replicants': 0 }), '/dataSources/0/properties/task.replicants'],
  ])('refuses %s, as the reader does', (_, config, place) => {
    expect(isRead(config)).toBe(false);
    expect(faults(JSON.parse(JSON.stringify(config)))).toContain(place);
  });
});
