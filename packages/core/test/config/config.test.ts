import { describe, expect, it } from 'vitest';
import { chooseDataSource, loadConfig, parseConfig, readConfig } from '../../src/config/config.js';
import { TranquilityError } from '../../src/errors/tranquility-error.js';
import { flights } from '../support/configs.js';

const overlord = { 'druid.overlord.urls': 'http://overlord:8090' };

/** The text of a config file that holds the value, as Tranquility's examples have it: with tabs. */
const file = (config: unknown): string => JSON.stringify(config, null, '\t');

function problemsOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TranquilityError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'no problem';
}

describe('a Tranquility config', () => {
  const expected = {
    dataSource: 'flights',
    windowPeriod: 'PT10M',
    granularity: 'HOUR',
    maxBatchSize: 500,
    grace: 300_000,
  };
  const shape = (config: ReturnType<typeof readConfig>): unknown => {
    const { dataSource, spec, properties } = chooseDataSource(config);
    return {
      dataSource,
      windowPeriod: spec.windowPeriod,
      granularity: spec.segmentGranularity.name,
      maxBatchSize: properties['tranquility.maxBatchSize'],
      grace: properties['druidBeam.firehoseGracePeriod'].millis,
    };
  };
  const properties = { ...overlord, 'tranquility.maxBatchSize': '500' };
  const list = flights(properties) as { dataSources: object[] };
  const yaml = `
dataSources:
  flights:
    spec:
      dataSchema:
        dataSource: flights
        parser: {parseSpec: {format: json, timestampSpec: {column: time}, dimensionsSpec: {}}}
        granularitySpec: {segmentGranularity: hour}
    properties:
      tranquility.maxBatchSize: 500 # a number, not a text
properties:
  druid.overlord.urls: "http://overlord:8090"
  tranquility.maxBatchSize: 100`;

  it.each([
    ['JSON with tabs, and a list', file(list)],
    ['JSON, and a map', JSON.stringify({ ...list, dataSources: { flights: list.dataSources[0] } })],
    ['JSON with a comma too many', file(list).replace(/\n}$/, ',\n}')],
    ['YAML, with a dataSource’s own property over the global one', yaml],
    ['a byte order mark', `\uFEFF${file(list)}`],
  ])('is read from %s', (_, text) => {
    expect(shape(parseConfig(text, 'tranquility.json'))).toEqual(expected);
  });

  it('is read from a spec in the form without a parser', () => {
    const config = flights(overlord, {
      dataSchema: {
        parser: undefined,
        timestampSpec: { column: 'time', format: 'iso' },
        dimensionsSpec: { dimensions: ['a'] },
      },
    });
    const { spec } = chooseDataSource(readConfig(config));
    expect(spec.timestampSpec).toEqual({ column: 'time', format: 'iso' });
    expect(spec.dimensionsSpec).toEqual({ dimensions: ['a'] });
  });

  it('has Tranquility’s defaults', () => {
    const { properties: values } = chooseDataSource(readConfig(flights(overlord)));
    expect(values).toMatchObject({
      'druidBeam.firehoseBufferSize': 100_000,
      'druidBeam.firehoseChunkSize': 1000,
      'druidBeam.firehoseGracePeriod': { text: 'PT5M', millis: 300_000 },
      'tranquility.blockOnFull': true,
      'tranquility.lingerMillis': 0,
      'tranquility.maxBatchSize': 2000,
      'tranquility.maxPendingBatches': 5,
    });
  });

  it('takes the default where a dataSource says null, as Tranquility does', () => {
    const config = flights({ ...overlord, 'tranquility.maxBatchSize': 100 }) as {
      dataSources: { properties: object }[];
    };
    Object.assign(config.dataSources[0]?.properties ?? {}, { 'tranquility.maxBatchSize': null });
    expect(chooseDataSource(readConfig(config)).properties['tranquility.maxBatchSize']).toBe(2000);
  });

  it('lets properties from outside win', () => {
    const config = readConfig(flights(overlord), { properties: { 'druid.overlord.urls': 'http://a:1, http://b:2' } });
    expect(chooseDataSource(config).properties['druid.overlord.urls']).toEqual(['http://a:1', 'http://b:2']);
  });

  it.each([
    [{ 'zookeeper.connect': 'zk:2181' }, 'zookeeper'],
    [{ 'zookeeper.connect': 'zk:2181', ...overlord }, 'zookeeper'],
    [{ 'zookeeper.connect': 'zk:2181', 'tranquility.coordination': 'overlord' }, 'overlord'],
    [overlord, 'overlord'],
  ])('coordinates through ZooKeeper where there is one, unless told otherwise: %j', (properties, coordination) => {
    const config = readConfig(flights(properties));
    expect(chooseDataSource(config).properties['tranquility.coordination']).toBe(coordination);
    expect(config.warnings).toEqual([]);
  });

  it('leaves properties of the server and the connectors alone, and warns of others that it does not know', () => {
    const names = {
      'http.port': '8200',
      'kafka.group.id': 'x',
      topicPattern: 'a.*',
      'tranquility.maxBatchSizes': 1,
      banana: 1,
    };
    const { warnings } = parseConfig(file(flights({ ...overlord, ...names })), 'tranquility.json');
    expect(warnings).toEqual([
      'tranquility.json:53:3: properties["tranquility.maxBatchSizes"] is no property that is known. Did you mean "tranquility.maxBatchSize"?',
      'tranquility.json:54:3: properties.banana is no property that is known.',
    ]);
  });

  it('warns of a window as long as its segment, and of unknown keys at the top', () => {
    const config = { ...flights(overlord, { tuningConfig: { windowPeriod: 'PT1H' } }), dataSource: [] };
    const { warnings } = readConfig(config);
    expect(warnings.join('\n')).toMatch(/windowPeriod is "PT1H", as long as a segment \(HOUR\)/);
    expect(warnings.join('\n')).toMatch(/dataSource is not read\. Did you mean "dataSources"\?/);
  });
});

describe('a mistake in a config', () => {
  const schema = (dataSchema: Record<string, unknown>): unknown => flights(overlord, { dataSchema });
  const parsed = (parseSpec: object): unknown =>
    schema({ parser: { parseSpec: { timestampSpec: {}, dimensionsSpec: {}, ...parseSpec } } });
  const tuning = (tuningConfig: Record<string, unknown>): unknown => flights(overlord, { tuningConfig });
  const time = (timestampSpec: Record<string, unknown>): unknown => flights(overlord, { timestampSpec });
  const property = (name: string, value: unknown): unknown => flights({ ...overlord, [name]: value });
  const own = (name: string, value: unknown): unknown => {
    const config = flights(overlord) as { dataSources: { properties: Record<string, unknown> }[] };
    Object.assign(config.dataSources[0]?.properties ?? {}, { [name]: value });
    return config;
  };
  const [entry] = (flights(overlord) as { dataSources: unknown[] }).dataSources;

  it.each<[mistake: string, config: unknown, path: string, value: string, remedy: RegExp]>([
    ['no dataSources', { properties: overlord }, 'dataSources', 'nothing', /Give a list of dataSources/],
    [
      'dataSources that are a text',
      { dataSources: 'flights' },
      'dataSources',
      '"flights"',
      /Give a list of dataSources/,
    ],
    [
      'an entry without a spec',
      { dataSources: [{}], properties: overlord },
      'dataSources[0].spec',
      'missing',
      /ingestion spec/,
    ],
    ['no name', schema({ dataSource: undefined }), 'dataSchema.dataSource', 'missing', /Name the dataSource/],
    [
      'a name that Druid refuses',
      schema({ dataSource: 'a/b' }),
      'dataSchema.dataSource',
      '"a/b"',
      /Use a name without/,
    ],
    [
      'two of the same name',
      { dataSources: [entry, entry], properties: overlord },
      'dataSources[1]',
      '"flights"',
      /Keep one/,
    ],
    [
      'a map under another name',
      { dataSources: { f: entry }, properties: overlord },
      'dataSources.f',
      '"flights"',
      /the same name/,
    ],
    [
      'an unknown granularity',
      schema({ granularitySpec: { segmentGranularity: 'hours' } }),
      'segmentGranularity',
      '"hours"',
      /Did you mean "HOUR"/,
    ],
    [
      'a granularity of no end',
      schema({ granularitySpec: { segmentGranularity: 'ALL' } }),
      'segmentGranularity',
      '"ALL"',
      /Use one of/,
    ],
    [
      'a granularity of a period that is none',
      schema({ granularitySpec: { segmentGranularity: { type: 'period', period: '1D' } } }),
      'segmentGranularity',
      '"1D"',
      /for example "PT10M"/,
    ],
    [
      'a queryGranularity in a zone that does not exist',
      schema({ granularitySpec: { queryGranularity: { type: 'period', period: 'P1D', timeZone: 'Mars/Base' } } }),
      'queryGranularity',
      '"Mars/Base"',
      /Use a name such as "America/,
    ],
    [
      'an arbitrary granularity',
      schema({ granularitySpec: { type: 'arbitrary' } }),
      'granularitySpec.type',
      '"arbitrary"',
      /set it to "uniform"/,
    ],
    [
      'a wrong queryGranularity',
      schema({ granularitySpec: { queryGranularity: 'tick' } }),
      'queryGranularity',
      '"tick"',
      /one of/,
    ],
    ['rollup as a text', schema({ granularitySpec: { rollup: 'yes' } }), 'rollup', '"yes"', /Use true or false/],
    [
      'no timestampSpec',
      schema({ parser: { parseSpec: { dimensionsSpec: {} } } }),
      'timestampSpec',
      'missing',
      /"column": "timestamp"/,
    ],
    [
      'an unknown time format',
      time({ format: 'yyyy-MM-ddTHH:mm' }),
      'timestampSpec.format',
      '"yyyy-MM-ddTHH:mm"',
      /Put single quotes around text that is to be read as it is: 'T'/,
    ],
    [
      'no dimensionsSpec',
      schema({ parser: { parseSpec: { timestampSpec: {} } } }),
      'dimensionsSpec',
      'missing',
      /give \{\} to take every field/,
    ],
    [
      'a metric like a dimension',
      schema({ metricsSpec: [{ type: 'longSum', name: 'origin', fieldName: 'x' }] }),
      'metricsSpec[0].name',
      '"origin"',
      /rename/,
    ],
    [
      'a metric without a type',
      schema({ metricsSpec: [{ name: 'x' }] }),
      'metricsSpec[0].type',
      'missing',
      /aggregator’s type/,
    ],
    [
      'a flattenSpec with a broken path',
      parsed({ flattenSpec: { fields: [{ type: 'path', name: 'x', expr: '$.a[' }] } }),
      'parseSpec.flattenSpec.fields[0].expr',
      '"$.a["',
      /At character 5: expected/,
    ],
    [
      'a flattenSpec that makes a column twice',
      parsed({ flattenSpec: { fields: ['x', { type: 'root', name: 'x' }] } }),
      'parseSpec.flattenSpec.fields[1]',
      '"x"',
      /Rename or remove/,
    ],
    ['CSV without columns', parsed({ format: 'csv' }), 'parseSpec.columns', 'missing', /set hasHeaderRow/],
    ['a format that runs code', parsed({ format: 'javascript' }), 'parseSpec.format', '"javascript"', /Use "json"/],
    [
      'a pattern that no engine matches in time',
      parsed({ format: 'regex', pattern: '(a)\\1' }),
      'parseSpec.pattern',
      '1"',
      /back references are not supported/,
    ],
    ['a parser for Avro', schema({ parser: { type: 'avro_stream' } }), 'parser.type', '"avro_stream"', /set a decoder/],
    [
      'an inputFormat beside a parser',
      {
        dataSources: [
          {
            spec: {
              dataSchema: {
                dataSource: 'a',
                parser: { parseSpec: { format: 'json', timestampSpec: {}, dimensionsSpec: {} } },
              },
              ioConfig: { inputFormat: { type: 'json' } },
            },
          },
        ],
      },
      'ioConfig.inputFormat',
      'beside',
      /Keep one/,
    ],
    [
      'a transform of the time',
      schema({ transformSpec: { transforms: [{ name: '__time' }] } }),
      'transformSpec',
      '"__time"',
      /set the time in the event/,
    ],
    ['another kind of tuning', tuning({ type: 'kafka' }), 'tuningConfig.type', '"kafka"', /set it to "realtime"/],
    ['a wrong window', tuning({ windowPeriod: '10m' }), 'tuningConfig.windowPeriod', '"10m"', /for example "PT10M"/],
    [
      'a negative window',
      tuning({ windowPeriod: 'PT-10M' }),
      'tuningConfig.windowPeriod',
      '"PT-10M"',
      /such as "PT10M"/,
    ],
    [
      'a firehose',
      {
        dataSources: [{ spec: { ...(entry as { spec: object }).spec, ioConfig: { firehose: {} } } }],
        properties: overlord,
      },
      'ioConfig.firehose',
      'must not be set',
      /Remove it/,
    ],
    ['no overlord', flights({}), 'dataSources[0]', 'no way to find', /Set the property druid\.overlord\.urls/],
    [
      'ZooKeeper without a server',
      property('tranquility.coordination', 'zookeeper'),
      'properties["tranquility.coordination"]',
      'is "zookeeper", but there is none',
      /Set zookeeper\.connect/,
    ],
    [
      'a ZooKeeper that is none',
      property('zookeeper.connect', 'zk:2181;zk2'),
      'properties["zookeeper.connect"]',
      '"zk:2181;zk2"',
      /not host:port, several separated by commas/,
    ],
    [
      'a path in ZooKeeper that is none',
      property('zookeeper.path', 'tranquility/beams'),
      'properties["zookeeper.path"]',
      '"tranquility/beams"',
      /such as \/tranquility\/beams/,
    ],
    [
      'a URL with a path',
      property('druid.overlord.urls', 'http://a:1/druid'),
      'properties["druid.overlord.urls"]',
      '"http://a:1/druid"',
      /such as http:\/\/overlord:8090/,
    ],
    [
      'credentials in a URL, which are not shown',
      property('druid.overlord.urls', 'http://admin:hunter2@overlord:8090'),
      'properties["druid.overlord.urls"]',
      '"http://[secret]@overlord:8090"',
      /^(?!.*hunter2).*such as http:\/\/overlord:8090/s,
    ],
    [
      'a password as a number that loses digits',
      property('druidBeam.basicAuthPass', 2 ** 60),
      'properties["druidBeam.basicAuthPass"]',
      'a secret',
      /not a text/,
    ],
    [
      'a host instead of a URL',
      property('druid.overlord.urls', 'overlord:8090'),
      'properties["druid.overlord.urls"]',
      '"overlord:8090"',
      /such as http:\/\/overlord:8090/,
    ],
    [
      'a batch of nothing',
      property('tranquility.maxBatchSize', '0'),
      'properties["tranquility.maxBatchSize"]',
      '"0"',
      /at least 1/,
    ],
    [
      'a number in words',
      property('tranquility.maxPendingBatches', 'five'),
      'properties["tranquility.maxPendingBatches"]',
      '"five"',
      /whole number/,
    ],
    [
      'a wrong period',
      property('druidBeam.firehoseGracePeriod', '5 minutes'),
      'properties["druidBeam.firehoseGracePeriod"]',
      '"5 minutes"',
      /such as PT1M/,
    ],
    [
      'a list where a value belongs',
      property('task.partitions', [1]),
      'properties["task.partitions"]',
      '[1]',
      /whole number/,
    ],
    ['no partitions', property('task.partitions', 0), 'properties["task.partitions"]', '0', /at least 1/],
    [
      'an unknown compression',
      property('druidBeam.compression', 'zstd'),
      'properties["druidBeam.compression"]',
      '"zstd"',
      /none, gzip/,
    ],
    [
      'a format of no kind',
      property('serialization.format', 'xml'),
      'properties["serialization.format"]',
      '"xml"',
      /one of: json, smile/,
    ],
    [
      'a global property in a dataSource',
      own('http.port', 1),
      'dataSources[0].properties["http.port"]',
      'whole file',
      /Move it to the top-level/,
    ],
  ])('%s: the message names file, place, value and remedy', (_, config, path, value, remedy) => {
    const message = problemsOf(() => parseConfig(file(config), 'conf/tranquility.json'));
    expect(message).toMatch(
      /^TRQ_CONFIG_INVALID The config has (a problem|\d+ problems):\n {2}conf\/tranquility\.json:\d+:\d+: /,
    );
    expect(message).toContain(path);
    expect(message).toContain(value);
    expect(message).toMatch(remedy);
  });

  it.each([
    ['a forgotten comma', '{"dataSources": [] "properties": {}}', /conf\.json:1:\d+: this is not JSON/],
    [
      'a forgotten comma after a number',
      '{\n"a": 1\n"b": 2}',
      /conf\.json:3:1: this is not JSON: expected "," or "}", found "\\""/,
    ],
    ['an end too early', '{"dataSources": [', /conf\.json:1:\d+: this is not JSON/],
    ['YAML with a tab', 'dataSources:\n\tflights: {}', /conf\.json:2:1: this is not YAML/],
    ['a key given twice', 'properties: {}\nproperties: {}', /conf\.json:2:1: this is not YAML/],
  ])('in its syntax, %s: the message names file, line and column', (_, text, message) => {
    const problem = problemsOf(() => parseConfig(text, 'conf.json'));
    expect(problem).toMatch(/^TRQ_CONFIG_SYNTAX/);
    expect(problem).toMatch(message);
  });

  it.each(['', '[]', '"text"', 'null'])('that makes it no object: %j', (text) => {
    expect(problemsOf(() => parseConfig(text, 'conf.json'))).toMatch(
      /^TRQ_CONFIG_INVALID.*\n {2}conf\.json:1:1: .*not an object|is missing/s,
    );
  });

  it('points at the line', () => {
    const text = file(property('task.partitions', 0));
    const line = text.split('\n').findIndex((each) => each.includes('task.partitions')) + 1;
    expect(problemsOf(() => parseConfig(text, 'a.json'))).toContain(`a.json:${line}:3: properties["task.partitions"]`);
  });

  it('among others: all are told at once', () => {
    const config = flights(
      { 'task.partitions': 0, 'tranquility.maxBatchSize': -1 },
      { timestampSpec: { format: 'seconds' } },
    );
    expect(problemsOf(() => readConfig(config))).toMatch(/has 4 problems:(\n {2}config: .*){4}$/);
  });

  it('never shows a secret', () => {
    expect(problemsOf(() => readConfig(property('druidBeam.basicAuthPass', ['hidden'])))).not.toContain('hidden');
  });

  it('in the name of the file, or of the dataSource', async () => {
    await expect(loadConfig('/no/such/file')).rejects.toMatchObject({
      code: 'TRQ_CONFIG_UNREADABLE',
      message: expect.stringContaining('/no/such/file') as string,
    });
    const config = readConfig(flights(overlord));
    expect(problemsOf(() => chooseDataSource(config, 'flight'))).toMatch(
      /TRQ_DATASOURCE_UNKNOWN.*Did you mean "flights"\?/,
    );
  });
});
