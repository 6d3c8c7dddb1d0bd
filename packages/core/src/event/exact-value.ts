import { JsonNumber } from '../spec/json-number.js';

const numbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** A JSON value whose numbers keep their spelling where a hash looks at them: at the top and in lists. */
export function exactValue(json: string): unknown {
  const first = json.charCodeAt(0);
  if (first === 45 || (first >= 48 && first <= 57)) return new JsonNumber(json);
  const value: unknown = JSON.parse(json);
  return Array.isArray(value) ? (JSON.parse(json.replace(numbers, mark), unmark) as unknown) : value;
}

const tag = '#number';

function mark(token: string): string {
  return token.startsWith('"') ? token : `{"${tag}":"${token}"}`;
}

function unmark(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !(tag in value)) return value;
  return new JsonNumber(String(value[tag]));
}
