import { javaDoubleText, KeyName } from '@tranquility-js/core/internal';
import { compareDecimals, decimalOf } from './decimals.js';
import { Fields } from './fields.js';
import { valueText } from './value-text.js';
import { Wanted } from './wanted.js';

type Json = Readonly<Record<string, unknown>>;
type Test = (fields: Fields) => boolean;

/** A filter of Druid's, for events instead of rows. */
export class Filter {
  readonly #test: Test;
  readonly #fields = new Fields();

  constructor(test: Test) {
    this.#test = test;
  }

  /** Whether the event is to be sent. So is what is none: its sender knows what is wrong with it. */
  matches(event: Record<string, unknown> | Uint8Array): boolean {
    return !this.#fields.take(event) || this.#test(this.#fields);
  }
}

/**
 * A filter from its JSON.
 * @returns nothing for one that is not known, or not of the form that Druid wants, or with a number in it that JavaScript rounded.
 */
export function readFilter(json: Json): Filter | undefined {
  const test = isRounded(json) ? undefined : testOf(json);
  return test === undefined ? undefined : new Filter(test);
}

/** Of a whole number beyond 2^53 nobody knows any more what was written. */
function isRounded(json: unknown): boolean {
  if (typeof json === 'object' && json !== null) return Object.values(json).some(isRounded);
  return Number.isInteger(json) && !Number.isSafeInteger(json);
}

function testOf(json: unknown): Test | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const read = readers[(json as Json)['type'] as string];
  return typeof read === 'function' ? read(json as Json) : undefined;
}

const readers: Readonly<Record<string, (json: Json) => Test | undefined>> = {
  __proto__: null as never,
  true: () => () => true,
  false: () => () => false,
  and: ({ fields }) => several(fields, (tests, row) => tests.every((test) => test(row))),
  or: ({ fields }) => several(fields, (tests, row) => tests.some((test) => test(row))),
  not: ({ field }) => {
    const test = testOf(field);
    return test && ((event) => !test(event));
  },
  selector: ({ dimension, value }) => oneOf(dimension, [valueText(value)]),
  equals: ({ column, matchValue, matchValueType }) => {
    const isDouble = typeof matchValue === 'number' && /^(?:double|float)$/i.test(String(matchValueType));
    const text = isDouble ? javaDoubleText(matchValue) : valueText(matchValue);
    return text === null ? undefined : oneOf(column, [text]);
  },
  null: ({ column }) => oneOf(column, [null]),
  in: ({ dimension, values }) => (Array.isArray(values) ? oneOf(dimension, values.map(valueText)) : undefined),
  regex: ({ dimension, pattern }) => {
    const expression = typeof pattern === 'string' ? compiled(pattern) : undefined;
    return expression && anyText(dimension, (text) => text !== null && expression.test(text));
  },
  like: ({ dimension, pattern, escape }) => {
    if (typeof pattern !== 'string') return undefined;
    const expression = compiled(likePattern(pattern, typeof escape === 'string' ? escape : undefined));
    return expression && anyText(dimension, (text) => text !== null && expression.test(text));
  },
  bound: ({ dimension, lower, upper, lowerStrict, upperStrict, ordering = 'lexicographic' }) => {
    const compare = typeof ordering === 'string' ? orderings[ordering] : undefined;
    return compare && range(dimension, compare, bound(lower, lowerStrict), bound(upper, upperStrict));
  },
  range: ({ column, matchValueType, lower, upper, lowerOpen, upperOpen }) => {
    const compare =
      String(matchValueType).toUpperCase() === 'STRING' ? orderings['lexicographic'] : orderings['numeric'];
    return compare && range(column, compare, bound(lower, lowerOpen), bound(upper, upperOpen));
  },
};

/** Compares a text with one that is known before: below 0, 0, above it, or NaN when neither holds. */
type Comparison = (text: string) => number;

const orderings: Readonly<Record<string, (limit: string) => Comparison>> = {
  __proto__: null as never,
  lexicographic: (limit) => {
    const bytes = Buffer.from(limit);
    return (text) => Buffer.compare(Buffer.from(text), bytes);
  },
  numeric: (limit) => {
    const wanted = decimalOf(limit);
    const plain = isPlain(limit) ? Number(limit) : undefined;
    return (text) => {
      if (plain !== undefined && isPlain(text)) return Number(text) - plain;
      const number = decimalOf(text);
      return number === undefined || wanted === undefined ? NaN : compareDecimals(number, wanted);
    };
  },
};

/** Whether it is a whole number that JavaScript holds: most are. */
const isPlain = (text: string): boolean => /^-?\d{1,15}$/.test(text);

interface Bound {
  readonly value: string;
  readonly isStrict: boolean;
}

function bound(value: unknown, strict: unknown): Bound | undefined {
  const text = valueText(value);
  return text === null ? undefined : { value: text, isStrict: strict === true };
}

/** A comparison with what is no number holds for nothing. */
function range(
  dimension: unknown,
  comparison: (limit: string) => Comparison,
  lower?: Bound,
  upper?: Bound,
): Test | undefined {
  if (lower === undefined && upper === undefined) return undefined;
  const isAbove = within(lower, comparison, 1);
  const isBelow = within(upper, comparison, -1);
  return anyText(dimension, (text) => text !== null && isAbove(text) && isBelow(text));
}

/** @param side of the bound: 1 is above, -1 below. */
function within(
  bound: Bound | undefined,
  comparison: (limit: string) => Comparison,
  side: 1 | -1,
): (text: string) => boolean {
  if (bound === undefined) return () => true;
  const compare = comparison(bound.value);
  return bound.isStrict ? (text) => side * compare(text) > 0 : (text) => side * compare(text) >= 0;
}

function oneOf(dimension: unknown, texts: readonly (string | null)[]): Test | undefined {
  const wanted = new Wanted(texts);
  return anyOf(dimension, (value, isListed) => wanted.has(value, isListed));
}

function anyText(dimension: unknown, passes: (text: string | null) => boolean): Test | undefined {
  return anyOf(dimension, (value) => passes(valueText(value)));
}

/** Of a list, one value that passes is enough, as of Druid's multi-value dimensions. */
function anyOf(dimension: unknown, passes: (value: unknown, isListed: boolean) => boolean): Test | undefined {
  if (typeof dimension !== 'string') return undefined;
  const name = new KeyName(dimension);
  return (fields) => {
    const value = fields.valueOf(name);
    if (!Array.isArray(value)) return passes(value, false);
    return value.length === 0 ? passes(null, false) : value.some((item) => passes(item, true));
  };
}

function several(fields: unknown, combine: (tests: readonly Test[], fields: Fields) => boolean): Test | undefined {
  if (!Array.isArray(fields) || fields.length === 0) return undefined;
  const tests = fields.map(testOf);
  return tests.every((test) => test !== undefined) ? (event) => combine(tests, event) : undefined;
}

function compiled(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'su');
  } catch {
    return undefined;
  }
}

/** SQL's LIKE as a regular expression. */
function likePattern(pattern: string, escape: string | undefined): string {
  let result = '^';
  let isEscaped = false;
  for (const char of pattern) {
    if (isEscaped || (char !== escape && char !== '%' && char !== '_')) {
      result += char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
      isEscaped = false;
    } else if (char === escape) {
      isEscaped = true;
    } else {
      result += char === '%' ? '.*' : '.';
    }
  }
  return `${result}$`;
}
