import { put } from './columns.js';
import { isContainer } from '../spec/expression/values.js';
import type { JsonInput } from '../spec/input-format.js';
import type { JsonObject } from '../spec/json.js';
import type { FlattenSpec } from '../spec/flatten-spec.js';

/** Makes the columns of a flattenSpec of an event. A field whose value is missing is null. */
export function flatten(event: JsonObject, spec: FlattenSpec, options: JsonInput): Record<string, unknown> {
  const columns: Record<string, unknown> = {};
  for (const { name, read } of spec.fields) put(columns, name, read(event) ?? null);
  if (!spec.useFieldDiscovery) return columns;
  for (const name of Object.keys(event)) {
    const value = event[name];
    if (!Object.hasOwn(columns, name) && isDiscovered(value, options)) put(columns, name, value);
  }
  return columns;
}

function isDiscovered(value: unknown, { keepNullColumns, keepNested }: JsonInput): boolean {
  if (keepNested) return true;
  if (value === null) return keepNullColumns;
  if (Array.isArray(value)) return !value.some(isContainer);
  return !isContainer(value);
}

/** What the format `jsonLowercase` makes of an event: names in lower case, scalars and lists of them; other values become text. */
export function lowercased(event: JsonObject): Record<string, unknown> {
  const columns: [string, unknown][] = [];
  for (const [name, value] of Object.entries(event)) {
    const plain = Array.isArray(value) ? value.map(scalar).filter((each) => each !== null) : scalar(value);
    if (plain !== null) columns.push([name.toLowerCase(), plain]);
  }
  return Object.fromEntries(columns);
}

function scalar(value: unknown): unknown {
  if (typeof value === 'boolean') return String(value);
  return isContainer(value) ? '' : value;
}
