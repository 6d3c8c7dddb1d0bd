/** Where a connection goes instead. What is left out stays as it was. */
export interface AddressTarget {
  /** Given when it is a server in its own right, which stands for the other: its name counts, and not the other's. */
  readonly scheme?: 'http' | 'https';
  readonly host: string;
  readonly port?: number;
}

/** What is done with an address of Druid's. */
export interface AddressRule {
  /** May have `*` in it, which stands for any text. */
  readonly host: string;
  readonly port?: number;
  readonly target: AddressTarget;
}

const hostAndPort = /^(?:\[([\da-fA-F:.]+)\]|([^\s:/[\]=,]+))(?::(\d{1,5}))?$/;

/** Reads `host`, `host:port`, either with `http://` or `https://` before it; an IPv6 address stands in brackets. */
export function readAddressTarget(text: string): AddressTarget | undefined {
  const [, scheme, rest = ''] = /^(?:(https?):\/\/)?(.*)$/.exec(text) ?? [];
  const address = readAddress(rest);
  if (address === undefined || address.host.includes('*')) return undefined;
  return scheme === undefined ? address : { ...address, scheme: scheme as 'http' | 'https' };
}

/** Reads rules as a text, `from=to` separated by commas. */
export function readAddressRules(text: string): readonly AddressRule[] | undefined {
  return rulesOf(text.split(',').map((rule) => rule.split('=').map((part) => part.trim())));
}

/** Reads rules as an object, `{ from: to }`. */
export function readAddressObject(rules: Readonly<Record<string, unknown>>): readonly AddressRule[] | undefined {
  return rulesOf(Object.entries(rules));
}

function rulesOf(pairs: readonly (readonly unknown[])[]): readonly AddressRule[] | undefined {
  const rules = pairs.map(([from, to, ...more]) => {
    if (typeof from !== 'string' || typeof to !== 'string' || more.length > 0) return undefined;
    const [address, target] = [readAddress(from), readAddressTarget(to)];
    return address === undefined || target === undefined ? undefined : { ...address, target };
  });
  return rules.every((rule) => rule !== undefined) ? rules : undefined;
}

function readAddress(text: string): { host: string; port?: number } | undefined {
  const [, bracketed, plain, digits] = hostAndPort.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined) return undefined;
  if (digits === undefined) return { host };
  const port = Number(digits);
  return port < 1 || port > 65_535 ? undefined : { host, port };
}
