import { isDeepStrictEqual } from 'node:util';
import type { Operator } from './json-path-filter.js';

/** What an operator of a JsonPath filter says of two values. What a path that leads nowhere gives is null. */
export function compare(operator: Operator, left: unknown, right: unknown): boolean {
  switch (operator) {
    case '==':
      return equal(left, right);
    case '!=':
      return !equal(left, right);
    case '<':
      return inOrder(left, right, (order) => order < 0);
    case '<=':
      return inOrder(left, right, (order) => order <= 0);
    case '>':
      return inOrder(left, right, (order) => order > 0);
    case '>=':
      return inOrder(left, right, (order) => order >= 0);
    case 'in':
      return Array.isArray(right) && right.some((each) => equal(left, each));
    case 'nin':
      return Array.isArray(right) && !right.some((each) => equal(left, each));
    case 'contains':
      return typeof left === 'string' && typeof right === 'string' && left.includes(right);
  }
}

/** A number on the left takes a text on the right for a number, a text on the left takes a number for a text. */
function equal(left: unknown, right: unknown): boolean {
  if (typeof left === 'number' && typeof right === 'string') return right.trim() !== '' && left === Number(right);
  if (typeof left === 'string' && typeof right === 'number') return left === String(right);
  return isDeepStrictEqual(left, right);
}

function inOrder(left: unknown, right: unknown, holds: (order: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
  if (typeof left === 'string' && typeof right === 'string') return holds(left < right ? -1 : left > right ? 1 : 0);
  return false;
}
