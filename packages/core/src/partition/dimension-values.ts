import { JsonNumber } from '../spec/json-number.js';
import { javaNumberText } from './java-values.js';

/**
 * The texts that count of a dimension's value, in Tranquility's order: one of a text or a number; of a list its distinct ones, sorted. None
 * for what has none (null, an empty text, a boolean, an object): such a dimension is passed over.
 */
export function dimensionTexts(value: unknown): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (isNumber(value)) return [javaNumberText(literalOf(value))];
  if (!Array.isArray(value)) return [];
  const texts = new Set<string>();
  for (const element of value as readonly unknown[]) {
    const text = elementText(element);
    if (text !== '') texts.add(text);
  }
  // Without a comparison, `sort` goes by UTF-16 units as Java's compareTo does.
  return [...texts].sort();
}

/** Elements of any kind count, with what Java's `toString` makes of them. */
function elementText(element: unknown): string {
  if (element === null || element === undefined) return '';
  if (typeof element === 'string') return element;
  if (isNumber(element)) return javaNumberText(literalOf(element));
  if (typeof element === 'boolean') return String(element);
  if (Array.isArray(element)) return `[${element.map(nestedText).join(', ')}]`;
  if (typeof element !== 'object') return '';
  return `{${Object.entries(element)
    .map(([name, value]) => `${name}=${nestedText(value)}`)
    .join(', ')}}`;
}

function nestedText(value: unknown): string {
  return value === null || value === undefined ? 'null' : elementText(value);
}

function isNumber(value: unknown): value is number | bigint | JsonNumber {
  return typeof value === 'number' || typeof value === 'bigint' || value instanceof JsonNumber;
}

function literalOf(value: number | bigint | JsonNumber): string {
  return value instanceof JsonNumber ? value.literal : String(value);
}
