import type { IngestionSpec } from '../spec/ingestion-spec.js';
import { dimensionTexts } from './dimension-values.js';
import { dimensionRule, type DimensionRule } from './dimension-rule.js';
import { consistentHash, Murmur3 } from './hashing.js';

/** The top-level fields of an event, by name. */
export type EventFields = Readonly<Record<string, unknown>>;

/** Says which of a segment's partitions an event goes to. Writers that disagree cost rollup, not correctness. */
export interface Partitioner {
  /**
   * @param fields of the event; at least those that it asks for by `fields`, where it has that
   * @param timestamp epoch milliseconds
   * @param partitions how many there are, at least 1
   * @returns 0 to `partitions` - 1
   */
  partition(fields: EventFields, timestamp: number, partitions: number): number;
  /** The only fields that it looks at; all, if it does not say. An event that came as bytes is then read no further. */
  readonly fields?: readonly string[] | undefined;
}

/**
 * Cuts an instant, in epoch milliseconds, to the spec's queryGranularity. For `all` that is Druid's earliest instant, which only a bigint
 * can hold, or -Infinity for short.
 */
export type Truncate = (timestamp: number) => number | bigint;

/** Joda's least instant as Druid uses it. */
const earliest = -(2n ** 62n);

/**
 * Tranquility's way (`InputRowPartitioner`), to the bit: events of the same truncated time and dimensions, which Druid rolls up to one row,
 * go to the same partition, whoever sends them.
 */
export class HashPartitioner implements Partitioner {
  readonly #truncate: Truncate;
  readonly #rule: DimensionRule;
  readonly #listed: readonly string[] | undefined;

  constructor(spec: Pick<IngestionSpec, 'dimensionsSpec' | 'metricsSpec' | 'timestampSpec'>, truncate: Truncate) {
    this.#truncate = truncate;
    this.#rule = dimensionRule(spec);
    this.#listed = this.#rule.listed === undefined ? undefined : [...this.#rule.listed].sort();
  }

  get fields(): readonly string[] | undefined {
    return this.#listed;
  }

  partition(fields: EventFields, timestamp: number, partitions: number): number {
    return partitions === 1 ? 0 : consistentHash(this.hash(fields, timestamp), partitions);
  }

  /** Tranquility's `timeAndDimsHashCode`: a signed 32-bit number. */
  hash(fields: EventFields, timestamp: number): number {
    const truncated = this.#truncate(timestamp);
    const murmur = new Murmur3().putLong(truncated === -Infinity ? earliest : truncated);
    for (const name of this.#listed ?? this.#dimensionsIn(fields)) {
      const texts = dimensionTexts(fields[name]);
      if (texts.length === 0) continue;
      murmur.putText(name);
      for (const text of texts) murmur.putText(text);
    }
    return murmur.digest();
  }

  #dimensionsIn(fields: EventFields): string[] {
    return Object.keys(fields)
      .filter((name) => this.#rule.isDimension(name))
      .sort();
  }
}
