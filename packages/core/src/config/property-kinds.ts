import { parseJsonObject, type JsonObject } from '../spec/json.js';
import { addPeriod, parsePeriod, periodPattern } from '../time/period.js';
import { readAddressObject, readAddressRules, type AddressRule } from './address-rules.js';
import { readConnectString, readHostPort, serverText, type ServerAddress } from './connect-string.js';
import { isHeaderName, isHeaderText, ownHeaders } from './header-names.js';
import { Secret } from './secret.js';

/** How a property's text becomes a value. Tranquility's values are texts; JSON and YAML may hold numbers and booleans too. */
export interface PropertyKind<T> {
  /** What is expected, for error messages: `a whole number of at least 1`. */
  readonly expected: string;
  /** The value, or `undefined` if the text is not of this kind. */
  read(text: string): T | undefined;
  /**
   * What JSON Schema can say of the values of this kind, for editors: `type` or `enum`, and what goes with it. It must take all that `read` takes.
   * Default: any text, number or boolean.
   */
  readonly schema?: JsonObject;
  /** The value of an object, for the kinds that may be written as one. */
  readObject?(value: JsonObject): T | undefined;
  /** Whether numbers are taken only where their text is sure to be what was written: a password of many digits loses some. */
  readonly isLiteral?: true;
}

/** A length of time, and how it was written. */
export interface PeriodValue {
  readonly text: string;
  /** Milliseconds, with a month as the 31 days of January 1970. */
  readonly millis: number;
}

export const text: PropertyKind<string> = { expected: 'a text', read: (value) => value };

/** A text in which capitals do not count. */
export const word: PropertyKind<string> = { expected: 'a text', read: (value) => value.toUpperCase() };

/** The path of a file, relative to the directory that the program runs in. It is read later. */
export const file: PropertyKind<string> = {
  expected: 'the path of a file',
  read: (value) => (value === '' ? undefined : value),
};

/** A password or a token: a text, or one of Druid's password providers `environment` and `default`. */
export const secret: PropertyKind<Secret> = {
  expected:
    'a text, or {"type": "environment", "variable": "NAME"} with the name of an environment variable that is set',
  isLiteral: true,
  schema: { type: ['string', 'number', 'boolean', 'object'] },
  read: (value) => new Secret(value),
  readObject: ({ type, variable, password }) => {
    const value = type === 'environment' ? process.env[String(variable)] : type === 'default' ? password : undefined;
    return typeof value === 'string' ? new Secret(value) : undefined;
  },
};

/** Headers of our own. As any of them may be a key to something, none is shown. */
export const headers: PropertyKind<Secret<Readonly<Record<string, string>>>> = {
  expected: `an object of header names and texts, as an object or as JSON, without ${[...ownHeaders].join(', ')}`,
  schema: { type: ['string', 'object'] },
  read: (value) => {
    const object = parseJsonObject(value);
    return object === undefined ? undefined : headers.readObject?.(object);
  },
  readObject: (value) => {
    const entries = Object.entries(value).map(([name, content]) => [name.toLowerCase(), content] as const);
    const isHeader = ([name, content]: readonly [string, unknown]): boolean =>
      isHeaderName(name) && typeof content === 'string' && isHeaderText(content);
    return entries.every(isHeader) ? new Secret(Object.fromEntries(entries) as Record<string, string>) : undefined;
  },
};

/** Where addresses of Druid's are reached. */
export const addresses: PropertyKind<readonly AddressRule[]> = {
  expected:
    'a list of from=to separated by commas, or an object {from: to}, where from is host, host:port or either with * in it, and to is host, host:port, or either with http:// or https:// before it',
  schema: { type: ['string', 'object'] },
  read: readAddressRules,
  readObject: readAddressObject,
};

export const period = periodFrom(0, 'an ISO-8601 period such as PT1M');

/** @param least in milliseconds. */
export function periodFrom(least: number, expected: string): PropertyKind<PeriodValue> {
  return {
    expected,
    schema: { type: 'string', pattern: periodPattern },
    read: (value) => {
      try {
        const millis = addPeriod(0, parsePeriod(value));
        return millis < least ? undefined : { text: value, millis };
      } catch {
        return undefined;
      }
    },
  };
}

/** Where a server is reached: a host and its port. */
export const hostPort: PropertyKind<ServerAddress> = {
  expected: 'host:port, with an IPv6 address in brackets',
  schema: { type: 'string', pattern: '^.+:[0-9]{1,5}$' },
  read: readHostPort,
};

/** Several of those. */
export const hostPorts: PropertyKind<readonly ServerAddress[]> = {
  expected: 'one or more host:port, separated by commas, each once',
  schema: { type: 'string', pattern: '^.+:[0-9]{1,5}$' },
  read: (value) => {
    const found = value.split(',').map((part) => readHostPort(part.trim()));
    const known = found.filter((server) => server !== undefined);
    const isWhole = known.length === found.length && new Set(known.map(serverText)).size === known.length;
    return isWhole ? known : undefined;
  },
};

/** Properties of another program, which may be passwords among them. */
export const passedOn: PropertyKind<Secret<JsonObject>> = {
  expected: 'an object of names and values, as an object or as JSON',
  schema: { type: ['string', 'object'] },
  read: (value) => {
    const object = parseJsonObject(value);
    return object === undefined ? undefined : new Secret(object);
  },
  readObject: (value) => new Secret(value),
};

export const truth: PropertyKind<boolean> = {
  expected: 'true or false',
  schema: { enum: [true, false, 'true', 'false'] },
  read: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
};

export function wholeNumber(least: number, most?: number): PropertyKind<number> {
  const isWithin = (number: number): boolean => number >= least && (most === undefined || number <= most);
  return {
    expected: most === undefined ? `a whole number of at least ${least}` : `a whole number from ${least} to ${most}`,
    schema: {
      ...{ type: ['integer', 'string'], minimum: least, pattern: digitsFrom(least) },
      ...(most === undefined ? {} : { maximum: most }),
    },
    read: (value) => (/^[+-]?\d{1,15}$/.test(value) && isWithin(Number(value)) ? Number(value) : undefined),
  };
}

/** A pattern of whole numbers; of their size it tells only whether they are above zero. */
function digitsFrom(least: number): string {
  const sign = least < 0 ? '[+-]?' : '\\+?';
  return least > 0 ? `^${sign}(?=\\d{1,15}$)0*[1-9]\\d*$` : `^${sign}\\d{1,15}$`;
}

export function oneOf<const T extends string>(...choices: readonly T[]): PropertyKind<T> {
  return {
    expected: `one of: ${choices.join(', ')}`,
    schema: { enum: choices },
    read: (value) => choices.find((choice) => choice === value),
  };
}

/** `http://host:8090`, several separated by commas. A path, a query or credentials have no place in them. */
export const urls: PropertyKind<readonly string[]> = {
  expected: 'one or more URLs of scheme, host and port, separated by commas, such as http://overlord:8090',
  schema: { type: 'string', pattern: '^https?://[^/,]+/?(,\\s*https?://[^/,]+/?)*$' },
  read: (value) => {
    const parts = value.split(',').map((part) => part.trim());
    const origins = parts.map(originOf);
    return origins.every((origin) => origin !== undefined) ? origins : undefined;
  },
};

/** Where ZooKeeper is. */
export const connectString: PropertyKind<string> = {
  expected: 'host:port, several separated by commas, and perhaps a path at the end, such as zk1:2181,zk2:2181/druid',
  schema: { type: ['string', 'number', 'boolean'], pattern: '^[^;\\s]+(,\\s*[^;\\s]+)*$' },
  read: (value) => (readConnectString(value) === undefined ? undefined : value),
};

/** A path in ZooKeeper. */
export const znodePath: PropertyKind<string> = {
  expected: 'a path in ZooKeeper such as /tranquility/beams',
  schema: { type: 'string', pattern: '^(/[^/\\s]+)+$' },
  read: (value) => (/^(\/[^/\s]+)+$/.test(value) ? value : undefined),
};

function originOf(value: string): string | undefined {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  return url.username === '' && url.password === '' && url.pathname === '/' && url.search === ''
    ? url.origin
    : undefined;
}
