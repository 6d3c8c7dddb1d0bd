import type { JsonObject } from '../spec/json.js';
import { addPeriod, parsePeriod, periodPattern } from '../time/period.js';
import { readConnectString } from './connect-string.js';

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
}

/** A length of time, and how it was written. */
export interface PeriodValue {
  readonly text: string;
  /** Milliseconds, with a month as the 31 days of January 1970. */
  readonly millis: number;
}

export const text: PropertyKind<string> = { expected: 'a text', read: (value) => value };

export const period: PropertyKind<PeriodValue> = {
  expected: 'an ISO-8601 period such as PT1M',
  schema: { type: 'string', pattern: periodPattern },
  read: (value) => {
    try {
      const millis = addPeriod(0, parsePeriod(value));
      return millis < 0 ? undefined : { text: value, millis };
    } catch {
      return undefined;
    }
  },
};

export const truth: PropertyKind<boolean> = {
  expected: 'true or false',
  schema: { enum: [true, false, 'true', 'false'] },
  read: (value) => (value === 'true' ? true : value === 'false' ? false : undefined),
};

export function wholeNumber(least: number): PropertyKind<number> {
  return {
    expected: `a whole number of at least ${least}`,
    schema: { type: ['integer', 'string'], minimum: least, pattern: digitsFrom(least) },
    read: (value) => (/^[+-]?\d{1,15}$/.test(value) && Number(value) >= least ? Number(value) : undefined),
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
