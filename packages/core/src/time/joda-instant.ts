import { DAY_MS, daysInMonth, mondayOf, monthStartDay } from './civil.js';
import { fields, type JodaField, needsYear } from './joda-fields.js';

/** A field that a pattern can set. */
export type FieldName = keyof typeof fields;

/** Makes the local time of the values of fields, in milliseconds since 1970-01-01T00:00; NaN if a value does not exist. */
export type LocalTime = (values: readonly number[]) => number;

/** How the values of these fields, each in its slot, become a local time. */
export function localTimeOf(names: readonly FieldName[]): LocalTime {
  return directly(names) ?? fieldByField(names);
}

const DEFAULT_YEAR = 2000;

/** Joda's way: it sets all fields from the longest to the shortest, with the rest cut off, then again to see that all still hold. */
function fieldByField(names: readonly FieldName[]): LocalTime {
  const order: { field: JodaField; slot: number }[] = names.map((name, slot) => ({ field: fields[name], slot }));
  order.sort((a, b) => a.field.order - b.field.order);
  if (needsYear(order[0]?.field)) order.unshift({ field: fields.year, slot: -1 });
  return (values) => {
    let ms = 0;
    for (const { field, slot } of order) ms = field.floor(field.set(ms, values[slot] ?? DEFAULT_YEAR));
    for (const { field, slot } of order) ms = field.set(ms, values[slot] ?? DEFAULT_YEAR);
    return order.at(-1)?.field.floor(ms) ?? ms;
  };
}

const DATE: readonly FieldName[] = ['year', 'monthOfYear', 'dayOfMonth', 'dayOfWeek'];
const HOURS: readonly (readonly FieldName[])[] = [
  [],
  ['hourOfDay'],
  ['clockhourOfHalfday'],
  ['clockhourOfHalfday', 'halfdayOfDay'],
];
const REST: readonly FieldName[] = ['minuteOfHour', 'secondOfMinute', 'millisOfSecond'];

/** The same for most patterns at a tenth of the time: for a date of the calendar and a time of the clock, each field once. */
function directly(names: readonly FieldName[]): LocalTime | undefined {
  const hours = names.filter((name) => !DATE.includes(name) && !REST.includes(name));
  const isPlain = HOURS.some((form) => form.length === hours.length && form.every((name) => hours.includes(name)));
  const isWholeDate = DATE.slice(0, 3).every((name) => names.includes(name));
  if (!isPlain || new Set(names).size < names.length || (names.includes('dayOfWeek') && !isWholeDate)) return undefined;
  const [year, month, day, weekday] = DATE.map((name) => names.indexOf(name));
  const [minute, second, milli] = REST.map((name) => names.indexOf(name));
  const [hour, half, clockhour] = (['hourOfDay', 'halfdayOfDay', 'clockhourOfHalfday'] as const).map((name) =>
    names.indexOf(name),
  );
  const hasDate = names.some((name) => DATE.includes(name));
  const at = (values: readonly number[], slot = -1, byDefault = 0): number =>
    slot < 0 ? byDefault : (values[slot] ?? NaN);
  return (values) => {
    const hourOfDay = clockhour === -1 ? at(values, hour) : hourOfClock(at(values, clockhour), at(values, half));
    const [minutes, seconds] = [at(values, minute), at(values, second)];
    if (!(hourOfDay < 24 && minutes < 60 && seconds < 60)) return NaN;
    const time = ((hourOfDay * 60 + minutes) * 60 + seconds) * 1000 + at(values, milli);
    if (!hasDate) return time;
    const date = dayOf(at(values, year, DEFAULT_YEAR), at(values, month, 1), at(values, day, 1));
    return (weekday === -1 ? date : dayInWeek(date, at(values, weekday))) * DAY_MS + time;
  };
}

function hourOfClock(clockhour: number, half: number): number {
  return clockhour >= 1 && clockhour <= 12 ? (clockhour % 12) + half * 12 : NaN;
}

/** A day of the week overrides the date: it is the one in the same week. */
function dayInWeek(day: number, weekday: number): number {
  return weekday >= 1 && weekday <= 7 ? mondayOf(day) + weekday - 1 : NaN;
}

function dayOf(year: number, month: number, day: number): number {
  return day >= 1 && day <= daysInMonth(year, month) ? monthStartDay(year, month) + day - 1 : NaN;
}
