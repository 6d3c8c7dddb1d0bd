import { isJsonObject, type JsonObject } from './json.js';

/** The fields of an event that an aggregator reads. */
export interface InputFields {
  /** What it aggregates. */
  readonly aggregated: readonly string[];
  /** What only its filters look at. Tranquility forgets to send these. */
  readonly filtered: readonly string[];
}

/**
 * The fields that an aggregator reads: `fieldName`, `fieldNames`, `fields`, those of an aggregator within it, and those of a filter.
 * @returns `undefined` when that cannot be told: it has an expression, a script, or none of the keys that we know.
 */
export function inputFields(aggregator: unknown): InputFields | undefined {
  if (!isJsonObject(aggregator) || hasCode(aggregator)) return undefined;
  if (aggregator['type'] === 'count') return { aggregated: [], filtered: [] };
  const inner = aggregator['aggregator'];
  if (inner !== undefined) return filteredFields(inner, aggregator['filter']);
  const aggregated = [
    ...namesIn(aggregator['fieldName']),
    ...namesIn(aggregator['fieldNames']),
    ...namesIn(aggregator['fields']),
    ...namesIn(aggregator['timeColumn']),
  ];
  return aggregated.length === 0 ? undefined : { aggregated, filtered: [] };
}

function filteredFields(aggregator: unknown, filter: unknown): InputFields | undefined {
  const inner = inputFields(aggregator);
  const looked = filterFields(filter);
  return inner === undefined || looked === undefined
    ? undefined
    : { aggregated: inner.aggregated, filtered: [...inner.filtered, ...looked] };
}

/** The fields that a filter looks at; `undefined` when that cannot be told. */
function filterFields(filter: unknown): string[] | undefined {
  if (!isJsonObject(filter) || hasCode(filter)) return undefined;
  const nested = filter['fields'] ?? (isJsonObject(filter['field']) ? [filter['field']] : undefined);
  if (Array.isArray(nested)) {
    const parts = nested.map(filterFields);
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  if (filter['type'] === 'true' || filter['type'] === 'false') return [];
  const names = [
    ...namesIn(filter['dimension']),
    ...namesIn(filter['column']),
    ...namesIn(filter['dimensions']),
    ...namesIn(filter['field']),
  ];
  return names.length === 0 ? undefined : names;
}

/** Whether what it reads stands in an expression or a script, in which we do not look. */
function hasCode(part: JsonObject): boolean {
  return ['expression', 'fold', 'fnAggregate', 'function'].some((key) => part[key] !== undefined && part[key] !== null);
}

/** A name, or a list of names or of objects (`DimensionSpec`) that have one. */
function namesIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return isJsonObject(value) ? namesIn(value['dimension']) : [];
}
