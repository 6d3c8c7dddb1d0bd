/** Milliseconds of a day in UTC. */
export const DAY_MS = 86_400_000;

/** The latest instant that a JavaScript `Date` can hold, in epoch milliseconds; the earliest is its negative. */
export const MAX_INSTANT = 8.64e15;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether a year of the proleptic Gregorian calendar (0 is 1 BC) has a 29 February. */
export function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days of a month; `month` is 1..12, any other gives 0. */
export function daysInMonth(year: number, month: number): number {
  return month === 2 && isLeapYear(year) ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);
}

/**
 * Days since 1970-01-01 of the first day of a month, in the proleptic Gregorian calendar (as Joda's ISOChronology).
 * Counts whole months since year 0, so `month` may lie outside of 1..12: month 13 is January of the next year.
 */
export function monthStartDay(year: number, month: number): number {
  const months = year * 12 + month - 1;
  // Years that begin in March put the leap day last.
  const marchYear = Math.floor((months - 2) / 12);
  const marchMonth = months - 2 - marchYear * 12;
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400);
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) - 719_468;
}

/** Months since January of year 0 of the month in which a day (since 1970-01-01) lies. */
export function monthOfDay(day: number): number {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  return (era * 400 + yearOfEra) * 12 + Math.floor((5 * dayOfYear + 2) / 153) + 2;
}

/** Days since 1970-01-01 of the Monday of the ISO week in which a day lies. */
export function mondayOf(day: number): number {
  return Math.floor((day + 3) / 7) * 7 - 3;
}
