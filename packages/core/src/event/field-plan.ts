import { inputFields } from '../spec/input-fields.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import { isJsonObject } from '../spec/json.js';

/** Says which fields of an event a spec has a use for. */
export type FieldPlan = (name: string) => boolean;

const everything: FieldPlan = () => true;

/**
 * The fields that Druid needs of each event. With listed dimensions: the time, the dimensions, what aggregators and their filters read, and
 * the column that rows are told apart by. With none listed: all but the exclusions that have no other use. Where a transform, an expression
 * or an aggregator of an unknown form may read anything: all.
 */
export function fieldPlan(
  spec: Pick<IngestionSpec, 'dimensionsSpec' | 'metricsSpec' | 'timestampSpec' | 'transformSpec' | 'tuningConfig'>,
): FieldPlan {
  if (spec.transformSpec !== undefined && Object.keys(spec.transformSpec).length > 0) return everything;
  const needed = new Set<string>([spec.timestampSpec.column]);
  const { dedupColumn } = spec.tuningConfig;
  if (typeof dedupColumn === 'string') needed.add(dedupColumn);
  for (const metric of spec.metricsSpec) {
    const fields = inputFields(metric);
    if (fields === undefined) return everything;
    for (const name of [...fields.aggregated, ...fields.filtered]) needed.add(name);
  }
  const { dimensions, dimensionExclusions, includeAllDimensions, spatialDimensions, useSchemaDiscovery } =
    spec.dimensionsSpec;
  const listed = [...listOf(dimensions), ...listOf(spatialDimensions)];
  const takesOthers = listOf(dimensions).length === 0 || includeAllDimensions === true || useSchemaDiscovery === true;
  for (const dimension of listed) {
    const names = namesOf(dimension);
    if (names.length === 0) return everything;
    for (const name of names) needed.add(name);
  }
  if (!takesOthers) return (name) => needed.has(name);
  const excluded = new Set(listOf(dimensionExclusions).filter((name) => !needed.has(name as string)));
  return (name) => !excluded.has(name);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** The fields that a dimension is made of: itself or, of a spatial one, its coordinates too. */
function namesOf(dimension: unknown): string[] {
  if (!isJsonObject(dimension)) return typeof dimension === 'string' ? [dimension] : [];
  return [dimension['name'], dimension['dimName'], ...listOf(dimension['dims'])].filter(
    (name): name is string => typeof name === 'string',
  );
}
