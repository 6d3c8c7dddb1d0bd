import { parseGranularity, SEGMENT_GRANULARITIES, type Granularity, type GranularityUse } from '../time/granularity.js';
import { addPeriod, parsePeriod } from '../time/period.js';
import { timestampReader } from '../time/timestamp.js';
import { Cursor } from './cursor.js';
import { readInputFormat, type InputFormat } from './input-format.js';
import { isJsonObject, type JsonObject } from './json.js';
import { nearest } from './nearest.js';
import { show } from './problems.js';

/** Where an event's time is, and how it is written. */
export interface TimestampSpec {
  readonly column: string;
  /** As the user wrote it; `auto` by default. */
  readonly format: string;
  /** What a missing timestamp counts as. */
  readonly missingValue?: string;
}

/** What we read of Druid's ingestion spec. The rest passes through as it is: a new aggregator needs no release of ours. */
export interface IngestionSpec {
  readonly dataSource: string;
  readonly timestampSpec: TimestampSpec;
  readonly dimensionsSpec: JsonObject;
  /** How text becomes events. Events that are objects already have no use for it. */
  readonly inputFormat: InputFormat;
  readonly metricsSpec: readonly unknown[];
  readonly transformSpec?: JsonObject;
  readonly segmentGranularity: Granularity;
  readonly queryGranularity: Granularity;
  readonly rollup: boolean;
  /** The user's `tuningConfig`, with nothing added. */
  readonly tuningConfig: JsonObject;
  /** How late or early an event may be, as an ISO-8601 period. */
  readonly windowPeriod: string;
}

const defaultWindowPeriod = 'PT10M';

/**
 * Reads an ingestion spec in either of Druid's forms: `parser.parseSpec`, or `timestampSpec` and `dimensionsSpec` at the top of
 * `dataSchema`. Whatever is wrong goes to the cursor's problems.
 * @returns `undefined` when something is wrong.
 */
export function readIngestionSpec(spec: Cursor): IngestionSpec | undefined {
  const { problems } = spec;
  const errorsBefore = problems.errors.length;
  const dataSchema = spec.get('dataSchema');
  if (dataSchema.object('Give the dataSchema of Druid’s ingestion spec.') === undefined) return undefined;

  const dataSource = readDataSource(dataSchema.get('dataSource'));
  const parseSpec = dataSchema.get('parser').get('parseSpec');
  const part = (key: string): Cursor => (dataSchema.get(key).isAbsent ? parseSpec.get(key) : dataSchema.get(key));
  const timestampSpec = readTimestampSpec(part('timestampSpec'));
  const dimensionsSpec = readDimensions(part('dimensionsSpec'));
  const inputFormat = readInputFormat(
    dataSchema.get('parser'),
    spec.get('ioConfig').get('inputFormat'),
    dimensionsSpec['useSchemaDiscovery'] === true,
  );
  const metricsSpec = readMetrics(dataSchema.get('metricsSpec'), dimensionsSpec);
  const granularity = readGranularities(dataSchema.get('granularitySpec'));
  const transformSpec = readTransforms(dataSchema.get('transformSpec'));
  const tuning = readTuning(spec.get('tuningConfig'));
  checkIoConfig(spec.get('ioConfig'));

  if (problems.errors.length > errorsBefore) return undefined;
  if (dataSource === undefined || timestampSpec === undefined) return undefined;
  if (inputFormat === undefined || granularity === undefined) return undefined;
  warnOfWideWindow(spec.get('tuningConfig').get('windowPeriod'), tuning.windowPeriod, granularity.segmentGranularity);
  return {
    dataSource,
    timestampSpec,
    dimensionsSpec,
    inputFormat,
    metricsSpec,
    ...granularity,
    ...tuning,
    ...(transformSpec === undefined ? {} : { transformSpec }),
  };
}

/** Druid's `IdUtils.validateId`. */
function readDataSource(cursor: Cursor): string | undefined {
  const name = cursor.text('Name the dataSource that the events go to.');
  if (name === undefined) return undefined;
  if (name.startsWith('.') || /[/\p{Cc}\p{Co}\p{Cs}]|[^\S ]|[\u{10000}-\u{10FFFF}]/u.test(name)) {
    return cursor.fail(
      `is ${show(name)}, which Druid does not take. Use a name without a leading ".", "/", tabs, line breaks or characters such as emoji.`,
    );
  }
  return name;
}

function readTimestampSpec(cursor: Cursor): TimestampSpec | undefined {
  if (cursor.object('Say where the time is: {"column": "timestamp", "format": "auto"}.') === undefined)
    return undefined;
  const column = cursor.get('column').isAbsent
    ? 'timestamp'
    : cursor.get('column').text('Name the column that holds the time.');
  const format = cursor.get('format').isAbsent ? 'auto' : cursor.get('format').text('Use "auto", "iso" or "millis".');
  if (column === undefined || format === undefined) return undefined;
  try {
    timestampReader(format);
  } catch (error) {
    return cursor.get('format').fail(`is ${show(format)}. ${error instanceof Error ? error.message : ''}`);
  }
  const missing = cursor.get('missingValue');
  if (missing.isAbsent) return { column, format };
  const missingValue = missing.text('Give a time in ISO-8601.');
  return missingValue === undefined ? undefined : { column, format, missingValue };
}

function readDimensions(cursor: Cursor): JsonObject {
  return cursor.object('Name the dimensions, or give {} to take every field: {"dimensions": ["page", "user"]}.') ?? {};
}

function readMetrics(cursor: Cursor, dimensionsSpec: JsonObject): readonly unknown[] {
  if (cursor.isAbsent) return [];
  const metrics = cursor.list('Give a list of aggregators; [] for none.') ?? [];
  const { dimensions } = dimensionsSpec;
  const names = new Set((Array.isArray(dimensions) ? dimensions : []).map(nameOf));
  metrics.forEach((metric, index) => {
    const at = new Cursor(metric, [...cursor.path, index], cursor.problems);
    if (at.object('An aggregator is an object: {"type": "count", "name": "count"}.') === undefined) return;
    at.get('type').text('Name the aggregator’s type, such as "longSum".');
    const name = at.get('name').text('Name the column that it makes.');
    if (name === undefined) return;
    if (names.has(name)) {
      at.get('name').fail(
        `is ${show(name)}, the name of another column. Druid needs each name once: rename one of them.`,
      );
    }
    names.add(name);
  });
  return metrics;
}

function nameOf(column: unknown): unknown {
  return isJsonObject(column) ? column['name'] : column;
}

type Granularities = Pick<IngestionSpec, 'segmentGranularity' | 'queryGranularity' | 'rollup'>;

function readGranularities(cursor: Cursor): Granularities | undefined {
  if (
    !cursor.isAbsent &&
    cursor.object('Give {"segmentGranularity": "HOUR", "queryGranularity": "MINUTE"}.') === undefined
  ) {
    return undefined;
  }
  const type = cursor.get('type');
  if (!type.isAbsent && type.value !== 'uniform') {
    type.fail(`is ${show(type.value)}. A stream needs segments of one length: set it to "uniform".`);
  }
  const segment = cursor.get('segmentGranularity');
  const query = cursor.get('queryGranularity');
  const rollup = cursor.get('rollup');
  if (!rollup.isAbsent && typeof rollup.value !== 'boolean')
    rollup.fail(`is ${show(rollup.value)}. Use true or false.`);
  const queryGranularity = granularity(query, 'queryGranularity', 'NONE');
  const segmentGranularity = granularity(segment, 'segmentGranularity', 'DAY');
  if (segmentGranularity === undefined || queryGranularity === undefined) return undefined;
  return { segmentGranularity, queryGranularity, rollup: rollup.value !== false };
}

function granularity(cursor: Cursor, use: GranularityUse, byDefault: string): Granularity | undefined {
  const result = parseGranularity(cursor.value ?? byDefault, use);
  if (result.ok) return result.granularity;
  const meant = typeof cursor.value === 'string' ? nearest(cursor.value, SEGMENT_GRANULARITIES) : undefined;
  return cursor.fail(
    `is ${show(cursor.value)}. ${result.reason}${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
  );
}

function readTransforms(cursor: Cursor): JsonObject | undefined {
  if (cursor.isAbsent) return undefined;
  const spec = cursor.object('Give an object, or leave it out.');
  const transforms = spec?.['transforms'];
  if (Array.isArray(transforms) && transforms.some((transform) => nameOf(transform) === '__time')) {
    return cursor.fail(
      'has a transform named "__time". It would move events to other segments than those they are sent to: set the time in the event instead.',
    );
  }
  return spec;
}

function readTuning(cursor: Cursor): Pick<IngestionSpec, 'tuningConfig' | 'windowPeriod'> {
  const none = { tuningConfig: {}, windowPeriod: defaultWindowPeriod };
  if (cursor.isAbsent) return none;
  const tuningConfig = cursor.object('Give an object, or leave it out.');
  if (tuningConfig === undefined) return none;
  const type = cursor.get('type');
  if (!type.isAbsent && type.value !== 'realtime') {
    type.fail(`is ${show(type.value)}. These are realtime tasks: set it to "realtime".`);
  }
  const window = cursor.get('windowPeriod');
  if (window.isAbsent) return { tuningConfig, windowPeriod: defaultWindowPeriod };
  const windowPeriod = window.text('Use a period such as "PT10M".');
  try {
    if (windowPeriod !== undefined && addPeriod(0, parsePeriod(windowPeriod)) < 0) {
      window.fail(`is ${show(windowPeriod)}, which is negative. Use a period such as "PT10M".`);
    }
  } catch (error) {
    window.fail(error instanceof Error ? `is wrong: ${error.message}` : String(error));
  }
  return { tuningConfig, windowPeriod: windowPeriod ?? defaultWindowPeriod };
}

function checkIoConfig(cursor: Cursor): void {
  if (cursor.isAbsent) return;
  for (const key of ['firehose', 'firehoseV2', 'plumber']) {
    const part = cursor.get(key);
    if (!part.isAbsent)
      part.fail('must not be set: events are pushed, and the tasks are given their firehose. Remove it.');
  }
}

function warnOfWideWindow(cursor: Cursor, windowPeriod: string, granularity: Granularity): void {
  const start = granularity.bucketStart(0);
  const length = granularity.bucketEnd(start) - start;
  if (addPeriod(0, parsePeriod(windowPeriod)) < length) return;
  cursor.problems.warn(
    cursor.path,
    `is ${show(windowPeriod)}, as long as a segment (${granularity.name}) or longer: several tasks will run at any time. A window is usually a fraction of a segment.`,
  );
}
