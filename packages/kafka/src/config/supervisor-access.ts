import { messageOf, TranquilityError } from '@tranquility-js/core';
import { consumerProperties, Secret } from '@tranquility-js/core/internal';
import { createPrivateKey } from 'node:crypto';
import { tlsOptions } from './client-config.js';
import { readJaas } from './jaas.js';
import type { ClientValues } from './read-plan.js';

/** How Druid reaches the same brokers as we do. Certificates are given as they are: our files are not on Druid's machines. */
export async function supervisorAccess(values: ClientValues): Promise<Record<string, unknown>> {
  const protocol = values['kafka.security.protocol'];
  const mechanism = values['kafka.sasl.mechanism'];
  const login = loginOf(values);
  return consumerProperties({
    nodes: values['kafka.bootstrap.servers'].map((server, at) => {
      const colon = server.lastIndexOf(':');
      return { id: at, host: server.slice(0, colon), port: Number(server.slice(colon + 1)) };
    }),
    tls: protocol.endsWith('SSL'),
    ...(login === undefined || mechanism === undefined || mechanism === 'OAUTHBEARER'
      ? {}
      : { sasl: { mechanism, user: login.username, password: new Secret(login.password) } }),
    properties: { ...readingOf(values), ...(protocol.endsWith('SSL') ? await tlsOf(values) : {}) },
  });
}

function readingOf(values: ClientValues): Record<string, string> {
  const rack = values['kafka.client.rack'];
  const isolation = values['kafka.isolation.level'];
  return {
    ...(rack === undefined ? {} : { 'client.rack': rack }),
    // Druid leaves out what was given up unless it is told otherwise.
    ...(isolation === 'read_committed' ? {} : { 'isolation.level': isolation }),
  };
}

async function tlsOf(values: ClientValues): Promise<Record<string, string>> {
  const { ca, cert, key, passphrase, checkServerIdentity } = await tlsOptions(values);
  return {
    ...(ca === undefined
      ? {}
      : { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': ca.map(String).join('\n') }),
    ...(cert === undefined || key === undefined
      ? {}
      : {
          ...{ 'ssl.keystore.type': 'PEM', 'ssl.keystore.certificate.chain': String(cert) },
          'ssl.keystore.key': javaKey(key, passphrase),
        }),
    ...(checkServerIdentity === undefined ? {} : { 'ssl.endpoint.identification.algorithm': '' }),
  };
}

/** A key as Java reads it in PEM, which is as PKCS8 alone. */
function javaKey(key: Buffer, passphrase: string | undefined): string {
  try {
    const read = createPrivateKey({ key, ...(passphrase === undefined ? {} : { passphrase }) });
    return String(read.export({ type: 'pkcs8', format: 'pem' }));
  } catch (error) {
    throw new TranquilityError(
      'TRQ_CONFIG_INVALID',
      `kafka.ssl.key.location: the private key cannot be read: ${messageOf(error)}. Check the file, and kafka.ssl.key.password.`,
      { cause: error },
    );
  }
}

function loginOf(values: ClientValues): { readonly username: string; readonly password: string } | undefined {
  const jaas = values['kafka.sasl.jaas.config'];
  if (jaas !== undefined) return readJaas(jaas.reveal());
  const [username, password] = [values['kafka.sasl.username'], values['kafka.sasl.password']];
  return username === undefined || password === undefined ? undefined : { username, password: password.reveal() };
}
