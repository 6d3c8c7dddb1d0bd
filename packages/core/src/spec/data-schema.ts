import type { IngestionSpec } from './ingestion-spec.js';
import type { JsonObject } from './json.js';

/**
 * The `dataSchema` as tasks and supervisors take it that read rows of JSON.
 * @param timestampFormat of the rows, where it is not that of the spec.
 */
export function dataSchemaOf(spec: IngestionSpec, timestampFormat = spec.timestampSpec.format): JsonObject {
  return {
    dataSource: spec.dataSource,
    timestampSpec: { ...spec.timestampSpec, format: timestampFormat },
    dimensionsSpec: spec.dimensionsSpec,
    metricsSpec: spec.metricsSpec,
    granularitySpec: {
      type: 'uniform',
      segmentGranularity: spec.segmentGranularity.json,
      queryGranularity: spec.queryGranularity.json,
      rollup: spec.rollup,
    },
    ...(spec.transformSpec === undefined ? {} : { transformSpec: spec.transformSpec }),
  };
}
