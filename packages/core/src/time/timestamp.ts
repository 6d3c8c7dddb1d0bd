import { MAX_INSTANT } from './civil.js';
import { parseCanonicalInstant, parseIso, parseIsoOrBlank } from './iso-instant.js';
import { compileJodaPattern } from './joda-pattern.js';
import { isDigits, parseDouble, parseLong, stripQuotes } from './java-text.js';
import { isZoneName } from './zone-names.js';

/** The formats of a Druid `timestampSpec` that have a name. Any other text is a Joda pattern. */
export const TIMESTAMP_FORMATS = ['auto', 'iso', 'millis', 'posix', 'micro', 'nano', 'ruby'] as const;

/** One of {@link TIMESTAMP_FORMATS}, in lower case. */
type TimestampFormat = (typeof TIMESTAMP_FORMATS)[number];

/** Reads the timestamps of events as Druid's TimestampParser does with the same format. */
export interface TimestampReader {
  /** One of {@link TIMESTAMP_FORMATS}, in lower case, or the pattern as it was given. */
  readonly format: string;
  /**
   * The instant of a raw value from an event, in epoch milliseconds, or NaN when it is unreadable. Only numbers and strings are
   * readable. Instants beyond ±8.64e15, which Druid would take but a JavaScript `Date` cannot hold, are unreadable.
   */
  read(value: unknown): number;
  /**
   * Whether the value of the last `read` may be sent as it is: a Druid task with this format is certain to read the same instant
   * from it. Where it is false, send epoch milliseconds in its place; it is false also when `read` gave NaN.
   */
  readonly canonical: boolean;
  /** Why `read` gives NaN for this value: a sentence that begins as Druid's own message does. */
  reason(value: unknown): string;
}

/**
 * Makes the reader for a format of a Druid `timestampSpec`. Names are case-insensitive; what is no name is a pattern of Joda's
 * `DateTimeFormat`, read in English and in UTC. `missingValue` is the caller's affair.
 *
 * A `nano` number (not a text) beyond 2^53 has lost its last digits in JSON.parse, so it may be read 1 ms too late.
 *
 * @throws RangeError when the format is neither a name nor a pattern that Joda can read with.
 */
export function timestampReader(format: string): TimestampReader {
  const name = TIMESTAMP_FORMATS.find((known) => known === format.toLowerCase());
  return name === undefined ? new Reader(format, patternRules(format)) : new Reader(name, RULES[name]);
}

function patternRules(pattern: string): Rules {
  let read: (text: string) => number;
  try {
    read = compileJodaPattern(pattern, new Date().getUTCFullYear());
  } catch (error) {
    throw new RangeError(
      `The timestamp format "${pattern}" is none of ${TIMESTAMP_FORMATS.join(', ')}, and no Joda pattern: ` +
        (error instanceof Error ? error.message : String(error)),
      { cause: error },
    );
  }
  const fromText = (text: string): number => (text === '' ? NaN : read(text));
  return {
    ...OTHER_UNIT,
    expects: 'a text of that pattern',
    // Java spells a double that is not whole as we do between these bounds only.
    fromNumber: (value) =>
      Number.isSafeInteger(value) || (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7) ? fromText(String(value)) : NaN,
    fromText,
  };
}

/** How one format is read. Each function gives epoch milliseconds, not yet checked for their range, or NaN. */
interface Rules {
  readonly expects: string;
  fromNumber(value: number): number;
  /** Whether a whole number in range is canonical. */
  readonly numbersAreCanonical: boolean;
  /** Reads the canonical texts only. The text is as it came. */
  fromCanonicalText(text: string): number;
  /** Reads all texts that are not canonical. The text is trimmed, without quotes, perhaps empty. */
  fromText(text: string): number;
}

const OTHER_UNIT = { numbersAreCanonical: false, fromCanonicalText: (): number => NaN };

const RULES: Readonly<Record<TimestampFormat, Rules>> = {
  auto: {
    expects: 'an ISO-8601 text, or milliseconds as a number or in digits',
    fromNumber: Math.trunc,
    numbersAreCanonical: true,
    fromCanonicalText: (text) => (isDigits(text) ? parseLong(text) : parseCanonicalInstant(text)),
    fromText: (text) => parseIsoOrBlank(withoutZoneName(text)),
  },
  iso: {
    expects: 'an ISO-8601 text with T between date and time',
    fromNumber: (value) => (Number.isInteger(value) ? parseIsoOrLong(String(value)) : NaN),
    // Druid reads the number's spelling, which is lost here: 1500000000000.0 fails.
    numbersAreCanonical: false,
    fromCanonicalText: parseCanonicalInstant,
    fromText: parseIsoOrLong,
  },
  millis: {
    expects: 'whole milliseconds since 1970',
    fromNumber: Math.trunc,
    numbersAreCanonical: true,
    fromCanonicalText: (text) => (isDigits(text) ? parseLong(text) : NaN),
    fromText: parseLong,
  },
  posix: {
    ...OTHER_UNIT,
    expects: 'whole seconds since 1970',
    fromNumber: (value) => Math.trunc(value) * 1000,
    fromText: (text) => parseLong(text) * 1000,
  },
  micro: {
    ...OTHER_UNIT,
    expects: 'whole microseconds since 1970',
    fromNumber: (value) => Math.trunc(value / 1e3),
    fromText: (text) => parseLong(text, 3),
  },
  nano: {
    ...OTHER_UNIT,
    expects: 'whole nanoseconds since 1970, within 64 bits',
    fromNumber: (value) => (Math.abs(value) < 2 ** 63 ? Math.trunc(value / 1e6) : NaN),
    fromText: (text) => parseLong(text, 6),
  },
  ruby: {
    ...OTHER_UNIT,
    expects: 'seconds since 1970, with or without a fraction',
    fromNumber: (value) => Math.trunc(value * 1000),
    fromText: (text) => Math.trunc(parseDouble(text) * 1000),
  },
};

class Reader implements TimestampReader {
  readonly format: string;
  canonical = false;
  readonly #rules: Rules;

  constructor(format: string, rules: Rules) {
    this.format = format;
    this.#rules = rules;
  }

  read(value: unknown): number {
    const rules = this.#rules;
    this.canonical = false;
    if (typeof value === 'number') {
      const ms = inRange(rules.fromNumber(value));
      this.canonical = rules.numbersAreCanonical && ms === value;
      return ms;
    }
    if (typeof value !== 'string') return NaN;
    const ms = inRange(rules.fromCanonicalText(value));
    this.canonical = !Number.isNaN(ms);
    return this.canonical ? ms : inRange(rules.fromText(stripQuotes(value)));
  }

  reason(value: unknown): string {
    return `Timestamp[${excerpt(value)}] is unparseable! The format "${this.format}" expects ${this.#rules.expects}.`;
  }
}

/** An instant, or NaN when it is out of range; -0 becomes 0. */
function inRange(ms: number): number {
  return ms >= -MAX_INSTANT && ms <= MAX_INSTANT ? ms + 0 : NaN;
}

/** A named zone after a blank is taken off and does not shift the instant: Druid parses in UTC and changes the zone afterwards. */
function withoutZoneName(text: string): string {
  const blank = text.lastIndexOf(' ');
  return blank > 0 && isZoneName(text.slice(blank + 1)) ? text.slice(0, blank) : text;
}

const JODA_YEAR = 292_278_994;

/** Druid's DateTimes.of: ISO, else milliseconds. Digits are a year as long as Joda has it. */
function parseIsoOrLong(text: string): number {
  return /^[+-]?\d{9,}$/.test(text) && (text.length > 10 || Math.abs(Number(text)) > JODA_YEAR)
    ? parseLong(text)
    : parseIso(text);
}

function excerpt(value: unknown): string {
  if (typeof value === 'string') return value.slice(0, 100);
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return value.toString();
  if (value === undefined || value === null) return 'null';
  return Array.isArray(value) ? 'an array' : 'an object';
}
