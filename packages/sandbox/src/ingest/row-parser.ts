import type { JsonObject } from '../json.js';
import type { DataSchema, Dimension } from './data-schema.js';
import { javaText } from './java-text.js';
import { metricValue, toLong } from './metric-value.js';
import { Unsupported } from './unsupported.js';

export type DimensionValue = string | number | null;

/** An event as a task holds it. */
export interface ParsedRow {
  /** Epoch milliseconds, not yet cut to the queryGranularity. */
  readonly timestamp: number;
  readonly event: JsonObject;
}

/** An event that Druid's parser refuses. */
export class UnparseableRow extends Error {
  override name = 'UnparseableRow';
}

/**
 * Reads the time of an event.
 * @throws UnparseableRow with Druid's words.
 */
export function parseRow(schema: DataSchema, event: JsonObject | null): ParsedRow {
  const value = event?.[schema.timestampColumn];
  const isMissing = value === undefined || value === null;
  const timestamp =
    isMissing && schema.missingTimestamp !== undefined ? schema.missingTimestamp : schema.timestamps.read(value);
  if (event === null || Number.isNaN(timestamp)) {
    throw new UnparseableRow(`Timestamp[${javaText(value)}] is unparseable! Event: ${excerpt(event)}`);
  }
  return { timestamp, event };
}

const longestExcerpt = 100;

function excerpt(event: JsonObject | null): string {
  const text = javaText(event);
  return text.length > longestExcerpt ? `${text.slice(0, longestExcerpt)}...` : text;
}

/**
 * The value of a dimension. Null and nothing are null, an empty text is a text.
 * @throws Unsupported for a list of several values.
 */
export function dimensionValue({ name, type }: Dimension, value: unknown): DimensionValue {
  if (value === undefined || value === null) return null;
  if (type !== 'STRING') return numberOf(type, value);
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return javaText(value);
  const [first] = value as unknown[];
  if (value.length > 1) {
    throw new Unsupported(
      `has no dimensions of several values, as "${name}" has: ${JSON.stringify(value).slice(0, 200)}`,
    );
  }
  return first === undefined || first === null ? null : javaText(first);
}

/** A boolean is 1 or 0; a text that is no whole number is no long. */
function numberOf(type: Dimension['type'], value: unknown): number | null {
  const number = typeof value === 'boolean' ? Number(value) : metricValue(value);
  if (number === null || type === 'DOUBLE') return number;
  if (type === 'FLOAT') return Math.fround(number);
  return typeof value === 'string' && !Number.isInteger(number) ? null : toLong(number);
}
