import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeOnce } from './cache.js';
import type { Context } from './context.js';
import { renderProperties } from './druid-properties.js';
import { quickStart } from './java.js';
import type { Jars } from './jars.js';
import { runToEnd } from './run-to-end.js';
import type { ServerDefinition } from './server.js';

// Kafka wants 16 bytes in base64url.
const clusterId = Buffer.from('tranquility-js-1').toString('base64url');

/** What a broker needs to know. */
export interface KafkaSettings {
  /** Its own directory, which exists. */
  readonly directory: string;
  readonly port: number;
  readonly controllerPort: number;
  readonly saslPort: number;
  /** Where TLS is spoken, with a login and without one. */
  readonly tls?: KafkaTls & { readonly port: number; readonly saslPort: number };
}

/** The broker's certificate and key. */
export interface KafkaTls {
  /** A PKCS12 store. */
  readonly storePath: string;
  readonly password: string;
}

/** Who may log in, beside everybody on the listener that asks for nothing, who may do all. With OAUTHBEARER: whoever a token names. */
export const kafkaUsers = {
  plain: { username: 'alice', password: 'alice-of-no-worth' },
  'scram-sha-256': { username: 'bob', password: 'bob-of-no-worth' },
  'scram-sha-512': { username: 'carol', password: 'carol-of-no-worth' },
} as const;

/** The listeners of a broker, by their names: its own is PLAINTEXT. */
function listeners({ port, saslPort, tls }: KafkaSettings): Record<string, number> {
  const open = { PLAINTEXT: port, SASL_PLAINTEXT: saslPort };
  return tls === undefined ? open : { ...open, SSL: tls.port, SASL_SSL: tls.saslPort };
}

/** How clients log in, on each listener that asks for it. */
function logins(settings: KafkaSettings): Record<string, string> {
  const module = 'org.apache.kafka.common.security';
  const { username, password } = kafkaUsers.plain;
  const modules = {
    plain: `${module}.plain.PlainLoginModule required user_${username}="${password}";`,
    'scram-sha-256': `${module}.scram.ScramLoginModule required;`,
    'scram-sha-512': `${module}.scram.ScramLoginModule required;`,
    oauthbearer: `${module}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  };
  const names = Object.keys(listeners(settings)).filter((name) => name.startsWith('SASL'));
  return Object.fromEntries(
    names.flatMap((name) =>
      Object.entries(modules).map(([mechanism, text]) => [
        `listener.name.${name.toLowerCase()}.${mechanism}.sasl.jaas.config`,
        text,
      ]),
    ),
  );
}

/** The content of `server.properties`: one process that is broker and controller. */
function kafkaProperties(settings: KafkaSettings): Record<string, string> {
  const open = listeners(settings);
  const addresses = Object.entries(open).map(([name, port]) => `${name}://127.0.0.1:${port}`);
  return {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${settings.controllerPort}`,
    listeners: [...addresses, `CONTROLLER://127.0.0.1:${settings.controllerPort}`].join(','),
    'advertised.listeners': addresses.join(','),
    'listener.security.protocol.map': [
      ...Object.keys(open).map((name) => `${name}:${name}`),
      'CONTROLLER:PLAINTEXT',
    ].join(','),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    ...logins(settings),
    ...(settings.tls === undefined
      ? {}
      : {
          'ssl.keystore.type': 'PKCS12',
          'ssl.keystore.location': settings.tls.storePath,
          'ssl.keystore.password': settings.tls.password,
          'ssl.key.password': settings.tls.password,
        }),
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS',
    'allow.everyone.if.no.acl.found': 'true',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(settings.directory, 'data'),
    // A broker that was killed can come back only when its old session has ended.
    'broker.session.timeout.ms': '3000',
    'broker.heartbeat.interval.ms': '500',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'group.min.session.timeout.ms': '1000',
    'num.partitions': '1',
    'auto.create.topics.enable': 'true',
    'log.retention.ms': '-1',
  };
}

/** What is formatted does not depend on certificates either. */
function withoutTls({ directory, port, controllerPort, saslPort }: KafkaSettings): KafkaSettings {
  return { directory, port, controllerPort, saslPort };
}

/** Writes the configuration and an empty, formatted data directory. */
export async function prepareKafka(
  context: Context,
  settings: KafkaSettings,
  version: string,
  jars: Jars,
): Promise<void> {
  await writeFile(join(settings.directory, 'server.properties'), renderProperties(kafkaProperties(settings)));
  // Formatting takes a JVM's start, and its result does not depend on the ports: done once, copied afterwards.
  const formatted = join(context.cache, `kafka-${version}-formatted-with-users`);
  await makeOnce(context, formatted, async (temporary) => {
    context.log(`Formatting a data directory of Kafka ${version}, this once`);
    await mkdir(temporary);
    const configuration = join(context.directory, 'kafka', 'format.properties');
    await writeFile(
      configuration,
      renderProperties({ ...kafkaProperties(withoutTls(settings)), 'log.dirs': join(temporary, 'data') }),
    );
    await runToEnd(context, {
      command: 'java',
      args: [
        ...['-Xmx128m', ...quickStart, '-cp', jars.files.join(':'), 'kafka.tools.StorageTool', 'format'],
        ...['-t', clusterId, '-c', configuration],
        ...(['scram-sha-256', 'scram-sha-512'] as const).flatMap((mechanism) => {
          const { username, password } = kafkaUsers[mechanism];
          return ['--add-scram', `${mechanism.toUpperCase()}=[name=${username},password=${password}]`];
        }),
      ],
      directory: settings.directory,
      logFile: join(settings.directory, 'format.log'),
    });
  });
  await cp(join(formatted, 'data'), join(settings.directory, 'data'), { recursive: true });
}

/** A broker, prepared by {@link prepareKafka}. */
export function kafkaServer(settings: KafkaSettings, jars: Jars, classSharing: readonly string[]): ServerDefinition {
  return {
    name: 'kafka',
    address: `127.0.0.1:${settings.port}`,
    args: [
      ...['-Xmx384m', `-Djava.io.tmpdir=${settings.directory}`, ...quickStart, ...classSharing],
      '-Dorg.slf4j.simpleLogger.showDateTime=true',
      ...['-cp', jars.files.join(':'), 'kafka.Kafka', join(settings.directory, 'server.properties')],
    ],
    isHealthy: (freshLog) => Promise.resolve(freshLog().includes('Kafka Server started')),
  };
}
