import { inputFields } from '../spec/input-fields.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import { isJsonObject } from '../spec/json.js';

/** Which fields of an event Tranquility takes for string dimensions. */
export interface DimensionRule {
  /** The names that the spec lists; absent where it takes every field that has no other use. */
  readonly listed?: ReadonlySet<string>;
  isDimension(name: string): boolean;
}

/** Reads the rule off a spec: the listed dimensions but for spatial ones or, with none listed, all that is not used otherwise. */
export function dimensionRule(
  spec: Pick<IngestionSpec, 'dimensionsSpec' | 'metricsSpec' | 'timestampSpec'>,
): DimensionRule {
  const { dimensions, dimensionExclusions } = spec.dimensionsSpec;
  if (Array.isArray(dimensions) && dimensions.length > 0) {
    const listed = new Set(
      dimensions
        .filter((dimension) => !isJsonObject(dimension) || dimension['type'] !== 'spatial')
        .map((dimension: unknown) => (isJsonObject(dimension) ? dimension['name'] : dimension))
        .filter((name): name is string => typeof name === 'string'),
    );
    return { listed, isDimension: (name) => listed.has(name) };
  }
  const used = new Set<unknown>([spec.timestampSpec.column]);
  if (Array.isArray(dimensionExclusions)) for (const name of dimensionExclusions as unknown[]) used.add(name);
  for (const metric of spec.metricsSpec) {
    if (isJsonObject(metric)) used.add(metric['name']);
    for (const name of inputFields(metric)?.aggregated ?? []) used.add(name);
  }
  return { isDimension: (name) => !used.has(name) };
}
