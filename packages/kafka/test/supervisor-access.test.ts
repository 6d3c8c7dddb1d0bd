import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { clientConfig } from '../src/config/client-config.js';
import { readKafkaPlan } from '../src/config/read-plan.js';
import { supervisorAccess } from '../src/config/supervisor-access.js';
import { unsupervised, unsupervisedClient } from '../src/config/unsupervised.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'supervise-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function fileOf(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text);
  return join(directory, name);
}

const pem = (text: string): string => `-----BEGIN CERTIFICATE-----${text}`;

const planOf = (properties: object) =>
  readKafkaPlan({
    dataSources: [
      {
        spec: {
          dataSchema: {
            dataSource: 'clicks',
            timestampSpec: { column: 'time', format: 'auto' },
            dimensionsSpec: { dimensions: [] },
            granularitySpec: { segmentGranularity: 'HOUR', queryGranularity: 'MINUTE' },
          },
          tuningConfig: { type: 'realtime', windowPeriod: 'PT10M' },
        },
        properties: { topicPattern: 'clicks' },
      },
    ],
    properties: { 'druid.overlord.urls': 'http://druid:8081', 'kafka.bootstrap.servers': 'a:9092', ...properties },
  });

it('a supervisor gets what its consumer needs to reach and read the same brokers', async () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const passphrase = 'of-the-key';
  const key = privateKey.export({ type: 'pkcs1', format: 'pem', cipher: 'aes-256-cbc', passphrase });
  const { client } = await planOf({
    ...{ 'kafka.security.protocol': 'SSL', 'kafka.ssl.endpoint.identification.algorithm': 'none' },
    'kafka.ssl.ca.location': await fileOf('ca.pem', pem('one authority')),
    'kafka.ssl.truststore.location': await fileOf('trust.pem', pem('another authority')),
    'kafka.ssl.certificate.location': await fileOf('cert.pem', 'our certificate'),
    'kafka.ssl.key.location': await fileOf('key.pem', String(key)),
    'kafka.ssl.key.password': passphrase,
    ...{ 'kafka.isolation.level': 'read_uncommitted', 'kafka.client.rack': 'r1' },
  });
  expect(await supervisorAccess(client)).toMatchObject({
    'security.protocol': 'SSL',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.certificates': `${pem('one authority')}\n${pem('another authority')}`,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.certificate.chain': 'our certificate',
    'ssl.keystore.key': privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'ssl.endpoint.identification.algorithm': '',
    'isolation.level': 'read_uncommitted',
    'client.rack': 'r1',
  });
});

it('a supervisor gets nothing that its consumer does by itself', async () => {
  const { client, properties } = await planOf({});
  expect(Object.keys(await supervisorAccess(client))).toEqual(['bootstrap.servers', 'default.api.timeout.ms']);
  expect([...properties.values()].flatMap(unsupervised)).toEqual([]);
  expect(unsupervisedClient(client)).toEqual([]);
});

it('what a supervisor does not know has its name', async () => {
  const { client, properties } = await planOf({
    ...{ 'deadLetter.topic': 'dead', onUnparseable: 'stop', reportParseExceptions: 'true' },
    ...{ 'kafka.security.protocol': 'SSL', 'kafka.ssl.keystore.location': '/our.p12' },
  });
  expect([...properties.values()].flatMap(unsupervised)).toEqual([
    'deadLetter.topic',
    'onUnparseable',
    'reportParseExceptions',
  ]);
  expect(unsupervisedClient(client)).toEqual(['kafka.ssl.keystore.location']);
});

it('authorities that are not in PEM are refused', async () => {
  const location = await fileOf('trust.jks', 'a store of Java');
  const { client } = await planOf({ 'kafka.security.protocol': 'SSL', 'kafka.ssl.truststore.location': location });
  await expect(clientConfig(client, {})).rejects.toThrow(`${location} has no certificate in PEM`);
});
