import { DAY_MS, daysInMonth, isLeapYear, mondayOf, monthOfDay } from './civil.js';
import { addMonths } from './period.js';
import { yearOf, yearStart } from './zoned-units.js';

/** A field of Joda's ISOChronology in UTC. Instants are epoch milliseconds. */
export interface JodaField {
  /** Joda sets the fields of a text in this order: long ones first. Equals keep the order of the pattern. */
  readonly order: number;
  /** The instant with the field changed; NaN when the value does not exist there. */
  set(ms: number, value: number): number;
  /** The begin of the field's unit at an instant. */
  floor(ms: number): number;
}

const MIN_YEAR = -292_275_054;
const MAX_YEAR = 292_278_993;
const BEGIN_OF_TIME = -(2 ** 63);

function within(value: number, lowest: number, highest: number): boolean {
  return value >= lowest && value <= highest;
}

function withYear(ms: number, year: number): number {
  return addMonths(ms, (year - yearOf(ms)) * 12);
}

function dayOf(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

function yearFloor(ms: number): number {
  return yearStart(yearOf(ms));
}

/** The Monday of the first week of a year of weeks, as a day since 1970-01-01. */
function firstMonday(weekyear: number): number {
  return mondayOf(Math.floor(yearStart(weekyear) / DAY_MS) + 3);
}

/** The year of the week in which an instant lies: that of its Thursday. */
function weekyearOf(ms: number): number {
  return yearOf((mondayOf(dayOf(ms)) + 3) * DAY_MS);
}

function weekOf(ms: number): number {
  return (mondayOf(dayOf(ms)) - firstMonday(weekyearOf(ms))) / 7 + 1;
}

function weeksIn(weekyear: number): number {
  return (firstMonday(weekyear + 1) - firstMonday(weekyear)) / 7;
}

/** As Joda's BasicWeekyearDateTimeField: the week and its day are kept where the year has them. */
function withWeekyear(ms: number, weekyear: number): number {
  const kept = Math.min(weekOf(ms), weeksIn(weekyear), weeksIn(weekyearOf(ms)));
  return ms + (firstMonday(weekyear) + (kept - 1) * 7 - mondayOf(dayOf(ms))) * DAY_MS;
}

/** A field that counts units of one length within a longer one, from zero. */
function counted(order: number, unit: number, range: number): JodaField {
  return {
    order,
    set: (ms, value) =>
      within(value, 0, range - 1) ? ms + (value - (((Math.floor(ms / unit) % range) + range) % range)) * unit : NaN,
    floor: (ms) => Math.floor(ms / unit) * unit,
  };
}

/** A field whose highest value stands for zero: hours from 1 to 12 or 24. */
function fromOne(field: JodaField, range: number): JodaField {
  return { ...field, set: (ms, value) => (value === 0 ? NaN : field.set(ms, value === range ? 0 : value)) };
}

const HOUR_MS = 3_600_000;
const hourOfDay = counted(9, HOUR_MS, 24);
const hourOfHalfday = counted(10, HOUR_MS, 12);

const dayFloor = (ms: number): number => dayOf(ms) * DAY_MS;

/** Counts years as Joda's centuries do: year 0 is in the first, and years before it have their number without the sign. */
function withCenturyYear(ms: number, value: number): number {
  return within(value, 0, MAX_YEAR) ? withYear(ms, yearOf(ms) < 0 ? -value : value) : NaN;
}

/** The fields that patterns set, by Joda's names. */
export const fields = {
  era: {
    order: 0,
    set: (ms, value) => ((yearOf(ms) > 0 ? 1 : 0) === value ? ms : withYear(ms, -yearOf(ms))),
    floor: (ms) => (yearOf(ms) > 0 ? yearStart(1) : BEGIN_OF_TIME),
  },
  centuryOfEra: {
    order: 1,
    set: (ms, value) => (value < 0 ? NaN : withCenturyYear(ms, value * 100 + (Math.abs(yearOf(ms)) % 100))),
    floor: (ms) => yearFloor(withCenturyYear(ms, Math.floor(Math.abs(yearOf(ms)) / 100) * 100)),
  },
  year: {
    order: 2,
    set: (ms, value) => (within(value, MIN_YEAR - 1, MAX_YEAR + 1) ? withYear(ms, value) : NaN),
    floor: yearFloor,
  },
  yearOfEra: {
    order: 2,
    set: (ms, value) => (within(value, 1, MAX_YEAR) ? withYear(ms, yearOf(ms) <= 0 ? 1 - value : value) : NaN),
    floor: yearFloor,
  },
  weekyear: {
    order: 2,
    set: (ms, value) => (within(Math.abs(value), MIN_YEAR, MAX_YEAR) ? withWeekyear(ms, value) : NaN),
    floor: (ms) => firstMonday(weekyearOf(ms)) * DAY_MS,
  },
  monthOfYear: {
    order: 3,
    set: (ms, value) => (within(value, 1, 12) ? addMonths(ms, value - 1 - monthIndex(ms)) : NaN),
    floor: (ms) => addMonths(yearFloor(ms), monthIndex(ms)),
  },
  weekOfWeekyear: {
    order: 4,
    set: (ms, value) => (within(value, 1, weeksIn(weekyearOf(ms))) ? ms + (value - weekOf(ms)) * 7 * DAY_MS : NaN),
    floor: (ms) => mondayOf(dayOf(ms)) * DAY_MS,
  },
  dayOfYear: {
    order: 5,
    set: (ms, value) => {
      const first = Math.floor(yearFloor(ms) / DAY_MS);
      return within(value, 1, isLeapYear(yearOf(ms)) ? 366 : 365) ? ms + (first + value - 1 - dayOf(ms)) * DAY_MS : NaN;
    },
    floor: dayFloor,
  },
  dayOfMonth: {
    order: 6,
    set: (ms, value) => {
      const day = new DayOfMonth(ms);
      return within(value, 1, day.last) ? ms + (value - day.value) * DAY_MS : NaN;
    },
    floor: dayFloor,
  },
  dayOfWeek: {
    order: 7,
    set: (ms, value) => (within(value, 1, 7) ? ms + (mondayOf(dayOf(ms)) + value - 1 - dayOf(ms)) * DAY_MS : NaN),
    floor: dayFloor,
  },
  halfdayOfDay: counted(8, 12 * HOUR_MS, 2),
  hourOfDay,
  clockhourOfDay: fromOne(hourOfDay, 24),
  hourOfHalfday,
  clockhourOfHalfday: fromOne(hourOfHalfday, 12),
  minuteOfHour: counted(11, 60_000, 60),
  secondOfMinute: counted(12, 1000, 60),
  millisOfSecond: counted(13, 1, 1000),
} as const satisfies Record<string, JodaField>;

/** Whether Joda takes the year 2000 for a text of which this is the longest field. */
export function needsYear(longest: JodaField | undefined): boolean {
  return longest !== undefined && longest.order >= 3 && longest.order <= 7;
}

function monthIndex(ms: number): number {
  const month = monthOfDay(dayOf(ms));
  return month - Math.floor(month / 12) * 12;
}

class DayOfMonth {
  readonly value: number;
  readonly last: number;

  constructor(ms: number) {
    const first = fields.monthOfYear.floor(ms);
    this.value = dayOf(ms) - dayOf(first) + 1;
    this.last = daysInMonth(yearOf(ms), monthIndex(ms) + 1);
  }
}
