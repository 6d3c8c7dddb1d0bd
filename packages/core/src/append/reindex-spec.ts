import { dataSchemaOf } from '../spec/data-schema.js';
import type { IngestionSpec } from '../spec/ingestion-spec.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import { alignedInterval, archiveSource } from './archive.js';
import { archiveFormat } from './archive-format.js';

/**
 * A native batch that overwrites an interval of a dataSource with the rows of an archive, by the same schema: `index_parallel`, as Druid takes it
 * from 0.17 on. What was appended or pushed there before is replaced.
 * @param interval begins and ends where segments do: `2026-03-05T00:00:00Z/2026-03-06T00:00:00Z`.
 * @param uris of the archive's files, of events as they came, all of one scheme.
 * @throws TRQ_CONFIG_INVALID for an interval, addresses or a format that Druid does not take.
 */
export function reindexSpec(spec: IngestionSpec, interval: string, uris: readonly string[]): JsonObject {
  const dataSchema = dataSchemaOf(spec);
  const { granularitySpec } = dataSchema;
  return {
    type: 'index_parallel',
    spec: {
      dataSchema: {
        ...dataSchema,
        granularitySpec: {
          ...(isJsonObject(granularitySpec) ? granularitySpec : {}),
          intervals: [alignedInterval(interval, spec.segmentGranularity).text],
        },
      },
      ioConfig: {
        type: 'index_parallel',
        appendToExisting: false,
        // Where the archive has no rows, none are left.
        dropExisting: true,
        inputSource: archiveSource(uris),
        inputFormat: archiveFormat(spec.inputFormat),
      },
      tuningConfig: { type: 'index_parallel', partitionsSpec: { type: 'dynamic' } },
    },
  };
}
