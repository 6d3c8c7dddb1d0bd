import { JsonNumber } from './json-number.js';
import { parseSpelled } from './spelled-numbers.js';

/** Whether there may be a number in a JSON text that JavaScript cannot hold. */
export function mayLose(text: string): boolean {
  return /\d{16}|[eE]\+?\d{3}/.test(text);
}

/** Parses JSON. Numbers that JavaScript may not hold are kept by their digits, as {@link JsonNumber}. */
export function parseExactly(text: string): unknown {
  return mayLose(text) ? parseSpelled(text, isLost) : JSON.parse(text);
}

function isLost(number: string): boolean {
  return /^-?\d{16,}$/.test(number) || !Number.isFinite(Number(number));
}

/** The JSON of a value in which there may be numbers that are kept by their digits. */
export function writeExactly(value: unknown): string {
  if (value instanceof JsonNumber) return value.literal;
  if (Array.isArray(value)) return `[${value.map(writeExactly).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, each]) => `${JSON.stringify(name)}:${writeExactly(each)}`)
    .join(',')}}`;
}

/** Whether such a number is in it. */
export function hasLongNumber(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof JsonNumber || Object.values(value).some(hasLongNumber);
}
