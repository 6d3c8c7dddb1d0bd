import { parseFilter, type Filter } from './json-path-filter.js';
import { functionNames, type FunctionName } from './json-path-functions.js';
import { Scan } from './scan.js';

/** One step of a JsonPath. */
export type Step =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'indices'; readonly indices: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'all' }
  | { readonly kind: 'descend' }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'function'; readonly name: FunctionName };

/** A JsonPath as Jayway's library reads it, which Druid uses. */
export interface JsonPath {
  readonly steps: readonly Step[];
  /** Whether it leads to one value. If not, it gives a list. */
  readonly isDefinite: boolean;
}

/**
 * Reads a JsonPath.
 * @throws Error that says what is wrong with it, or what in it is not supported.
 */
export function parseJsonPath(text: string): JsonPath {
  const scan = new Scan(/^[$@]/.test(text) ? text : `$.${text}`);
  scan.at = 1;
  const path = parseSteps(scan);
  if (!scan.atEnd) scan.fail('expected "." or "["');
  return path;
}

/** Reads the steps behind `$` or `@`, as far as they go. */
export function parseSteps(scan: Scan): JsonPath {
  const steps: Step[] = [];
  for (;;) {
    if (scan.take('..')) {
      steps.push({ kind: 'descend' });
      if (scan.next !== '[') steps.push(parseName(scan));
    } else if (scan.take('.')) {
      if (scan.next !== '[') steps.push(parseName(scan));
    } else if (scan.take('[')) {
      steps.push(parseBracket(scan));
    } else {
      const call = steps.findIndex((step) => step.kind === 'function');
      if (call >= 0 && (call < steps.length - 1 || !steps.every(isDefinite))) {
        scan.fail('a function stands at the end of a path that leads to one value');
      }
      return { steps, isDefinite: steps.every(isDefinite) };
    }
  }
}

function isDefinite(step: Step, index: number, steps: readonly Step[]): boolean {
  if (step.kind === 'names') return step.names.length === 1 || index === steps.length - 1;
  return step.kind === 'function' || (step.kind === 'indices' && step.indices.length === 1);
}

function parseName(scan: Scan): Step {
  if (scan.take('*')) return { kind: 'all' };
  const name = scan.match(/[^.[\s()=!<>&|,\]]+/y);
  if (name === undefined) return scan.fail('expected a name');
  if (!scan.take('(')) return { kind: 'names', names: [name] };
  const known = functionNames.find((each) => each === name);
  if (known === undefined)
    throw new Error(`The function ${name}() is not supported. Use ${functionNames.join('(), ')}().`);
  scan.skipSpace();
  scan.expect(')');
  return { kind: 'function', name: known };
}

function parseBracket(scan: Scan): Step {
  scan.skipSpace();
  const step = bracketed(scan);
  scan.skipSpace();
  scan.expect(']');
  return step;
}

function bracketed(scan: Scan): Step {
  if (scan.take('*')) return { kind: 'all' };
  if (scan.take('?')) {
    scan.skipSpace();
    scan.expect('(');
    const filter = parseFilter(scan);
    scan.skipSpace();
    scan.expect(')');
    return { kind: 'filter', filter };
  }
  if (scan.next === "'" || scan.next === '"') return { kind: 'names', names: list(scan, quotedName) };
  const slice = /(-?\d+)?\s*:\s*(-?\d+)?/y;
  const range = scan.match(slice);
  if (range !== undefined) {
    const [from, to] = range.split(':').map((part) => (part.trim() === '' ? undefined : Number(part)));
    if (scan.take(':')) scan.fail('a slice has no step here');
    return { kind: 'slice', from, to };
  }
  return { kind: 'indices', indices: list(scan, index) };
}

function quotedName(scan: Scan): string {
  const quote = scan.next;
  if (quote !== "'" && quote !== '"') return scan.fail('expected a name in quotes');
  scan.at++;
  return scan.quoted(quote);
}

function index(scan: Scan): number {
  const digits = scan.match(/-?\d+/y);
  return digits === undefined ? scan.fail('expected *, ?(, a name in quotes, an index or a slice') : Number(digits);
}

function list<T>(scan: Scan, read: (scan: Scan) => T): T[] {
  const items: T[] = [];
  do {
    scan.skipSpace();
    items.push(read(scan));
    scan.skipSpace();
  } while (scan.take(','));
  return items;
}
