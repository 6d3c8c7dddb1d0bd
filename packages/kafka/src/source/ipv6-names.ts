const domain = '.ipv6-literal.net';

/** kafkajs takes the host of a broker up to the first colon. So a literal gets the name that it has on Windows, of which no resolver is asked. */
export function brokerNamed(address: string): string {
  const [, literal, port] = /^\[(.+)\]:(\d+)$/.exec(address) ?? [];
  return literal === undefined || port === undefined ? address : `${literal.replaceAll(':', '-')}${domain}:${port}`;
}

/** The host that is to be connected to under a name. */
export const hostNamed = (name: string): string =>
  name.endsWith(domain) ? name.slice(0, -domain.length).replaceAll('-', ':') : name;
