import { consumerProperties, Secret } from '@tranquility-js/core/internal';
import { readFile } from 'node:fs/promises';
import { readJaas } from './jaas.js';
import type { ClientValues } from './read-plan.js';

/** How Druid reaches the same brokers as we do. Authorities are given as they are: our files are not on Druid's machines. */
export async function supervisorAccess(values: ClientValues): Promise<Record<string, unknown>> {
  const protocol = values['kafka.security.protocol'];
  const mechanism = values['kafka.sasl.mechanism'];
  const login = loginOf(values);
  const ca = values['kafka.ssl.ca.location'];
  const trusted =
    ca === undefined ? {} : { 'ssl.truststore.type': 'PEM', 'ssl.truststore.certificates': await readFile(ca, 'utf8') };
  return consumerProperties({
    nodes: values['kafka.bootstrap.servers'].map((server, at) => {
      const colon = server.lastIndexOf(':');
      return { id: at, host: server.slice(0, colon), port: Number(server.slice(colon + 1)) };
    }),
    tls: protocol.endsWith('SSL'),
    ...(login === undefined || mechanism === undefined || mechanism === 'OAUTHBEARER'
      ? {}
      : { sasl: { mechanism, user: login.username, password: new Secret(login.password) } }),
    properties: trusted,
  });
}

function loginOf(values: ClientValues): { readonly username: string; readonly password: string } | undefined {
  const jaas = values['kafka.sasl.jaas.config'];
  if (jaas !== undefined) return readJaas(jaas.reveal());
  const [username, password] = [values['kafka.sasl.username'], values['kafka.sasl.password']];
  return username === undefined || password === undefined ? undefined : { username, password: password.reveal() };
}
