import { JsonNumber } from './json-number.js';

/** Strings, in pieces that end at a backslash: one of many megabytes in a single piece leaves no stack. Nothing but a number begins like one. */
const tokens = /"[^"\\]*"?|\\.[^"\\]*"?|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const isNumber = /^[-\d]/;
const tag = '#number';

/** Parses JSON, and keeps the spelling of numbers, as {@link JsonNumber}: of those that `isKept` picks. */
export function parseSpelled(json: string, isKept: (number: string) => boolean): unknown {
  const marked = json.replace(tokens, (token) =>
    isNumber.test(token) && isKept(token) ? `{"${tag}":"${token}"}` : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'object' && value !== null && tag in value ? new JsonNumber(String(value[tag])) : value,
  );
}
