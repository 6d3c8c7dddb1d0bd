import { javaDoubleText, javaNumberText, JsonNumber, writeExactly } from '@tranquility-js/core/internal';

/**
 * A value as the text that a string dimension holds: numbers as Java writes them, whole ones with all their digits. The empty text is none, as in
 * Druid up to 27.
 */
export function valueText(value: unknown): string | null {
  if (value === undefined || value === null || value === '') return null;
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : javaDoubleText(value);
  if (typeof value === 'bigint') return String(value);
  return value instanceof JsonNumber ? javaNumberText(value.literal) : writeExactly(value);
}

/** Whether a number is one of Java's whole ones. @returns nothing for what is no number. */
export function isWhole(value: unknown): boolean | undefined {
  if (typeof value === 'bigint') return true;
  if (typeof value === 'number') return Number.isSafeInteger(value);
  return value instanceof JsonNumber ? /^-?\d+$/.test(value.literal) : undefined;
}
