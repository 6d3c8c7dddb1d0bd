import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from 'node:tls';
import { messageOf, TranquilityError } from '@tranquility-js/core';
import type { KafkaConfig, Mechanism, SASLOptions } from 'kafkajs';
import { brokerNamed } from '../source/ipv6-names.js';
import { readJaas } from './jaas.js';
import { tokenSource } from './oauth-token.js';
import type { ClientValues } from './read-plan.js';

/** How we log in where the config cannot say it: AWS MSK IAM, tokens of your own. */
export interface KafkaHooks {
  /** A mechanism of kafkajs's, such as that of AWS MSK IAM, in place of `kafka.sasl.mechanism`. */
  readonly sasl?: SASLOptions | Mechanism;
}

/**
 * What kafkajs wants to connect, with the files that the config names.
 * @throws (as a rejection) TRQ_CONFIG_INVALID for a file that cannot be read.
 */
export async function clientConfig(values: ClientValues, hooks: KafkaHooks): Promise<Omit<KafkaConfig, 'retry'>> {
  const protocol = values['kafka.security.protocol'];
  const sasl = hooks.sasl ?? saslOf(values);
  return {
    brokers: values['kafka.bootstrap.servers'].map(brokerNamed),
    clientId: values['kafka.client.id'],
    connectionTimeout: values['kafka.socket.connection.setup.timeout.ms'],
    authenticationTimeout: values['kafka.socket.connection.setup.timeout.ms'],
    requestTimeout: values['kafka.request.timeout.ms'],
    ...(protocol.endsWith('SSL') ? { ssl: await tlsOptions(values) } : {}),
    ...(protocol.startsWith('SASL') && sasl !== undefined ? { sasl } : {}),
  };
}

function saslOf(values: ClientValues): SASLOptions | undefined {
  const mechanism = values['kafka.sasl.mechanism'];
  if (mechanism === undefined) return undefined;
  if (mechanism === 'OAUTHBEARER') return { mechanism: 'oauthbearer', oauthBearerProvider: tokenSource(values) };
  const jaas = values['kafka.sasl.jaas.config'];
  const login = (jaas === undefined ? undefined : readJaas(jaas.reveal())) ?? {
    username: values['kafka.sasl.username'] ?? '',
    password: values['kafka.sasl.password']?.reveal() ?? '',
  };
  return { mechanism: mechanism.toLowerCase() as 'plain' | 'scram-sha-256' | 'scram-sha-512', ...login };
}

interface TlsOptions extends Pick<ConnectionOptions, 'passphrase' | 'checkServerIdentity'> {
  readonly ca?: Buffer[];
  readonly cert?: Buffer;
  readonly key?: Buffer;
  readonly pfx?: Buffer;
}

/**
 * Whom we trust, and who we are.
 * @throws (as a rejection) TRQ_CONFIG_INVALID for a file that cannot be read.
 */
export async function tlsOptions(values: ClientValues): Promise<TlsOptions> {
  const authorities = await authoritiesOf(values, 'kafka.ssl.ca.location');
  const trusted = await authoritiesOf(values, 'kafka.ssl.truststore.location');
  const cert = await fileOf(values, 'kafka.ssl.certificate.location');
  const key = await fileOf(values, 'kafka.ssl.key.location');
  const pfx = await fileOf(values, 'kafka.ssl.keystore.location');
  const ca = [authorities, trusted].filter((pem) => pem !== undefined);
  const passphrase = values[pfx === undefined ? 'kafka.ssl.key.password' : 'kafka.ssl.keystore.password']?.reveal();
  return {
    ...(ca.length === 0 ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(pfx === undefined ? {} : { pfx }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(values['kafka.ssl.endpoint.identification.algorithm'] === 'https'
      ? {}
      : { checkServerIdentity: () => undefined }),
  };
}

type FileProperty = {
  [K in keyof ClientValues]: K extends `kafka.ssl.${string}.location` ? K : never;
}[keyof ClientValues];

/** Node takes any bytes for authorities, and then trusts nobody. */
async function authoritiesOf(values: ClientValues, name: FileProperty): Promise<Buffer | undefined> {
  const bytes = await fileOf(values, name);
  if (bytes === undefined || bytes.includes('-----BEGIN ')) return bytes;
  const path = String(values[name]);
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `${name}: ${path} has no certificate in PEM. Write one from a Java store with keytool -exportcert -rfc.`,
    { details: { property: name, path } },
  );
}

async function fileOf(values: ClientValues, name: FileProperty): Promise<Buffer | undefined> {
  const path = values[name];
  if (path === undefined) return undefined;
  try {
    return await readFile(path);
  } catch (error) {
    throw new TranquilityError('TRQ_CONFIG_INVALID', `${name}: ${path} cannot be read: ${messageOf(error)}`, {
      cause: error,
      details: { property: name, path },
    });
  }
}
