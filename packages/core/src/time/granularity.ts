import { DAY_MS, mondayOf, monthOfDay, monthStartDay } from './civil.js';
import { readGranularityObject } from './granularity-object.js';

/** Cuts time into adjacent half-open buckets. All instants are epoch milliseconds. */
export interface Granularity {
  /** Druid's name in upper case, for example `HOUR` or `FIVE_MINUTE`; of one without a name what it is, for messages: `PT2H`. */
  readonly name: string;
  /** What to write into a spec: the name, or the object as it was given. */
  readonly json: unknown;
  /** Start of the bucket that holds `ms`. `-Infinity` for `ALL`. */
  bucketStart(ms: number): number;
  /** End (exclusive) of the bucket that begins at `start`, which is the start of the next one. `Infinity` for `ALL`. */
  bucketEnd(start: number): number;
}

/** The field of a `granularitySpec` that a granularity is read for. */
export type GranularityUse = 'segmentGranularity' | 'queryGranularity';

/**
 * What {@link parseGranularity} made of a value. `unsupported` is legal in Druid but not usable here, `invalid` is not legal in
 * Druid either; `reason` is a sentence for the user.
 */
export type GranularityResult =
  | { readonly ok: true; readonly granularity: Granularity }
  | { readonly ok: false; readonly kind: 'unsupported' | 'invalid'; readonly reason: string };

type NamedBuckets = Omit<Granularity, 'json'>;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

const granularities = new Map<string, Granularity>(
  [
    fixed('SECOND', 1000),
    fixed('MINUTE', MINUTE_MS),
    fixed('FIVE_MINUTE', 5 * MINUTE_MS),
    fixed('TEN_MINUTE', 10 * MINUTE_MS),
    fixed('FIFTEEN_MINUTE', 15 * MINUTE_MS),
    fixed('THIRTY_MINUTE', 30 * MINUTE_MS),
    fixed('HOUR', HOUR_MS),
    fixed('SIX_HOUR', 6 * HOUR_MS),
    fixed('EIGHT_HOUR', 8 * HOUR_MS),
    fixed('DAY', DAY_MS),
    {
      name: 'WEEK',
      bucketStart: (ms: number) => mondayOf(Math.floor(ms / DAY_MS)) * DAY_MS,
      bucketEnd: (start: number) => start + 7 * DAY_MS,
    },
    monthly('MONTH', 1),
    monthly('QUARTER', 3),
    monthly('YEAR', 12),
    fixed('NONE', 1),
    { name: 'ALL', bucketStart: () => -Infinity, bucketEnd: () => Infinity },
  ].map((buckets) => [buckets.name, { ...buckets, json: buckets.name }]),
);

/** The names that may be a `segmentGranularity` in this release, in upper case, shortest bucket first. */
export const SEGMENT_GRANULARITIES: readonly string[] = [...granularities.keys()].filter((name) => !isOpenEnded(name));

/** Periods that Druid takes for one of the names, as it writes them. */
const PERIODS: Readonly<Record<string, string>> = {
  PT1S: 'SECOND',
  PT1M: 'MINUTE',
  PT5M: 'FIVE_MINUTE',
  PT10M: 'TEN_MINUTE',
  PT15M: 'FIFTEEN_MINUTE',
  PT30M: 'THIRTY_MINUTE',
  PT1H: 'HOUR',
  PT6H: 'SIX_HOUR',
  PT8H: 'EIGHT_HOUR',
  P1D: 'DAY',
  P1W: 'WEEK',
  P1M: 'MONTH',
  P3M: 'QUARTER',
  P1Y: 'YEAR',
};

/** What `ALL` truncates to: the earliest instant of Joda's intervals, half of Java's least long. */
const EARLIEST = -(2 ** 62);

/**
 * The instant to which Druid's rollup cuts `ms` with a queryGranularity, in epoch milliseconds, and so what enters the hash of
 * Tranquility's partitioners. For `ALL` that is -4611686018427387904: not a time that a `Date` holds, but exact as a number.
 */
export function truncate(granularity: Granularity, ms: number): number {
  return Math.max(granularity.bucketStart(ms), EARLIEST);
}

/**
 * Reads a granularity of a Druid `granularitySpec`: one of the names of Druid's GranularityType, in any case, in UTC, weeks begin on
 * Monday; or an object of type `period` or `duration`. `none` (buckets of 1 ms) and `all` (a single bucket), as names or objects, are
 * for `queryGranularity` only.
 *
 * @param value what the spec holds, any type
 * @param use the field it comes from; default `segmentGranularity`
 */
export function parseGranularity(value: unknown, use: GranularityUse = 'segmentGranularity'): GranularityResult {
  if (typeof value === 'string') return named(value, use);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return typed(value, use);
  return refuse('invalid', `${use} must be a name, for example "hour", and not ${describe(value)}.`);
}

function named(value: string, use: GranularityUse): GranularityResult {
  const granularity = granularities.get(value.toUpperCase());
  if (granularity === undefined) {
    return refuse('invalid', `"${value}" is not a granularity. ${use} may be one of: ${namesFor(use)}.`);
  }
  if (use === 'segmentGranularity' && isOpenEnded(granularity.name)) {
    return refuse(
      'unsupported',
      `"${value}" is not supported as ${use} in this release. Use one of: ${namesFor(use)}.`,
    );
  }
  return { ok: true, granularity };
}

function typed(value: object, use: GranularityUse): GranularityResult {
  const type: unknown = 'type' in value ? value.type : undefined;
  if (type === 'all' || type === 'none') return named(type, use);
  if (type === 'period' || type === 'duration') {
    return readGranularityObject(value, use, (period) => granularities.get(PERIODS[period] ?? ''));
  }
  return refuse(
    'invalid',
    `${use} is an object whose type is ${describe(type)}; Druid knows the types period, duration, all and none. ` +
      `Use one of the names: ${namesFor(use)}.`,
  );
}

function namesFor(use: GranularityUse): string {
  return [...granularities.keys()]
    .filter((name) => use === 'queryGranularity' || !isOpenEnded(name))
    .join(', ')
    .toLowerCase();
}

function isOpenEnded(name: string): boolean {
  return name === 'ALL' || name === 'NONE';
}

function refuse(kind: 'unsupported' | 'invalid', reason: string): GranularityResult {
  return { ok: false, kind, reason };
}

function describe(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 100);
}

function fixed(name: string, length: number): NamedBuckets {
  return {
    name,
    bucketStart: (ms) => Math.floor(ms / length) * length,
    bucketEnd: (start) => start + length,
  };
}

function monthly(name: string, months: number): NamedBuckets {
  const firstMonth = (ms: number): number => Math.floor(monthOfDay(Math.floor(ms / DAY_MS)) / months) * months;
  return {
    name,
    bucketStart: (ms) => monthStartDay(0, firstMonth(ms) + 1) * DAY_MS,
    bucketEnd: (start) => monthStartDay(0, firstMonth(start) + months + 1) * DAY_MS,
  };
}
