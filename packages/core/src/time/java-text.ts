/** How Java and Druid read texts and numbers where JavaScript differs. */

/** `String.trim` of Java: takes off every character up to U+0020, and no others. */
export function javaTrim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (end > start && text.charCodeAt(end - 1) <= 32) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Druid's ParserUtils.stripQuotes: trims, takes off one pair of double quotes, and trims again. */
export function stripQuotes(text: string): string {
  const trimmed = javaTrim(text);
  return trimmed.length > 1 && trimmed.startsWith('"') && trimmed.endsWith('"')
    ? javaTrim(trimmed.slice(1, -1))
    : trimmed;
}

/** Whether a text is not empty and has none but ASCII digits. */
export function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 48 || code > 57) return false;
  }
  return text.length > 0;
}

const LONG = /^([+-]?)0*(\d{1,19})$/;
const LONG_MAX = '9223372036854775807';
const LONG_MIN_DIGITS = '9223372036854775808';

/**
 * Reads a text as Java's `Long.parseLong` does (ASCII digits only) and divides it by a power of ten, cutting towards zero. The
 * division is done on the digits, so that nothing is lost beyond 2^53 unless the quotient is.
 *
 * @returns NaN when it is not a long
 */
export function parseLong(text: string, dividedByTenTo = 0): number {
  const match = LONG.exec(text);
  const digits = match?.[2];
  if (digits === undefined) return NaN;
  const negative = match?.[1] === '-';
  if (digits.length === 19 && digits > (negative ? LONG_MIN_DIGITS : LONG_MAX)) return NaN;
  const quotient = dividedByTenTo === 0 ? Number(digits) : Number(digits.slice(0, -dividedByTenTo));
  return negative ? 0 - quotient : quotient;
}

const DOUBLE = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Reads a decimal text as Java's `Double.parseDouble` does, without its hexadecimal form, its suffixes, NaN and Infinity; NaN else. */
export function parseDouble(text: string): number {
  return DOUBLE.test(text) ? Number(text) : NaN;
}
