import { randomBytes } from 'node:crypto';
import { JsonNumber } from './json-number.js';

/** Strings, in pieces that end at a backslash: one of many megabytes in a single piece leaves no stack. Nothing but a number begins like one. */
const tokens = /"[^"\\]*"?|\\.[^"\\]*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const isNumber = /^[-\d]/;
/** Nobody can write it into a text: what stands in its place is taken for digits as it is. */
const tag = `#number ${randomBytes(16).toString('hex')}`;

/** Parses JSON, and keeps the spelling of numbers, as {@link JsonNumber}: of those that `isKept` picks. */
export function parseSpelled(json: string, isKept: (number: string) => boolean): unknown {
  const marked = json.replace(tokens, (token) =>
    isNumber.test(token) && isKept(token) ? `{"${tag}":"${token}"}` : token,
  );
  try {
    return JSON.parse(marked, (_, value: unknown) => (isMarked(value) ? new JsonNumber(value[tag] ?? '') : value));
  } catch (error) {
    // An error has a piece of the text in it.
    JSON.parse(json);
    throw error;
  }
}

const isMarked = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && tag in value;
