import { parseSteps, type JsonPath } from './json-path.js';
import type { Scan } from './scan.js';

/** What stands beside an operator in a filter. */
export type Operand =
  | { readonly kind: 'value'; readonly value: unknown }
  /** A path from the value at hand (`@`) or, `fromRoot`, from the whole event (`$`). */
  | { readonly kind: 'path'; readonly fromRoot: boolean; readonly path: JsonPath };

export type Filter =
  | { readonly kind: 'any' | 'every'; readonly filters: readonly Filter[] }
  | { readonly kind: 'not'; readonly filter: Filter }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly operator: Operator; readonly left: Operand; readonly right: Operand };

const operators = ['==', '!=', '<=', '>=', '<', '>', 'in', 'nin', 'contains'] as const;

export type Operator = (typeof operators)[number];

/** The deepest nesting of brackets and negations. */
const maxDepth = 50;

/**
 * Reads what stands in `[?( … )]`.
 * @throws Error that says what is wrong with it.
 */
export function parseFilter(scan: Scan, depth = 0): Filter {
  if (depth > maxDepth) scan.fail(`nested deeper than ${maxDepth}`);
  const filters = [every(scan, depth)];
  while (takeSpaced(scan, '||')) filters.push(every(scan, depth));
  return (filters.length === 1 ? filters[0] : undefined) ?? { kind: 'any', filters };
}

function every(scan: Scan, depth: number): Filter {
  const filters = [term(scan, depth)];
  while (takeSpaced(scan, '&&')) filters.push(term(scan, depth));
  return (filters.length === 1 ? filters[0] : undefined) ?? { kind: 'every', filters };
}

function term(scan: Scan, depth: number): Filter {
  scan.skipSpace();
  if (scan.take('!')) return { kind: 'not', filter: term(scan, depth + 1) };
  if (scan.take('(')) {
    const inner = parseFilter(scan, depth + 1);
    scan.skipSpace();
    scan.expect(')');
    return inner;
  }
  const left = operand(scan);
  scan.skipSpace();
  const operator = operators.find((each) => scan.take(each));
  if (operator === undefined) {
    if (/[)&|]/.test(scan.next)) return { kind: 'exists', operand: left };
    return scan.fail(`expected one of the operators ${operators.join(' ')} && ||`);
  }
  if (scan.next === '=') scan.fail(`the operator "${operator}=" is not supported`);
  scan.skipSpace();
  return { kind: 'compare', operator, left, right: operand(scan) };
}

function operand(scan: Scan): Operand {
  if (scan.next === '@' || scan.next === '$') {
    const fromRoot = scan.next === '$';
    scan.at++;
    return { kind: 'path', fromRoot, path: parseSteps(scan) };
  }
  return { kind: 'value', value: literal(scan, 0) };
}

function literal(scan: Scan, depth: number): unknown {
  if (depth > maxDepth) scan.fail(`nested deeper than ${maxDepth}`);
  scan.skipSpace();
  if (scan.take("'")) return scan.quoted("'");
  if (scan.take('"')) return scan.quoted('"');
  const word = scan.match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y);
  if (word !== undefined) return JSON.parse(word) as unknown;
  if (!scan.take('[')) return scan.fail('expected a path, a text in quotes, a number, true, false, null or a list');
  const items: unknown[] = [];
  scan.skipSpace();
  if (scan.take(']')) return items;
  do {
    items.push(literal(scan, depth + 1));
    scan.skipSpace();
  } while (scan.take(','));
  scan.expect(']');
  return items;
}

function takeSpaced(scan: Scan, characters: string): boolean {
  scan.skipSpace();
  return scan.take(characters);
}
