import type { KafkaConfig } from 'kafkajs';
import { Unsupported } from '../ingest/unsupported.js';
import type { JsonObject } from '../json.js';

/** How a reader reaches a Kafka, and shows who it is. */
export interface KafkaAccess extends Pick<KafkaConfig, 'ssl' | 'sasl'> {
  readonly brokers: string[];
}

const protocols = new Set(['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL']);

/**
 * Reads the `consumerProperties` of a supervisor, which are those of Kafka's Java consumer. What steers only its buffers and pauses
 * is left aside. Certificates and keys are read where they are texts in PEM: Java's stores are not.
 * @throws Unsupported
 */
export function readAccess(properties: JsonObject): KafkaAccess {
  const protocol = textAt(properties, 'security.protocol') ?? 'PLAINTEXT';
  if (!protocols.has(protocol)) throw new Unsupported(`has no security.protocol ${JSON.stringify(protocol)}.`);
  const servers = textAt(properties, 'bootstrap.servers') ?? '';
  return {
    brokers: servers.split(',').map((server) => server.trim()),
    ...(protocol.endsWith('SSL') ? { ssl: readTls(properties) } : {}),
    ...(protocol.startsWith('SASL') ? { sasl: readSasl(properties) } : {}),
  };
}

function readTls(properties: JsonObject): Exclude<KafkaAccess['ssl'], boolean | undefined> {
  for (const store of ['ssl.truststore', 'ssl.keystore']) {
    const isFile = properties[`${store}.location`] !== undefined;
    if (!isFile) continue;
    const text = store === 'ssl.truststore' ? 'certificates' : 'certificate.chain';
    throw new Unsupported(`reads no file of ${store}.location. Give PEM in ${store}.${text}, and ${store}.type PEM.`);
  }
  const authorities = textAt(properties, 'ssl.truststore.certificates');
  const chain = textAt(properties, 'ssl.keystore.certificate.chain');
  const key = textAt(properties, 'ssl.keystore.key');
  const passphrase = textAt(properties, 'ssl.key.password');
  return {
    ...(authorities === undefined ? {} : { ca: authorities }),
    ...(chain === undefined ? {} : { cert: chain }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(properties['ssl.endpoint.identification.algorithm'] === '' ? { checkServerIdentity: () => undefined } : {}),
  };
}

function readSasl(properties: JsonObject): NonNullable<KafkaAccess['sasl']> {
  const config = textAt(properties, 'sasl.jaas.config') ?? '';
  const [username, password] = [jaasOption(config, 'username'), jaasOption(config, 'password')];
  if (username === undefined || password === undefined) {
    throw new Unsupported('logs in to Kafka only with a username and a password in sasl.jaas.config.');
  }
  const mechanism = textAt(properties, 'sasl.mechanism');
  switch (mechanism) {
    case 'PLAIN':
      return { mechanism: 'plain', username, password };
    case 'SCRAM-SHA-256':
      return { mechanism: 'scram-sha-256', username, password };
    case 'SCRAM-SHA-512':
      return { mechanism: 'scram-sha-512', username, password };
    case undefined:
    default:
      throw new Unsupported(
        `has no sasl.mechanism ${JSON.stringify(mechanism)}. It has PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512.`,
      );
  }
}

function jaasOption(config: string, name: string): string | undefined {
  const value = new RegExp(`\\s${name}="((?:[^"\\\\]|\\\\.)*)"`).exec(config)?.[1];
  return value?.replace(/\\(.)/g, '$1');
}

/** @throws Unsupported for a value that is no text, such as a password provider of Druid's. */
function textAt(properties: JsonObject, key: string): string | undefined {
  const value = properties[key];
  if (value === undefined || typeof value === 'string') return value;
  throw new Unsupported(`reads ${key} of consumerProperties only where it is a text.`);
}
