import { TranquilityError } from '../errors/tranquility-error.js';
import type { IngestionSpec, TimestampSpec } from '../spec/ingestion-spec.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import type { Granularity } from '../time/granularity.js';
import { alignedInterval, archiveSource, type Interval } from './archive.js';
import { archiveFormat } from './archive-format.js';

/** A statement, and the context that it is to be sent with, to `/druid/v2/sql/task`. */
export interface SqlRequest {
  readonly query: string;
  readonly context: JsonObject;
}

/**
 * A statement that overwrites an interval of a dataSource with the rows of an archive, by the same schema, for a Druid from 24 on with its
 * multi-stage query engine. What was appended or pushed there before is replaced.
 * @param interval begins and ends where segments do: `2026-03-05T00:00:00Z/2026-03-06T00:00:00Z`.
 * @param uris of the archive's files, of events as they came, all of one scheme.
 * @throws TRQ_CONFIG_INVALID for an interval, addresses or a format that Druid does not take, and for a schema that SQL cannot say.
 */
export function reindexSql(spec: IngestionSpec, interval: string, uris: readonly string[]): SqlRequest {
  const { dataSource, segmentGranularity, rollup, transformSpec } = spec;
  if (transformSpec !== undefined) throw unsaid('transformSpec');
  const dimensions = columnsOf(spec.dimensionsSpec);
  const metrics = spec.metricsSpec.map(metricOf);
  const fields = [...dimensions, ...metrics.flatMap(({ field }) => field ?? [])];
  const read = declared([{ name: spec.timestampSpec.column, type: 'string' }, ...fields]);
  const times = between(alignedInterval(interval, segmentGranularity));
  const time = spec.queryGranularity.name === 'NONE' ? quoted('__time') : floor(spec.queryGranularity);
  const selected = [
    `${time} AS "__time"`,
    ...dimensions.map((dimension) => {
      const [value, name] = [valueOf(dimension, read), quoted(dimension.name)];
      return value === name ? name : `${value} AS ${name}`;
    }),
    ...metrics.map((metric) => `${measure(metric, read, rollup)} AS ${quoted(metric.name)}`),
  ];
  const keys = Array.from({ length: dimensions.length + 1 }, (_, index) => index + 1);
  const lines = [
    `REPLACE INTO ${quoted(dataSource)} OVERWRITE WHERE ${times}`,
    `WITH "archive" AS (`,
    `  SELECT ${timeOf(spec.timestampSpec)} AS "__time", ${names(fields, spec)}`,
    `  FROM ${extern([...read.values()], spec, uris)}`,
    `)`,
    `SELECT ${selected.join(', ')}`,
    `FROM "archive"`,
    `WHERE ${times}`,
    ...(rollup ? [`GROUP BY ${keys.join(', ')}`] : []),
    `PARTITIONED BY ${floor(segmentGranularity)}`,
  ];
  const context = rollup ? { finalizeAggregations: false, groupByEnableMultiValueUnnesting: false } : {};
  return { query: `${lines.join('\n')}\n`, context };
}

/** A column of the archive, with its type in Druid's words. */
interface Column {
  readonly name: string;
  readonly type: string;
}

interface Metric {
  readonly name: string;
  /** What it is made of, and the function for rows that are rolled up into one; a count has neither. */
  readonly field?: Column;
  readonly fold?: string;
}

const json = 'COMPLEX<json>';
const types: Readonly<Record<string, string>> = {
  ...{ string: 'string', long: 'long', float: 'float', double: 'double', json },
};

function columnsOf(spec: JsonObject): readonly Column[] {
  const { dimensions, spatialDimensions } = spec;
  if (!Array.isArray(dimensions) || dimensions.length === 0) throw unsaid('a dimensionsSpec without dimensions');
  if (Array.isArray(spatialDimensions) && spatialDimensions.length > 0) throw unsaid('spatialDimensions');
  return (dimensions as unknown[]).map((dimension) => {
    const { name, type = 'string' } = isJsonObject(dimension) ? dimension : { name: dimension };
    const known = types[String(type)];
    if (known === undefined) throw unsaid(`the dimension ${String(name)} of type ${String(type)}`);
    return { name: String(name), type: known };
  });
}

const folds: Readonly<Record<string, string>> = { Sum: 'SUM', Min: 'MIN', Max: 'MAX' };

function metricOf(metric: unknown): Metric {
  const { name, type, fieldName, expression } = isJsonObject(metric) ? metric : {};
  const named = String(name);
  if (type === 'count') return { name: named };
  const [, of, how] = /^(long|float|double)(Sum|Min|Max)$/.exec(String(type)) ?? [];
  const fold = folds[how ?? ''];
  if (of === undefined || fold === undefined || typeof fieldName !== 'string' || typeof expression === 'string') {
    throw unsaid(`the metric ${named} of type ${String(type)}`);
  }
  return { name: named, field: { name: fieldName, type: of }, fold };
}

/** A metric of the rows that are rolled up into one, or of a row that stays as it is. */
function measure({ field, fold }: Metric, read: Columns, rollup: boolean): string {
  if (field === undefined) return rollup ? 'COUNT(*)' : '1';
  const value = valueOf(field, read);
  return rollup && fold !== undefined ? `${fold}(${value})` : value;
}

/** The columns of the archive by name. */
type Columns = ReadonlyMap<string, Column>;

/** Each column once. One that is read as several types is a string, in which a number stands as it was written, and is cast where it is read. */
function declared(reads: readonly Column[]): Columns {
  const columns = new Map<string, Column>();
  for (const { name, type } of reads) {
    const known = columns.get(name)?.type ?? type;
    if (known !== type && [known, type].includes(json)) throw unsaid(`the field ${name} as json and as another type`);
    columns.set(name, { name, type: known === type ? type : 'string' });
  }
  return columns;
}

const sqlTypes: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  float: 'FLOAT',
  double: 'DOUBLE',
};

/** A column of the archive as a value of this type. */
function valueOf({ name, type }: Column, read: Columns): string {
  return read.get(name)?.type === type ? quoted(name) : `CAST(${quoted(name)} AS ${sqlTypes[type] ?? 'VARCHAR'})`;
}

/** Each column of the archive once; the time is told apart. */
function names(columns: readonly Column[], { timestampSpec }: IngestionSpec): string {
  const all = new Set(columns.map(({ name }) => name));
  if (timestampSpec.column === '__time') all.delete('__time');
  return [...all].map(quoted).join(', ');
}

function extern(columns: readonly Column[], { inputFormat }: IngestionSpec, uris: readonly string[]): string {
  const parts = [archiveSource(uris), archiveFormat(inputFormat), columns];
  return `TABLE(EXTERN(${parts.map((part) => literal(JSON.stringify(part))).join(', ')}))`;
}

/** The time of a row; none where it cannot be read. */
function timeOf({ column, format, missingValue }: TimestampSpec): string {
  const text = quoted(column);
  const number = `CAST(${text} AS BIGINT)`;
  const iso = `TIME_PARSE(TRIM(${text}))`;
  const known: Readonly<Record<string, string>> = {
    auto: `CASE WHEN ${number} > 0 THEN MILLIS_TO_TIMESTAMP(${number}) ELSE ${iso} END`,
    iso,
    millis: `MILLIS_TO_TIMESTAMP(${number})`,
    posix: `MILLIS_TO_TIMESTAMP(${number} * 1000)`,
    micro: `MILLIS_TO_TIMESTAMP(${number} / 1000)`,
    nano: `MILLIS_TO_TIMESTAMP(${number} / 1000000)`,
  };
  if (format === 'ruby') throw unsaid('a timestampSpec with the format ruby');
  const time = known[format] ?? `TIME_PARSE(${text}, ${literal(format)})`;
  return missingValue === undefined ? time : `COALESCE(${time}, TIME_PARSE(${literal(missingValue)}))`;
}

const periods: Readonly<Record<string, string>> = {
  ...{ SECOND: 'PT1S', MINUTE: 'PT1M', FIVE_MINUTE: 'PT5M', TEN_MINUTE: 'PT10M', FIFTEEN_MINUTE: 'PT15M' },
  ...{ THIRTY_MINUTE: 'PT30M', HOUR: 'PT1H', SIX_HOUR: 'PT6H', EIGHT_HOUR: 'PT8H', DAY: 'P1D', WEEK: 'P1W' },
  ...{ MONTH: 'P1M', QUARTER: 'P3M', YEAR: 'P1Y' },
};

function floor({ name }: Granularity): string {
  const period = periods[name];
  if (period === undefined) throw unsaid(`the granularity ${name}`);
  return `TIME_FLOOR("__time", ${literal(period)})`;
}

function between({ start, end }: Interval): string {
  const at = (time: number): string => `TIMESTAMP '${new Date(time).toISOString().replace('T', ' ').slice(0, 19)}'`;
  return `"__time" >= ${at(start)} AND "__time" < ${at(end)}`;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const unsaid = (what: string): TranquilityError =>
  new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `This SQL cannot say ${what}. Take the native task, without --sql, or change the statement of a simpler schema by hand.`,
    { details: { what } },
  );
