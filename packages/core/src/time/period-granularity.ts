import { DAY_MS, mondayOf, monthOfDay, monthStartDay } from './civil.js';
import type { Period } from './period.js';
import { addZoned, type Unit, units, yearOf, yearStart } from './zoned-units.js';
import type { Zone } from './zone.js';

/** What Druid's PeriodGranularity is made of. */
export interface PeriodRule {
  /** No field is negative, and not all are zero. */
  readonly period: Period;
  readonly zone: Zone;
  /** Epoch milliseconds; without it buckets of several units are counted from 1970-01-01T00:00 in the zone. */
  readonly origin: number | undefined;
}

/** Buckets without a name. */
export interface Buckets {
  bucketStart(ms: number): number;
  bucketEnd(start: number): number;
}

/**
 * The buckets of Druid's PeriodGranularity, with amendments, since Druid's may overlap. A bucket ends where the next one begins
 * (Druid's ends one period after its start, which is not the same on a day that a change of the clocks begins with). An instant is
 * always in its own bucket (Druid's are shifted if the period is of hours and the instant or the origin lies before 1970). And a week
 * begins on Monday (Druid's are shifted on days without a midnight).
 */
export function periodBuckets(rule: PeriodRule): Buckets {
  const { zone, period } = rule;
  const bucketStart = startOf(rule);
  return {
    bucketStart,
    bucketEnd: (start) => firstAfter(bucketStart, start, addZoned(zone, start, period)),
  };
}

/** The first instant after `start` that is not in the bucket that begins there. It should be `end`. */
function firstAfter(bucketStart: (ms: number) => number, start: number, end: number): number {
  let [low, high] = [start, end];
  while (bucketStart(high) === start) [low, high] = [high, high + high - start];
  if (low === start && (bucketStart(high - 1) === start || bucketStart(start) !== start)) return high;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (bucketStart(middle) === start) low = middle;
    else high = middle;
  }
  return high;
}

function startOf(rule: PeriodRule): (ms: number) => number {
  const { zone, period } = rule;
  const origin = rule.origin ?? zone.fromLocal(0);
  const used = units.filter(({ field }) => period[field] > 0);
  const [unit] = used;
  if (unit === undefined) throw new RangeError('A period of no length has no buckets.');
  if (used.length > 1) return compound(rule, origin);
  const count = period[unit.field];
  if (count === 1 && rule.origin === undefined) {
    const floor = FLOORS[unit.field];
    return (ms) => floor(zone, ms);
  }
  return multiple(zone, unit, count, origin);
}

function multiple(zone: Zone, unit: Unit, count: number, origin: number): (ms: number) => number {
  return (ms) => {
    const between = unit.between(zone, origin, ms);
    const whole = between - (between % count);
    const start = unit.add(zone, origin, whole);
    return ms < start ? unit.add(zone, origin, whole - count) : start;
  };
}

function compound({ period, zone }: PeriodRule, origin: number): (ms: number) => number {
  const { years, months, weeks, days } = period;
  if (years === 0 && months === 0 && (zone.isFixed || (weeks === 0 && days === 0))) {
    const length = addZoned(zone, 0, period);
    return (ms) => origin + Math.floor((ms - origin) / length) * length;
  }
  // Where a bucket begins is known from the one beside it only, so all up to the one in question are listed, from the origin on. They
  // are a day long or longer. Nobody's events are beyond the ends of the lists, and what is counted there need not be Druid's.
  const length = addZoned(zone, 0, period);
  const later = new Starts(origin, 1, Math.max(origin, FAR_FUTURE), (start) => addZoned(zone, start, period));
  const earlier = new Starts(origin, -1, Math.min(origin, FAR_PAST), (start) => addZoned(zone, start, period, -1));
  return (ms) => (ms < origin ? earlier : later).upTo(ms, length);
}

const FAR_FUTURE = Date.UTC(2200, 0);
const FAR_PAST = Date.UTC(1600, 0);

/** Starts of buckets from an origin to a limit, in the future or in the past, listed as far as was asked for. */
class Starts {
  readonly #starts: number[];
  readonly #direction: 1 | -1;
  readonly #limit: number;
  readonly #next: (start: number) => number;

  constructor(origin: number, direction: 1 | -1, limit: number, next: (start: number) => number) {
    this.#starts = [origin];
    this.#direction = direction;
    this.#limit = limit;
    this.#next = next;
  }

  /** The last start that is not after `ms`. Beyond the limit all buckets are of one length. */
  upTo(ms: number, length: number): number {
    const [starts, direction] = [this.#starts, this.#direction];
    let last = starts.at(-1) ?? NaN;
    while ((ms - last) * direction >= 0 && (this.#limit - last) * direction > 0) {
      last = this.#next(last);
      starts.push(last);
    }
    if ((ms - last) * direction >= 0) return last + Math.floor((ms - last) / length) * length;
    // The place in the list of the first start after `ms`, or, in the past, not after it.
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      const start = starts[middle] ?? NaN;
      if (direction === 1 ? start <= ms : start > ms) low = middle + 1;
      else high = middle;
    }
    return starts[direction === 1 ? low - 1 : low] ?? NaN;
  }
}

type Floor = (zone: Zone, ms: number) => number;

/** The buckets of one unit without an origin. */
const FLOORS: Readonly<Record<keyof Period, Floor>> = {
  years: calendarFloor((local) => yearStart(yearOf(local))),
  months: calendarFloor((local) => monthStartDay(0, monthOfDay(Math.floor(local / DAY_MS)) + 1) * DAY_MS),
  weeks: calendarFloor((local) => mondayOf(Math.floor(local / DAY_MS)) * DAY_MS),
  days: calendarFloor((local) => Math.floor(local / DAY_MS) * DAY_MS),
  hours: clockFloor(3_600_000),
  minutes: clockFloor(60_000),
  seconds: clockFloor(1000),
  millis: clockFloor(1),
};

function calendarFloor(floor: (local: number) => number): Floor {
  return (zone, ms) => zone.fromLocalNear(floor(zone.toLocal(ms)), ms);
}

function clockFloor(length: number): Floor {
  return (zone, ms) => {
    const offset = zone.offsetAt(ms);
    return Math.floor((ms + offset) / length) * length - offset;
  };
}
