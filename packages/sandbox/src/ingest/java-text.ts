import { javaDoubleText } from '@tranquility-js/core/internal';
import { isJsonObject } from '../json.js';

/** What Java's `String.valueOf` gives for a value that came as JSON. */
export function javaText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? whole(value) : javaDoubleText(value);
  if (Array.isArray(value)) return `[${value.map(javaText).join(', ')}]`;
  if (isJsonObject(value)) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}=${javaText(inner)}`)
      .join(', ')}}`;
  }
  return typeof value === 'boolean' ? String(value) : 'null';
}

function whole(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : BigInt(value).toString();
}
