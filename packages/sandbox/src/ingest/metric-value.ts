/**
 * The number that Druid's aggregators read from a field (`Rows.objectToNumber`): a text is trimmed, its commas are left out. Null for
 * what has none: lists, objects, booleans and other texts.
 */
export function metricValue(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return null;
  const text = value.trim().replaceAll(',', '');
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?$/.test(text)) return Number.parseFloat(text);
  return /^[+-]?(NaN|Infinity)$/.test(text) ? Number(text.replace('+', '')) : null;
}

/** As Java casts a double to a long. */
export function toLong(value: number): number {
  return Number.isNaN(value) ? 0 : Math.trunc(value);
}
