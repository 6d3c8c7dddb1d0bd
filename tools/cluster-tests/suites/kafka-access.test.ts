import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { kafkaUsers } from '@tranquility-js/cluster';
import { createKafkaConnector, type KafkaConnector } from '@tranquility-js/kafka';
import type { Sandbox } from '@tranquility-js/sandbox';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { eventually, numbered, numberedSource, RealKafka, sink } from '../src/real-kafka.js';
import { TestAuthority } from '../src/test-authority.js';

let authority: TestAuthority;
let kafka: RealKafka;
let druid: Sandbox;
let tokens: Server;
const open: KafkaConnector[] = [];

beforeAll(async () => {
  authority = await TestAuthority.create();
  const { storePath } = await authority.issue('broker', 'san=ip:127.0.0.1');
  kafka = await RealKafka.start('4.4.0', { kafkaTls: { storePath, password: authority.password } });
  druid = await sink();
  tokens = createServer((_, response) => {
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const now = Math.floor(Date.now() / 1000);
    const token = `${part({ alg: 'none' })}.${part({ sub: 'dave', iat: now, exp: now + 3600 })}.`;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ access_token: token }));
  });
  await new Promise<void>((resolve) => tokens.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((connector) => connector.close({ timeout: 0 })));
});
afterAll(async () => {
  tokens.close();
  await druid.close();
  await kafka[Symbol.asyncDispose]();
  await authority[Symbol.asyncDispose]();
});

async function made(topic: string, bootstrap: string | undefined, properties: object): Promise<KafkaConnector> {
  const connector = await createKafkaConnector({
    config: {
      dataSources: [numberedSource(`${topic}-rows`, { topicPattern: topic })],
      properties: {
        'druid.overlord.urls': druid.url,
        'kafka.bootstrap.servers': bootstrap,
        'kafka.group.id': topic,
        'kafka.auto.offset.reset': 'earliest',
        'kafka.metadata.max.age.ms': '500',
        'kafka.session.timeout.ms': '6000',
        'commit.periodMillis': '100',
        ...properties,
      },
    },
  });
  open.push(connector);
  return connector;
}

const login = (mechanism: string, { username, password }: { username: string; password: string }) => ({
  'kafka.security.protocol': 'SASL_PLAINTEXT',
  'kafka.sasl.mechanism': mechanism,
  'kafka.sasl.username': username,
  'kafka.sasl.password': password,
});

async function reads(topic: string, bootstrap: string | undefined, properties: object): Promise<KafkaConnector> {
  await kafka.write(topic, numbered(100));
  const connector = await made(topic, bootstrap, properties);
  await connector.start();
  await eventually(() => connector.counters.topics[topic]?.sent === 100);
  return connector;
}

describe('logins', () => {
  it('PLAIN, SCRAM-SHA-256, SCRAM-SHA-512', async () => {
    const { sasl } = kafka.listeners;
    await reads(await kafka.topic('plain'), sasl, login('PLAIN', kafkaUsers.plain));
    await reads(await kafka.topic('scram'), sasl, login('SCRAM-SHA-256', kafkaUsers['scram-sha-256']));
    await reads(await kafka.topic('scram'), sasl, login('SCRAM-SHA-512', kafkaUsers['scram-sha-512']));
  });

  it('user and password as Java has them', async () => {
    const { username, password } = kafkaUsers.plain;
    await reads(await kafka.topic('jaas'), kafka.listeners.sasl, {
      'kafka.security.protocol': 'SASL_PLAINTEXT',
      'kafka.sasl.mechanism': 'PLAIN',
      'kafka.sasl.jaas.config': `org.apache.kafka.common.security.plain.PlainLoginModule required username="${username}" password="${password}";`,
    });
  });

  it('OAUTHBEARER, with a token that is asked for', async () => {
    const { port } = tokens.address() as AddressInfo;
    await reads(await kafka.topic('oauth'), kafka.listeners.sasl, {
      'kafka.security.protocol': 'SASL_PLAINTEXT',
      'kafka.sasl.mechanism': 'OAUTHBEARER',
      'kafka.sasl.oauthbearer.token.endpoint.url': `http://127.0.0.1:${port}/token`,
      'kafka.sasl.oauthbearer.client.id': 'us',
      'kafka.sasl.oauthbearer.client.secret': 'of-no-worth',
    });
  });

  it('a wrong password is told at once, without the password', async () => {
    const topic = await kafka.topic('wrong');
    const wrong = { ...kafkaUsers.plain, password: 'quite-wrong' };
    const connector = await made(topic, kafka.listeners.sasl, login('PLAIN', wrong));
    const refused = connector.start();
    await expect(refused).rejects.toMatchObject({ code: 'TRQ_KAFKA_REFUSED' });
    await expect(refused).rejects.not.toThrow('quite-wrong');
  });
});

describe('TLS', () => {
  it('alone, and with a login', async () => {
    const { tls, saslTls } = kafka.listeners;
    const trust = { 'kafka.ssl.ca.location': authority.caPath };
    await reads(await kafka.topic('tls'), tls, { 'kafka.security.protocol': 'SSL', ...trust });
    const both = {
      ...login('SCRAM-SHA-512', kafkaUsers['scram-sha-512']),
      'kafka.security.protocol': 'SASL_SSL',
      ...trust,
    };
    await reads(await kafka.topic('tls'), saslTls, both);
  });

  it('a broker that nobody vouches for is not spoken to', async () => {
    const connector = await made(await kafka.topic('tls'), kafka.listeners.tls, { 'kafka.security.protocol': 'SSL' });
    await expect(connector.start()).rejects.toMatchObject({ code: 'TRQ_KAFKA_UNREACHABLE' });
  });
});

describe('rights', () => {
  it('where the right to read is taken away, the connector says so, and goes on when it is back', async () => {
    const topic = await kafka.topic('rights');
    const connector = await reads(topic, kafka.listeners.sasl, login('PLAIN', kafkaUsers.plain));
    const rule = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: topic,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:alice',
      host: '*',
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.DENY,
    };
    await kafka.admin.createAcls({ acl: [rule] });
    await kafka.write(topic, numbered(100, 100));
    await eventually(() => connector.reasons.length > 0);
    await kafka.admin.deleteAcls({ filters: [rule] });
    await eventually(() => connector.counters.topics[topic]?.sent === 200);
    await eventually(() => connector.reasons.length === 0);
  });
});
