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

/** Reads `host:port,host:port/chroot`. The port may be left out; an IPv6 address stands in brackets. */
export function readConnectString(text: string): Ensemble | undefined {
  const slash = text.indexOf('/');
  const chroot = slash === -1 ? '' : text.slice(slash).replace(/\/+$/, '');
  const servers = text
    .slice(0, slash === -1 ? undefined : slash)
    .split(',')
    .map((server) => readServer(server.trim()));
  const known = servers.filter((server) => server !== undefined);
  return known.length === servers.length && !chroot.includes('//') ? { servers: known, chroot } : undefined;
}

/** The text of a server in messages: `host:port`. */
export function serverText({ host, port }: ServerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads `host:port`; an IPv6 address stands in brackets. */
export function readHostPort(text: string): ServerAddress | undefined {
  return /:\d{1,5}$/.test(text) ? readServer(text) : undefined;
}

function readServer(text: string): ServerAddress | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([\da-fA-F:.]+)\]|([^\s:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}
