import { DAY_MS, daysInMonth, isLeapYear, mondayOf, monthStartDay } from './civil.js';

/**
 * Reads an instant in the canonical form `YYYY-MM-DDTHH:mm:ss(.S{1,3})?Z`, year 0001 to 9999, with fields that exist.
 * On the hot path: no allocation.
 *
 * @returns epoch milliseconds, or NaN for any other text
 */
export function parseCanonicalInstant(text: string): number {
  const length = text.length;
  if (length < 20 || length > 24 || length === 21 || text.charCodeAt(length - 1) !== 90) return NaN;
  if (
    text.charCodeAt(4) !== 45 ||
    text.charCodeAt(7) !== 45 ||
    text.charCodeAt(10) !== 84 ||
    text.charCodeAt(13) !== 58 ||
    text.charCodeAt(16) !== 58
  ) {
    return NaN;
  }
  // A character that is no digit makes its number NaN, which fails every comparison below.
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2);
  const month = twoDigits(text, 5);
  const day = twoDigits(text, 8);
  const hour = twoDigits(text, 11);
  const minute = twoDigits(text, 14);
  const second = twoDigits(text, 17);
  if (!(year >= 1 && day >= 1 && day <= daysInMonth(year, month) && hour < 24 && minute < 60 && second < 60))
    return NaN;
  let millis = 0;
  if (length > 20) {
    if (text.charCodeAt(19) !== 46) return NaN;
    for (let i = 20, unit = 100; i < length - 1; i++, unit /= 10) millis += digit(text, i) * unit;
  }
  return (monthStartDay(year, month) + day - 1) * DAY_MS + ((hour * 60 + minute) * 60 + second) * 1000 + millis;
}

function digit(text: string, at: number): number {
  const value = text.charCodeAt(at) - 48;
  return value >= 0 && value <= 9 ? value : NaN;
}

function twoDigits(text: string, at: number): number {
  return digit(text, at) * 10 + digit(text, at + 1);
}

const DATE =
  String.raw`(?<year>[+-]?\d{1,9})` +
  String.raw`(?:-W(?<week>\d{1,2})(?:-(?<weekday>\d))?|-(?<yearday>\d{3})|-(?<month>\d{1,2})(?:-(?<day>\d{1,2}))?)?`;
const TIME =
  String.raw`(?<hour>\d{1,2})(?:[.,](?<hourPart>\d{1,9})|` +
  String.raw`:(?<minute>\d{1,2})(?:[.,](?<minutePart>\d{1,9})|` +
  String.raw`:(?<second>\d{1,2})(?:[.,](?<secondPart>\d{1,9}))?)?)?`;
const OFFSET = String.raw`(?:Z|(?<sign>[+-])(?<offset>\d\d(?:\d\d(?:\d\d\d{0,3})?|:\d\d(?::\d\d(?:[.,]\d{1,3})?)?)?))`;

const DATE_WITH_T = new RegExp(`^${DATE}(?:T(?:${TIME})?${OFFSET}?)?$`, 'i');
const DATE_WITH_T_OR_BLANK = new RegExp(`^${DATE}(?:[T ](?:${TIME})?${OFFSET}?)?$`, 'i');
const TIME_ONLY = new RegExp(`^T${TIME}${OFFSET}?$`, 'i');

type Groups = Readonly<Record<string, string | undefined>>;

/** The ISO form of Druid's format `auto`: as {@link parseIso} but without the form that has no date, and a blank may stand for `T`. */
export function parseIsoOrBlank(text: string): number {
  return instantOf(DATE_WITH_T_OR_BLANK.exec(text));
}

/**
 * Reads what Joda's `ISODateTimeFormat.dateTimeParser` reads: calendar, week (`2009-W07-5`) and ordinal (`2009-044`) dates that may
 * end early, a time that may end early and whose last field may have a fraction, an offset (else UTC). A time alone is of 1970-01-01.
 *
 * @returns epoch milliseconds, or NaN for a text that is not of that form or has a field that does not exist (hour 24, 30 February)
 */
export function parseIso(text: string): number {
  return instantOf(DATE_WITH_T.exec(text) ?? TIME_ONLY.exec(text));
}

function instantOf(match: RegExpExecArray | null): number {
  const groups = match?.groups;
  return groups === undefined ? NaN : dayOf(groups) * DAY_MS + timeOf(groups) - offsetOf(groups);
}

function dayOf({ year, week, weekday, yearday, month, day }: Groups): number {
  if (year === undefined) return 0;
  const yearNumber = Number(year);
  if (week !== undefined) return dayOfWeekDate(yearNumber, Number(week), Number(weekday ?? 1));
  if (yearday !== undefined) {
    return monthStartDay(yearNumber, 1) - 1 + within(Number(yearday), 1, isLeapYear(yearNumber) ? 366 : 365);
  }
  const monthNumber = within(Number(month ?? 1), 1, 12);
  return monthStartDay(yearNumber, monthNumber) - 1 + within(Number(day ?? 1), 1, daysInMonth(yearNumber, monthNumber));
}

function dayOfWeekDate(year: number, week: number, weekday: number): number {
  // The week that holds 4 January is the first of its year.
  const first = mondayOf(monthStartDay(year, 1) + 3);
  const weeks = (mondayOf(monthStartDay(year + 1, 1) + 3) - first) / 7;
  return first + (within(week, 1, weeks) - 1) * 7 + within(weekday, 1, 7) - 1;
}

function timeOf({ hour, minute, second, hourPart, minutePart, secondPart }: Groups): number {
  return (
    within(Number(hour ?? 0), 0, 23) * 3_600_000 +
    within(Number(minute ?? 0), 0, 59) * 60_000 +
    within(Number(second ?? 0), 0, 59) * 1000 +
    fractionOf(hourPart, 3_600_000) +
    fractionOf(minutePart, 60_000) +
    fractionOf(secondPart, 1000)
  );
}

/** A decimal fraction of a unit, added up digit by digit in integers and cut, as Joda's DateTimeFormatterBuilder.Fraction does. */
function fractionOf(digits: string | undefined, unitMs: number): number {
  let tenths = 0;
  let place = unitMs;
  for (const char of digits ?? '') {
    tenths += Number(char) * place;
    place = Math.floor(place / 10);
  }
  return Math.floor(tenths / 10);
}

function offsetOf({ sign, offset }: Groups): number {
  if (offset === undefined) return 0;
  const digits = offset.replace(/[^\d]/g, '');
  const part = (at: number, highest: number): number => within(Number(digits.slice(at, at + 2)), 0, highest);
  const seconds = (part(0, 23) * 60 + part(2, 59)) * 60 + part(4, 59);
  const ms = seconds * 1000 + Number(digits.slice(6).padEnd(3, '0'));
  return sign === '-' ? -ms : ms;
}

function within(value: number, lowest: number, highest: number): number {
  return value >= lowest && value <= highest ? value : NaN;
}
