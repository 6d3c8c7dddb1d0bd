import { TranquilityError } from '../errors/tranquility-error.js';
import type { JsonObject } from '../spec/json.js';
import type { Granularity } from '../time/granularity.js';
import { parseIso } from '../time/iso-instant.js';

/** Where an archive lies, by the scheme of its addresses: the `inputSource` of Druid that reads it. */
const sources: Readonly<Record<string, string>> = { http: 'http', https: 'http', s3: 's3', gs: 'google', hdfs: 'hdfs' };

/** A stretch of time, as it was given and in epoch milliseconds. */
export interface Interval {
  readonly text: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** So far is it certain which year is meant; `03/05` would be the years 3 to 5. */
const wholeYear = /^\d{4}(?!\d)/;

/**
 * Reads an interval as Druid does: two times in ISO 8601, in UTC where they have no offset.
 * @throws TRQ_CONFIG_INVALID for any other.
 */
export function checkedInterval(text: string): Interval {
  const times = text.split('/').map((time) => (wholeYear.test(time) ? parseIso(time) : NaN));
  const [start = NaN, end = NaN, ...more] = times;
  if (more.length === 0 && start < end) return { text, start, end };
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `The interval is ${JSON.stringify(text)}. Give its start and its end in ISO 8601, such as 2026-03-05T00:00:00Z/2026-03-06T00:00:00Z.`,
  );
}

/**
 * The same, of an interval that begins and ends where segments do: Druid replaces whole segments.
 * @throws TRQ_CONFIG_INVALID for any other.
 */
export function alignedInterval(text: string, granularity: Granularity): Interval {
  const interval = checkedInterval(text);
  if ([interval.start, interval.end].every((time) => granularity.bucketStart(time) === time)) return interval;
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `The interval is ${JSON.stringify(text)}. It must begin and end where segments do, which are of ${granularity.name}.`,
  );
}

/**
 * The `inputSource` that reads an archive's files.
 * @throws TRQ_CONFIG_INVALID for addresses that Druid does not take, or of several schemes.
 */
export function archiveSource(uris: readonly string[]): JsonObject {
  const schemes = new Set(uris.map((uri) => (URL.canParse(uri) ? new URL(uri).protocol.slice(0, -1) : '')));
  const [scheme = ''] = schemes;
  const type = Object.hasOwn(sources, scheme) ? sources[scheme] : undefined;
  if (type !== undefined && schemes.size === 1) return type === 'hdfs' ? { type, paths: [...uris] } : { type, uris };
  const known = Object.keys(sources).join(', ');
  throw new TranquilityError(
    'TRQ_CONFIG_INVALID',
    `The archive is ${uris.map((uri) => JSON.stringify(uri)).join(', ')}. Give addresses of one scheme that Druid reads: ${known}.`,
  );
}
