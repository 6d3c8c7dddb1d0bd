/** Where a Druid process listens, as it announces itself. A port that is absent, null or -1 is closed. */
export interface Listener {
  readonly host: unknown;
  readonly port: unknown;
  readonly tlsPort: unknown;
}

/**
 * The origin of the process, or `undefined` when it listens nowhere yet. Where only the other kind of port is open, that one
 * counts: TLS does not hurt who can do without, and who cannot gets an error that says so.
 */
export function originOf({ host, port, tlsPort }: Listener, prefersTls: boolean): string | undefined {
  if (typeof host !== 'string' || host === '') return undefined;
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const plain = isPort(port) ? `http://${authority}:${port}` : undefined;
  const secure = isPort(tlsPort) ? `https://${authority}:${tlsPort}` : undefined;
  return prefersTls ? (secure ?? plain) : (plain ?? secure);
}

const isPort = (value: unknown): value is number => typeof value === 'number' && value > 0;
