import type { JsonObject } from '../json.js';
import type { DataSchema, Dimension } from './data-schema.js';
import { dimensionValue, type DimensionValue, type ParsedRow } from './row-parser.js';

/** One row of a segment. */
export interface StoredRow {
  /** Cut to the queryGranularity. */
  readonly timestamp: number;
  /** In the order of the index's dimensions; those that came later than the row are missing. */
  readonly dimensions: readonly DimensionValue[];
  /** In the order of the aggregators. */
  readonly metrics: (number | null)[];
}

/**
 * Rows in memory, rolled up: those of the same time and dimensions are one, of which the metrics are joined. Without rollup each
 * stays for itself.
 */
export class RollupIndex {
  readonly #schema: DataSchema;
  readonly #dimensions: Dimension[];
  readonly #known: Set<string>;
  readonly #byKey = new Map<string, StoredRow>();
  readonly rows: StoredRow[] = [];

  readonly #earliest: number;

  /** @param earliest no row is stored with an earlier time, as `all` would cut it to. */
  constructor(schema: DataSchema, earliest: number) {
    this.#schema = schema;
    this.#earliest = earliest;
    this.#dimensions = [...schema.dimensions];
    this.#known = new Set(this.#dimensions.map(({ name }) => name));
  }

  /** Those of the schema, then those that were found in events. */
  get dimensions(): readonly Dimension[] {
    return this.#dimensions;
  }

  /** @throws Unsupported when a dimension has several values; nothing is changed then. */
  add({ timestamp, event }: ParsedRow): void {
    const { takesOthers, truncate, rollup } = this.#schema;
    if (takesOthers) this.#discover(event);
    const time = Math.max(truncate(timestamp), this.#earliest);
    const values: DimensionValue[] = [];
    let key = String(time);
    for (const dimension of this.#dimensions) {
      const value = dimensionValue(dimension, event[dimension.name]);
      values.push(value);
      key += value === null ? '\u0000' : keyOf(value);
    }
    const row = rollup ? this.#byKey.get(withoutLastNulls(key)) : undefined;
    if (row === undefined) this.#insert(time, values, key, event);
    else this.#join(row, event);
  }

  #discover(event: JsonObject): void {
    for (const name in event) {
      if (this.#known.has(name) || this.#schema.excluded.has(name)) continue;
      this.#known.add(name);
      this.#dimensions.push({ name, type: 'STRING' });
    }
  }

  #insert(timestamp: number, dimensions: DimensionValue[], key: string, event: JsonObject): void {
    const row = {
      timestamp,
      dimensions,
      metrics: this.#schema.aggregators.map((aggregator) => aggregator.read(event)),
    };
    this.rows.push(row);
    if (this.#schema.rollup) this.#byKey.set(withoutLastNulls(key), row);
  }

  #join({ metrics }: StoredRow, event: JsonObject): void {
    const { aggregators } = this.#schema;
    for (let index = 0; index < aggregators.length; index++) {
      const aggregator = aggregators[index];
      const value = aggregator?.read(event) ?? null;
      if (aggregator === undefined || value === null) continue;
      const before = metrics[index] ?? null;
      metrics[index] = before === null ? value : aggregator.join(before, value);
    }
  }
}

/** With its length, so that no text can pass for two. */
function keyOf(value: string | number): string {
  return typeof value === 'string' ? `\u0001${value.length}:${value}` : `\u0002${value}`;
}

/** A dimension that was not known yet when a row came is null in it. */
function withoutLastNulls(key: string): string {
  let end = key.length;
  while (key.charCodeAt(end - 1) === 0) end--;
  return end === key.length ? key : key.slice(0, end);
}
