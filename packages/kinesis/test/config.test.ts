import { readFileSync } from 'node:fs';
import type { Property } from '@tranquility-js/core/internal';
import { describe, expect, it } from 'vitest';
import { clientProperties } from '../src/config/client-properties.js';
import { readKinesisPlan } from '../src/config/read-plan.js';
import { kinesisStreamProperties } from '../src/config/stream-properties.js';

const spec = {
  dataSchema: {
    dataSource: 'clicks',
    timestampSpec: { column: 'time', format: 'auto' },
    dimensionsSpec: { dimensions: [] },
    granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
  },
  tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
};

const config = (properties: object, own: object = {}): object => ({
  dataSources: [{ spec, properties: { streamPattern: 'clicks', ...own } }],
  properties: { 'druid.overlord.urls': 'http://druid:8081', ...properties },
});

/** Of several dataSources, each with properties of its own. */
const configOf = (own: readonly object[], properties: object = {}): object => ({
  dataSources: own.map((given, at) => ({
    spec: { ...spec, dataSchema: { ...spec.dataSchema, dataSource: `rows-${at}` } },
    properties: given,
  })),
  properties: { 'druid.overlord.urls': 'http://druid:8081', ...properties },
});

describe('a config', () => {
  it('names streams, and says where they begin', async () => {
    const own = { streamPattern: 'clicks|views', 'streamPattern.priority': '3', useStreamAsDataSource: 'true' };
    const plan = await readKinesisPlan(
      config({ 'kinesis.region': 'eu-west-1', 'kinesis.start': '2026-01-01T00:00:00Z' }, own),
    );
    expect(plan.client).toMatchObject({
      'kinesis.region': 'eu-west-1',
      'kinesis.start': { timestamp: Date.UTC(2026, 0, 1) },
      'kinesis.leases.store': 'dynamodb',
    });
    expect(plan.routes).toMatchObject([{ dataSource: 'clicks', priority: 3, usesStreamName: true }]);
    expect([plan.names, plan.config.warnings]).toEqual([['clicks', 'views'], []]);
  });

  it('names streams with dots in their names, of another account too', async () => {
    const account = { 'kinesis.account': '123456789012' };
    const plan = await readKinesisPlan(config(account, { streamPattern: 'my\\.clicks|views' }));
    expect(plan.names).toEqual(['my.clicks', 'views']);
    expect(plan.routes[0]?.pattern.test('my.clicks')).toBe(true);
    await expect(readKinesisPlan(config(account, { streamPattern: 'my.clicks' }))).rejects.toThrow('before each dot');
    expect((await readKinesisPlan(config({}, { streamPattern: 'my.clicks' }))).names).toBeUndefined();
  });

  it('whose pattern is more than names has us ask which streams there are', async () => {
    expect((await readKinesisPlan(config({}, { streamPattern: 'clicks-.*' }))).names).toBeUndefined();
  });

  it('has leases in the ZooKeeper that it names at the top', async () => {
    const given = { 'zookeeper.connect': 'zk:2181', 'zookeeper.digest': 'me:secret', 'zookeeper.timeout': 'PT5S' };
    const { client } = await readKinesisPlan(config({ 'kinesis.leases.store': 'zookeeper', ...given }));
    expect(client).toMatchObject({
      'kinesis.leases.zookeeper.path': '/tranquility/kinesis',
      'zookeeper.connect': 'zk:2181',
      'zookeeper.timeout': { millis: 5_000 },
    });
    expect(client['zookeeper.digest']?.reveal()).toBe('me:secret');
  });

  it('tells once what is wrong with its ZooKeeper', async () => {
    const refused = readKinesisPlan(config({ 'kinesis.leases.store': 'zookeeper', 'zookeeper.timeout': 'soon' }));
    const { message } = (await refused.then(String, (error: unknown) => error as Error)) as Error;
    expect(message.match(/is "soon", not an ISO-8601 period/g)).toHaveLength(1);
  });

  it.each([
    [{ 'kinesis.regoin': 'eu-west-1' }, {}, 'Did you mean "kinesis.region"'],
    [{ 'kinesis.start': 'yesterday' }, {}, 'not LATEST, TRIM_HORIZON, or a time'],
    [{ 'kinesis.start': '9999-01-01T00:00:00Z' }, {}, 'lies in the future'],
    [{ 'kinesis.poll.limit': '10001' }, {}, 'not a whole number from 1 to 10000'],
    [{ 'kinesis.syncMillis': '2147483648' }, {}, 'not a whole number from 100 to 2147483647'],
    [{ 'kinesis.leases.store': 'file' }, {}, 'Set kinesis.leases.file, where leases are kept'],
    [{ 'kinesis.leases.store': 'zookeeper' }, {}, 'Set zookeeper.connect at the top'],
    [{ 'kinesis.leases.store': 'zookeeper' }, { 'zookeeper.connect': 'zk' }, 'Set zookeeper.connect at the top'],
    [{ 'kinesis.leases.zookeeper.path': 'kinesis' }, {}, 'not a path in ZooKeeper'],
    [{ 'kinesis.leases.zookeper.path': '/a' }, {}, 'Did you mean "kinesis.leases.zookeeper.path"'],
    [{ 'kinesis.role.externalId': 'x' }, {}, 'is for a role'],
    [{ 'kinesis.role.arn': 'reader' }, {}, 'not the ARN of a role'],
    [{ 'kinesis.account': '123456789012' }, { streamPattern: 'a.*' }, 'must be names of streams'],
    [{ 'kinesis.endpoint': 'kinesis:4567' }, {}, 'not a URL such as'],
    [{}, { onDrop: 'dead-letter' }, 'Set deadLetter.stream, where they go'],
    [{}, { 'kinesis.leases.table': 'a b' }, 'not the name of a table'],
  ])('%j with %j is refused', async (properties, own, message) => {
    await expect(readKinesisPlan(config(properties, own))).rejects.toThrow(message);
  });

  it.each([
    [[{ streamPattern: 'clicks|views' }], { 'kinesis.leases.table': 'leases' }],
    [[{ streamPattern: 'clicks' }, { streamPattern: 'views' }], { 'kinesis.leases.table': 'leases' }],
    [[{ streamPattern: 'clicks', 'kinesis.leases.table': 'tranquility-views' }, { streamPattern: 'views' }], {}],
    [[{ streamPattern: 'clicks|views' }, { streamPattern: 'other-.*' }], { 'kinesis.leases.table': 'leases' }],
  ])('%j with %j would give two streams one table, and is refused', async (own, properties) => {
    for (const more of [{}, { 'kinesis.leases.store': 'zookeeper', 'zookeeper.connect': 'zk:2181' }]) {
      await expect(readKinesisPlan(configOf(own, { ...properties, ...more }))).rejects.toMatchObject({
        code: 'TRQ_CONFIG_INVALID',
        message: expect.stringMatching(
          /streams clicks and views .* Put \{stream\} into kinesis\.leases\.table/,
        ) as string,
      });
    }
    await readKinesisPlan(configOf(own, { ...properties, 'kinesis.leases.store': 'memory' }));
  });

  it.each([
    [[{ streamPattern: 'clicks', 'kinesis.leases.table': 'an-application' }, { streamPattern: 'views' }]],
    [[{ streamPattern: 'clicks|clicks', 'kinesis.leases.table': 'an-application' }]],
    [[{ streamPattern: 'clicks-.*', 'kinesis.leases.table': 'an-application' }]],
    // The second one gets the views.
    [
      [
        { streamPattern: 'clicks|views', 'kinesis.leases.table': 'an-application' },
        { streamPattern: 'views', 'streamPattern.priority': '2' },
      ],
    ],
  ])('%j gives no two streams one table, as far as is known', async (own) => {
    await readKinesisPlan(configOf(own));
  });

  it('without streams is warned of', async () => {
    const plan = await readKinesisPlan({ ...config({}), dataSources: [{ spec }] });
    expect(plan.config.warnings.join('\n')).toContain('has no streams');
  });
});

it('docs/kinesis.md tells every property as the code has it', () => {
  const page = readFileSync(new URL('../../../docs/kinesis.md', import.meta.url), 'utf8');
  const tables = { ...kinesisStreamProperties, ...clientProperties };
  const rows = page.replace(/\n {2}(?=\S)/g, ' ').match(/^- `[\w.]+` \(.*$/gm) ?? [];
  const expected = Object.entries<Property<unknown>>(tables).map(
    ([name, { default: value, description }]) =>
      `- \`${name}\` (${value === undefined ? 'unset' : `\`${value}\``}): ${description}`,
  );
  expect(rows).toEqual(expected);
});
