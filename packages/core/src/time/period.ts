import { DAY_MS, daysInMonth, monthOfDay, monthStartDay } from './civil.js';

/** An ISO-8601 period, field by field as it was written. Any field may be negative. */
export interface Period {
  readonly years: number;
  readonly months: number;
  readonly weeks: number;
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  readonly millis: number;
}

const FIELD = String.raw`([+-]?\d+)`;
const PERIOD = new RegExp(
  `^P(?:${FIELD}Y)?(?:${FIELD}M)?(?:${FIELD}W)?(?:${FIELD}D)?` +
    `(?:T(?:${FIELD}H)?(?:${FIELD}M)?(?:([+-]?)(\\d+)(?:[.,](\\d{1,9}))?S)?)?$`,
  'i',
);

/** What all periods that are read look like, as a pattern of JSON Schema, which knows no flags: a few more match it. */
export const periodPattern = '^[Pp](?=.)([+-]?\\d+[YyMmWwDd])*([Tt]([+-]?\\d+([.,]\\d+)?[HhMmSs])+)?$';

const MAX_FIELD = 2_147_483_647;

/**
 * Reads an ISO-8601 period such as `PT10M`, `P1D`, `P1W2D` or `PT0.5S`, as Joda's ISOPeriodFormat does: letters in either case,
 * a sign before each number, digits after the third of a fraction of a second cut.
 *
 * @throws SyntaxError when the text is not a period, has no field at all, or has a number beyond 32 bits.
 */
export function parsePeriod(text: string): Period {
  const match = PERIOD.exec(text);
  if (match === null || !/\d/.test(text) || /T$/i.test(text)) {
    throw new SyntaxError(
      `"${text}" is not an ISO-8601 period. Expected P, then years, months, weeks and days, then T, hours, minutes and seconds, ` +
        'for example "PT10M", "P1D" or "P1DT12H".',
    );
  }
  const secondsSign = match[7] === '-' ? -1 : 1;
  return {
    years: field(text, match[1]),
    months: field(text, match[2]),
    weeks: field(text, match[3]),
    days: field(text, match[4]),
    hours: field(text, match[5]),
    minutes: field(text, match[6]),
    seconds: field(text, match[8]) * secondsSign + 0,
    millis: field(text, (match[9] ?? '').slice(0, 3).padEnd(3, '0')) * secondsSign + 0,
  };
}

function field(text: string, digits: string | undefined): number {
  const value = Number(digits ?? 0);
  if (Math.abs(value) > MAX_FIELD) {
    throw new SyntaxError(`"${text}" is not a usable period: ${value} is beyond 32 bits (at most ${MAX_FIELD}).`);
  }
  return value + 0;
}

/**
 * The instant that lies `times` periods after `ms` (epoch milliseconds), in UTC, added from the largest field to the smallest as
 * Joda does. Years and months follow the calendar, with the day clamped to the length of the month (31 January plus `P1M` is 28 or
 * 29 February); a week is 7 days and a day is 24 hours.
 */
export function addPeriod(ms: number, period: Period, times = 1): number {
  const months = addMonths(addMonths(ms, period.years * 12 * times), period.months * times);
  const seconds = (period.hours * 60 + period.minutes) * 60 + period.seconds;
  return months + ((period.weeks * 7 + period.days) * DAY_MS + seconds * 1000 + period.millis) * times;
}

/** The instant so many months of the calendar in UTC after `ms`, with the day clamped to the length of the month. */
export function addMonths(ms: number, months: number): number {
  if (months === 0) return ms;
  const day = Math.floor(ms / DAY_MS);
  const fromMonth = monthOfDay(day);
  const toMonth = fromMonth + months;
  const year = Math.floor(toMonth / 12);
  const month = toMonth - year * 12 + 1;
  const dayOfMonth = Math.min(day - monthStartDay(0, fromMonth + 1), daysInMonth(year, month) - 1);
  return (monthStartDay(year, month) + dayOfMonth) * DAY_MS + (ms - day * DAY_MS);
}
