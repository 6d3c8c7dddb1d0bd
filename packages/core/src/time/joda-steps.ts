import type { TextReader } from './joda-texts.js';
import { isJodaZoneName } from './zone-names.js';
import { zoneOf, type Zone } from './zone.js';

/** What the steps of a pattern have read of a text. */
export interface Parsed {
  /** The values of fields, each in the slot that its step has. */
  readonly values: number[];
  offset: number | undefined;
  zone: Zone | undefined;
}

/** Reads one element of a pattern that begins at `position`. @returns where it ends, or -1 if it is not there. */
export type Step = (parsed: Parsed, text: string, position: number) => number;

/** Literal text, in either case. */
export function literal(expected: string): Step {
  return (_parsed, text, position) => {
    const end = position + expected.length;
    if (end > text.length) return -1;
    for (let i = 0; i < expected.length; i++) {
      if (!sameLetter(text.charAt(position + i), expected.charAt(i))) return -1;
    }
    return end;
  };
}

function sameLetter(a: string, b: string): boolean {
  return a === b || a.toUpperCase() === b.toUpperCase() || a.toLowerCase() === b.toLowerCase();
}

/** A text of a list. */
export function textStep(slot: number, read: TextReader): Step {
  return (parsed, text, position) => {
    const found = read(text, position);
    if (found === undefined) return -1;
    parsed.values[slot] = found.value;
    return found.end;
  };
}

/** A number of up to `maxDigits` digits. The sign does not count as one of them. */
export function numberStep(slot: number, maxDigits: number, signed: boolean): Step {
  return (parsed, text, position) => {
    const sign = signed && maxDigits > 1 ? signAt(text, position) : 0;
    const start = sign !== 0 && isDigitAt(text, position + 1) ? position + 1 : position;
    const end = digitsEnd(text, start, maxDigits);
    if (end === start) return -1;
    const value = Number(text.slice(start, end));
    if (value > MAX_INT) return -1;
    parsed.values[slot] = sign < 0 ? 0 - value : value;
    return end;
  };
}

const MAX_INT = 2 ** 31 - 1;

/**
 * A year of two digits, from 80 years before `thisYear` to 19 years after it. If not `exact`, any other number of digits, or a sign,
 * makes it a full year.
 */
export function shortYearStep(slot: number, thisYear: number, exact: boolean): Step {
  const lowest = thisYear - 80;
  const inCentury = (year: number): number => lowest + ((((year - lowest) % 100) + 100) % 100);
  return (parsed, text, position) => {
    let start = position;
    while (!exact && text.charAt(start) === '+') start++;
    const negative = !exact && text.charAt(start) === '-';
    const digits = negative ? start + 1 : start;
    const end = digitsEnd(text, digits, exact ? 2 : Infinity);
    if (end === digits || (exact && end !== start + 2)) return -1;
    const value = Number(text.slice(digits, end));
    if (value > MAX_INT) return -1;
    if (start === position && !negative && end === start + 2) parsed.values[slot] = inCentury(value);
    else parsed.values[slot] = negative ? 0 - value : value;
    return end;
  };
}

/** A fraction of a second, cut to milliseconds. */
export function fractionStep(slot: number, maxDigits: number): Step {
  return (parsed, text, position) => {
    const end = digitsEnd(text, position, Math.min(maxDigits, 18));
    if (end === position) return -1;
    parsed.values[slot] = Number(
      text
        .slice(position, position + 3)
        .slice(0, end - position)
        .padEnd(3, '0'),
    );
    return end;
  };
}

function signAt(text: string, position: number): -1 | 0 | 1 {
  const sign = text.charAt(position);
  if (sign === '-') return -1;
  return sign === '+' ? 1 : 0;
}

function isDigitAt(text: string, position: number): boolean {
  const code = text.charCodeAt(position);
  return code >= 48 && code <= 57;
}

function digitsEnd(text: string, start: number, most: number): number {
  let end = start;
  while (end - start < most && isDigitAt(text, end)) end++;
  return end;
}

const OFFSET =
  /([+-])([01]\d|2[0-3])(?::([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,3})|(?![.,]))|(?!:))|([0-5]\d)(?:([0-5]\d)(\d{0,3})|(?!\d))|(?![:\d]))/y;

/** An offset: `Z`, or a sign and hours with or without minutes, seconds and milliseconds, with or without colons. */
export const offsetStep: Step = (parsed, text, position) => {
  if (/[Zz]/.test(text.charAt(position))) {
    parsed.offset = 0;
    return position + 1;
  }
  OFFSET.lastIndex = position;
  const match = OFFSET.exec(text);
  if (match === null) return -1;
  const [, sign, hours, minutes = match[6], seconds = match[7], millis = match[8]] = match;
  const minutesInAll = Number(hours) * 60 + Number(minutes ?? 0);
  const ms = (minutesInAll * 60 + Number(seconds ?? 0)) * 1000 + Number((millis ?? '').padEnd(3, '0'));
  parsed.offset = sign === '-' ? 0 - ms : ms;
  return OFFSET.lastIndex;
};

const SHORT_NAMES: Readonly<Record<string, string>> = {
  UT: 'UTC',
  UTC: 'UTC',
  GMT: 'UTC',
  E: 'America/New_York',
  C: 'America/Chicago',
  M: 'America/Denver',
  P: 'America/Los_Angeles',
};
const SHORT_NAME = /UTC|UT|GMT|([ECMP])[SD]T/y;

/** An abbreviation. Those of the United States mean the zone, not standard or summer time. */
export const zoneNameStep: Step = (parsed, text, position) => {
  SHORT_NAME.lastIndex = position;
  const match = SHORT_NAME.exec(text);
  if (match === null) return -1;
  parsed.zone = zoneOf(SHORT_NAMES[match[1] ?? match[0]] ?? '');
  return SHORT_NAME.lastIndex;
};

const LONGEST_AREA = 'Antarctica/'.length;

/** The longest name of a zone (`Europe/Paris`) that begins here. */
export const zoneIdStep: Step = (parsed, text, position) => {
  const [run = ''] = /^[\w+/-]*/.exec(text.slice(position, position + 40)) ?? [];
  const hasArea = text.slice(position, position + LONGEST_AREA).includes('/');
  for (let end = run.length; end > 0; end--) {
    const name = run.slice(0, end);
    if (name.includes('/') !== hasArea || !isJodaZoneName(name)) continue;
    parsed.zone = zoneOf(name);
    return position + end;
  }
  return -1;
};
