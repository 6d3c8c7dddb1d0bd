/** Where a Druid process listens, as it announces itself. A port that is absent, null or -1 is closed. */
export interface Listener {
  readonly host: unknown;
  readonly port: unknown;
  readonly tlsPort: unknown;
}

/** `https://host:port` if the process speaks TLS, else `http://host:port`; `undefined` when it listens nowhere yet. */
export function originOf({ host, port, tlsPort }: Listener): string | undefined {
  if (typeof host !== 'string' || host === '') return undefined;
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  if (isPort(tlsPort)) return `https://${authority}:${tlsPort}`;
  return isPort(port) ? `http://${authority}:${port}` : undefined;
}

const isPort = (value: unknown): value is number => typeof value === 'number' && value > 0;
