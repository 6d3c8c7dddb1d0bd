import { readFileSync } from 'node:fs';
import type { Property } from '@tranquility-js/core/internal';
import { describe, expect, it } from 'vitest';
import { aliases, clientProperties, withoutEffect } from '../src/config/client-properties.js';
import { clientConfig } from '../src/config/client-config.js';
import { readJaas } from '../src/config/jaas.js';
import { readKafkaPlan } from '../src/config/read-plan.js';
import { topicProperties } from '../src/config/topic-properties.js';

const spec = {
  dataSchema: {
    dataSource: 'clicks',
    timestampSpec: { column: 'time', format: 'auto' },
    dimensionsSpec: { dimensions: [] },
    granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
  },
  tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
};

const config = (properties: object, own: object = { topicPattern: 'clicks' }): object => ({
  dataSources: [{ spec, properties: own }],
  properties: { 'druid.overlord.urls': 'http://druid:8081', ...properties },
});
const brokers = { 'kafka.bootstrap.servers': 'a:9092, b:9093' };

describe('a config', () => {
  it('of Tranquility works, once brokers are in it', async () => {
    const old = {
      ...{ 'kafka.zookeeper.connect': 'zk:2181', 'kafka.group.id': 'mine', 'kafka.offsets.storage': 'kafka' },
      ...{ 'consumer.numThreads': '2', 'commit.periodMillis': '5000', 'kafka.auto.offset.reset': 'smallest' },
      ...{ 'kafka.auto.commit.enable': 'false', 'kafka.socket.timeout.ms': '2000' },
    };
    const own = { topicPattern: 'clicks|views', 'topicPattern.priority': '3', useTopicAsDataSource: 'true' };
    const plan = await readKafkaPlan(config({ ...brokers, ...old }, own));
    expect(plan.client).toMatchObject({
      'kafka.bootstrap.servers': ['a:9092', 'b:9093'],
      'kafka.group.id': 'mine',
      'kafka.request.timeout.ms': 2000,
      'commit.periodMillis': 5000,
    });
    expect(plan.routes).toMatchObject([{ dataSource: 'clicks', priority: 3, usesStreamName: true }]);
    expect(plan.config.warnings.join('\n')).toContain('"kafka.zookeeper.connect"] is not read');
  });

  it.each([
    [{}, {}, 'has no brokers'],
    [{ 'kafka.zookeeper.connect': 'zk:2181' }, {}, 'alone cannot name brokers'],
    [{ ...brokers, 'kafka.fetch.size': '1' }, {}, 'has no equivalent in the client that is used here'],
    [{ ...brokers, 'kafka.zookeeper.session.timeout.ms': '1' }, {}, 'has no equivalent'],
    [{ ...brokers, 'kafka.enable.auto.commit': 'true' }, {}, 'Only what Druid has acknowledged is committed'],
    [{ ...brokers, 'kafka.fetch.max.wait.ms': '5000' }, {}, 'It is at most 500'],
    [{ ...brokers, 'kafka.heartbeat.interval.ms': '20000' }, {}, 'must be at most a third'],
    [{ ...brokers, 'kafka.session.timeout.ms': '3000000000' }, {}, 'from 1000 to 2147483647'],
    [{ ...brokers, 'kafka.metadata.broker.list': 'c:1' }, {}, 'says the same as kafka.bootstrap.servers'],
    [{ ...brokers, 'kafka.sasl.mechanism': 'PLAIN' }, {}, 'is for SASL_PLAINTEXT and SASL_SSL'],
    [{ ...brokers, 'kafka.security.protocol': 'SASL_SSL' }, {}, 'Set kafka.sasl.mechanism too'],
    [
      { ...brokers, 'kafka.security.protocol': 'SASL_SSL', 'kafka.sasl.mechanism': 'OAUTHBEARER' },
      { 'kafka.sasl.oauthbearer.client.id': 'we' },
      'is OAUTHBEARER. Set kafka.sasl.oauthbearer.token.endpoint.url and kafka.sasl.oauthbearer.client.',
    ],
    [brokers, { 'avro.schemaPath': '/nowhere/click.avsc' }, 'is /nowhere/click.avsc, which is not there'],
    [brokers, { topicPattern: 'a', onDrop: 'dead-letter' }, 'Set deadLetter.topic, where they go'],
  ])('%j with %j is refused', async (properties, own, message) => {
    await expect(readKafkaPlan(config(properties, { topicPattern: 'clicks', ...own }))).rejects.toThrow(message);
  });

  describe('with a mechanism that is given in code', () => {
    const sasl = {
      mechanism: 'AWS_MSK_IAM',
      authenticationProvider: () => ({ authenticate: () => Promise.resolve() }),
    };

    it('needs none in the config', async () => {
      const given = config({ ...brokers, 'kafka.security.protocol': 'SASL_SSL' });
      const plan = await readKafkaPlan(given, {}, { sasl });
      expect((await clientConfig(plan.client, { sasl })).sasl).toBe(sasl);
    });

    it.each([{}, { 'kafka.security.protocol': 'SSL' }])('and %j is refused: it would be left out', async (own) => {
      await expect(readKafkaPlan(config({ ...brokers, ...own }), {}, { sasl })).rejects.toThrow(
        'Set kafka.security.protocol to SASL_SSL or SASL_PLAINTEXT',
      );
    });
  });

  it('never shows a password', async () => {
    const properties = { ...brokers, 'kafka.security.protocol': 'SASL_SSL', 'kafka.sasl.mechanism': 'PLAIN' };
    const jaas = 'org.example.Other required password="of-no-worth";';
    const refused = readKafkaPlan(config({ ...properties, 'kafka.sasl.jaas.config': jaas }));
    await expect(refused).rejects.toThrow('has no username and password');
    await expect(refused).rejects.not.toThrow('of-no-worth');
  });
});

it.each([
  ['x.PlainLoginModule required username="a" password="b";', { username: 'a', password: 'b' }],
  ['x.ScramLoginModule required\n  username=a\n  password="q\\"t";', { username: 'a', password: 'q"t' }],
  ['x.OAuthBearerLoginModule required username="a" password="b";', undefined],
  ['x.PlainLoginModule required username="a";', undefined],
])('%s', (text, expected) => {
  expect(readJaas(text)).toEqual(expected);
});

describe('docs/kafka.md', () => {
  const page = readFileSync(new URL('../../../docs/kafka.md', import.meta.url), 'utf8');

  it('tells every property as the code has it', () => {
    const tables = { ...topicProperties, ...clientProperties };
    const rows = page.replace(/\n {2}(?=\S)/g, ' ').match(/^- `[\w.]+` \(.*$/gm) ?? [];
    const expected = Object.entries<Property<unknown>>(tables).map(([name, { default: value, description, only }]) => {
      const limit = only === undefined ? '' : ` **${only.reason}**`;
      return `- \`${name}\` (${value === undefined ? 'unset' : `\`${value}\``}): ${description}${limit}`;
    });
    expect(rows).toEqual(expected);
  });

  it('names what has another name, or no effect', () => {
    for (const name of [...Object.keys(aliases), ...Object.keys(withoutEffect)]) expect(page).toContain(`\`${name}\``);
  });
});
