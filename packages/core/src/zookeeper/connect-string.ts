import { TranquilityError } from '../errors/tranquility-error.js';

/** One ZooKeeper server. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
}

/** What `zookeeper.connect` says. */
export interface Ensemble {
  readonly servers: readonly ServerAddress[];
  /** The path under which all of our paths lie: empty, or `/a/b`. */
  readonly chroot: string;
}

const defaultPort = 2181;

/**
 * Reads `host:port,host:port/chroot`. The port may be left out; an IPv6 address stands in brackets.
 * @throws TRQ_CONFIG_INVALID.
 */
export function parseConnectString(text: string): Ensemble {
  const slash = text.indexOf('/');
  const chroot = slash === -1 ? '' : text.slice(slash).replace(/\/+$/, '');
  const servers = text
    .slice(0, slash === -1 ? undefined : slash)
    .split(',')
    .map((server) => readServer(server.trim()));
  const known = servers.filter((server) => server !== undefined);
  if (known.length === servers.length && !chroot.includes('//')) return { servers: known, chroot };
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `zookeeper.connect is ${JSON.stringify(text)}. Expected host:port, several separated by commas, and perhaps a path at the end: "zk1:2181,zk2:2181/druid".`,
    { details: { value: text } },
  );
}

/** The text of a server in messages: `host:port`. */
export function serverText({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function readServer(text: string): ServerAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
