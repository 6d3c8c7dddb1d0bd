import { DAY_MS, isLeapYear, monthOfDay, monthStartDay } from './civil.js';
import { addMonths, type Period } from './period.js';
import type { Zone } from './zone.js';

/** A unit of a period, counted in a time zone as Joda's ZonedChronology does. Instants are epoch milliseconds. */
export interface Unit {
  readonly field: keyof Period;
  /** The instant `count` units after `ms`: for units up to hours in elapsed time, for days and longer ones on the local calendar. */
  add(zone: Zone, ms: number, count: number): number;
  /** How many whole units lie between two instants, cut towards zero. */
  between(zone: Zone, from: number, to: number): number;
}

/** All units, the longest first. */
export const units: readonly Unit[] = [
  calendarUnit('years', 12, yearsBetween),
  calendarUnit('months', 1, monthsBetween),
  dayUnit('weeks', 7),
  dayUnit('days', 1),
  clockUnit('hours', 3_600_000),
  clockUnit('minutes', 60_000),
  clockUnit('seconds', 1000),
  clockUnit('millis', 1),
];

/** The instant one period after `ms`, or before it where `sign` is -1. */
export function addZoned(zone: Zone, ms: number, period: Period, sign: 1 | -1 = 1): number {
  return units.reduce((at, unit) => {
    const count = period[unit.field];
    return count === 0 ? at : unit.add(zone, at, count * sign);
  }, ms);
}

function clockUnit(field: keyof Period, length: number): Unit {
  return {
    field,
    add: (_zone, ms, count) => ms + count * length,
    between: (_zone, from, to) => Math.trunc((to - from) / length),
  };
}

function dayUnit(field: keyof Period, days: number): Unit {
  return {
    field,
    add: (zone, ms, count) => zone.fromLocal(zone.toLocal(ms) + count * days * DAY_MS),
    between: (zone, from, to) => Math.trunc((zone.toLocal(to) - zone.toLocal(from)) / (days * DAY_MS)),
  };
}

function calendarUnit(field: keyof Period, months: number, between: (from: number, to: number) => number): Unit {
  return {
    field,
    add: (zone, ms, count) => zone.fromLocal(addMonths(zone.toLocal(ms), count * months)),
    between: (zone, from, to) => {
      const [start, end] = [zone.toLocal(from), zone.toLocal(to)];
      return end < start ? -between(end, start) : between(start, end);
    },
  };
}

const AFTER_28_FEBRUARY = 59 * DAY_MS;

function yearsBetween(from: number, to: number): number {
  const [fromYear, toYear] = [yearOf(from), yearOf(to)];
  let fromRest = from - yearStart(fromYear);
  let toRest = to - yearStart(toYear);
  if (fromRest >= AFTER_28_FEBRUARY) {
    if (isLeapYear(fromYear)) {
      if (!isLeapYear(toYear)) fromRest -= DAY_MS;
    } else if (toRest >= AFTER_28_FEBRUARY && isLeapYear(toYear)) {
      toRest -= DAY_MS;
    }
  }
  return toYear - fromYear - (toRest < fromRest ? 1 : 0);
}

function monthsBetween(from: number, to: number): number {
  const count = monthOf(to) - monthOf(from);
  // The day may be clamped: the last of a shorter month counts as the day that it lacks.
  return addMonths(from, count) > to ? count - 1 : count;
}

function monthOf(ms: number): number {
  return monthOfDay(Math.floor(ms / DAY_MS));
}

/** The year of an instant in UTC, or of a local time. */
export function yearOf(ms: number): number {
  return Math.floor(monthOf(ms) / 12);
}

/** The begin of a year in UTC, in epoch milliseconds. */
export function yearStart(year: number): number {
  return monthStartDay(year, 1) * DAY_MS;
}
