import { DAY_MS } from './civil.js';
import type { GranularityResult, GranularityUse } from './granularity.js';
import { parseIso } from './iso-instant.js';
import { javaTrim } from './java-text.js';
import { type Period, parsePeriod } from './period.js';
import { type Buckets, periodBuckets, type PeriodRule } from './period-granularity.js';
import { addZoned, units } from './zoned-units.js';
import { UTC, zoneOf } from './zone.js';

/** Why an object is no granularity that we take. */
class Refusal extends Error {
  readonly kind: 'unsupported' | 'invalid';

  constructor(kind: 'unsupported' | 'invalid', reason: string) {
    super(reason);
    this.kind = kind;
  }
}

/**
 * Reads `{"type": "period", "period", "timeZone", "origin"}` or `{"type": "duration", "duration", "origin"}`. As a
 * `segmentGranularity` those are unsupported whose buckets, as Druid has them, do not stand side by side.
 *
 * @param bucketsNamed the named granularity of a period in UTC without origin, if it has one
 */
export function readGranularityObject(
  value: object,
  use: GranularityUse,
  bucketsNamed: (period: string) => NamedBuckets | undefined,
): GranularityResult {
  const fields: Fields = { ...value };
  try {
    const buckets = fields['type'] === 'duration' ? readDuration(fields, use) : readPeriod(fields, use, bucketsNamed);
    return { ok: true, granularity: { ...buckets, json: value } };
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, kind: error.kind, reason: error.message };
    throw error;
  }
}

type Fields = Readonly<Record<string, unknown>>;
type NamedBuckets = Buckets & { readonly name: string };

function readDuration(fields: Fields, use: GranularityUse): NamedBuckets {
  const given = fields['duration'];
  const duration = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given;
  if (typeof duration !== 'number' || !Number.isSafeInteger(duration) || duration <= 0) {
    throw new Refusal(
      'invalid',
      `The duration is ${show(given)}. Give whole milliseconds: {"type": "duration", "duration": 3600000}.`,
    );
  }
  const origin = readOrigin(fields['origin']) ?? 0;
  if (use === 'segmentGranularity') refuseEarlyOrigin(origin, duration);
  return {
    name: `DURATION ${duration}`,
    bucketStart: (ms) => origin + Math.floor((ms - origin) / duration) * duration,
    bucketEnd: (start) => start + duration,
  };
}

function readPeriod(
  fields: Fields,
  use: GranularityUse,
  bucketsNamed: (period: string) => NamedBuckets | undefined,
): NamedBuckets {
  const text = fields['period'];
  const period = readPeriodText(text);
  const zone = readZone(fields['timeZone']);
  const origin = readOrigin(fields['origin']);
  const named = zone === UTC && origin === undefined ? bucketsNamed(String(text).toUpperCase()) : undefined;
  if (named !== undefined) return named;
  const rule = { period, zone, origin };
  if (use === 'segmentGranularity') refuseOverlaps(rule);
  const where = zone === UTC ? '' : ` ${String(fields['timeZone'])}`;
  return { name: `${String(text)}${where}`, ...periodBuckets(rule) };
}

function readPeriodText(text: unknown): Period {
  if (typeof text !== 'string') {
    throw new Refusal('invalid', `The period is ${show(text)}. Give an ISO-8601 period such as "PT2H" or "P1D".`);
  }
  let period: Period;
  try {
    period = parsePeriod(javaTrim(text));
  } catch (error) {
    throw new Refusal('invalid', error instanceof Error ? error.message : String(error));
  }
  const values = units.map(({ field }) => period[field]);
  if (values.every((value) => value === 0)) throw new Refusal('invalid', `The period "${text}" has no length.`);
  if (values.some((value) => value < 0)) {
    throw new Refusal(
      'unsupported',
      `The period "${text}" has a negative part, which Druid leaves out when it looks for a bucket.`,
    );
  }
  return period;
}

function readZone(name: unknown): PeriodRule['zone'] {
  if (name === undefined || name === null) return UTC;
  const zone = typeof name === 'string' ? zoneOf(name) : undefined;
  if (zone !== undefined) return zone;
  throw new Refusal(
    'invalid',
    `The timeZone is ${show(name)}, which is not the name of a time zone. Druid takes what it does not know for UTC, and does not say so. ` +
      'Use a name such as "America/Los_Angeles", or an offset such as "+05:30".',
  );
}

function readOrigin(origin: unknown): number | undefined {
  if (origin === undefined || origin === null) return undefined;
  if (typeof origin === 'number' && Number.isSafeInteger(origin)) return origin;
  const text = typeof origin === 'string' ? javaTrim(origin) : 'none';
  if (text === '') return undefined;
  const ms = parseIso(text);
  if (!Number.isNaN(ms)) return ms;
  throw new Refusal('invalid', `The origin is ${show(origin)}. Give an instant such as "2020-01-01T00:00:00Z".`);
}

const HOUR_MS = 3_600_000;

/** Druid's own buckets of these do not hold every instant that it puts into them. */
function refuseOverlaps({ period, zone, origin }: PeriodRule): void {
  const used = units.filter(({ field }) => period[field] > 0);
  const start = origin ?? zone.fromLocal(0);
  const [unit] = used;
  if (used.length > 1) {
    if (period.years === 0 && period.months === 0 && zone.isFixed) {
      refuseEarlyOrigin(start, addZoned(zone, 0, period));
    }
  } else if (unit?.field === 'hours') {
    if (start < 0 && (period.hours > 1 || origin !== undefined)) refuseShiftedHours(start, zone, period.hours);
  } else if (unit?.field === 'weeks') {
    if (period.weeks === 1 && origin === undefined) refuseShiftedWeeks(zone);
  } else if (unit?.field === 'months' || unit?.field === 'years') {
    const dayOfMonth = new Date(zone.toLocal(start)).getUTCDate();
    if (dayOfMonth > 28) {
      throw new Refusal(
        'unsupported',
        `The origin is on day ${dayOfMonth} of a month. Not every month has it, and Druid’s segments would not meet. Use a day up to 28.`,
      );
    }
  }
}

/** Druid counts wrongly from an origin before 1970 in the remainders of a division. */
function refuseEarlyOrigin(origin: number, length: number): void {
  if (origin >= 0 || origin % length === 0) return;
  const same = origin - Math.floor(origin / length) * length;
  throw new Refusal(
    'unsupported',
    'Druid’s segments would not hold all of their events, as the origin is before 1970. ' +
      `Give the origin "${new Date(same).toISOString()}", which makes the same segments.`,
  );
}

/** From an origin before 1970 Druid rounds the start of a bucket of hours down to a full hour of the zone. */
function refuseShiftedHours(origin: number, zone: PeriodRule['zone'], hours: number): void {
  for (let month = 0; month < 12 * 70; month++) {
    if ((origin + zone.offsetAt(month * 30.4 * DAY_MS)) % HOUR_MS !== 0) {
      const later = origin + Math.ceil(-origin / (hours * HOUR_MS) + 1) * hours * HOUR_MS;
      throw new Refusal(
        'unsupported',
        'Druid’s segments would not hold all of their events, as the origin is before 1970 and the zone’s hours are not always ' +
          `whole hours from it. Give an origin after 1970, for example "${new Date(later).toISOString()}".`,
      );
    }
  }
}

/** On a day without a midnight Druid takes the begin of its week an hour late. */
function refuseShiftedWeeks(zone: PeriodRule['zone']): void {
  if (zone.isFixed) return;
  for (let day = Date.UTC(2020, 0, 1); day < Date.UTC(2038, 0, 1); day += DAY_MS) {
    if (!zone.skips(day)) continue;
    throw new Refusal(
      'unsupported',
      `Druid’s segments of weeks would overlap: the clocks of the zone skip midnight, for example on ${new Date(day).toDateString()}. ` +
        'Use days, or give an origin, for example "2024-01-01T12:00:00Z".',
    );
  }
}

function show(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 100);
}
