import { applyFunction } from './json-path-functions.js';
import type { Filter, Operand } from './json-path-filter.js';
import { compare } from './json-path-compare.js';
import { parseJsonPath, type JsonPath, type Step } from './json-path.js';
import type { JsonObject } from '../json.js';
import { isContainer, isMap } from './values.js';
import { WorkLimit } from './work-limit.js';

/**
 * Makes a function that reads what a JsonPath leads to: the value, or `null` where there is none; the list of values, where the path may
 * lead to several.
 * @throws Error that says what is wrong with the path. The function throws one too, when the path would look at a million values.
 */
export function jsonPathReader(text: string): (root: unknown) => unknown {
  const path = parseJsonPath(text);
  return (root) => {
    return orNull(new PathReading(root).valueOf(path, root));
  };
}

class PathReading {
  readonly #root: unknown;
  readonly #limit = new WorkLimit();

  constructor(root: unknown) {
    this.#root = root;
  }

  /** `undefined` where a member is missing or null, and when a definite path leads nowhere. */
  valueOf(path: JsonPath, from: unknown): unknown {
    const last = path.steps.at(-1);
    if (last?.kind === 'function') {
      const steps = path.steps.slice(0, -1);
      return applyFunction(last.name, this.valueOf({ steps, isDefinite: path.isDefinite }, from));
    }
    const found: unknown[] = [];
    this.#walk(path.steps, 0, from, found);
    return path.isDefinite ? found[0] : found.map(orNull);
  }

  #walk(steps: readonly Step[], at: number, value: unknown, found: unknown[]): void {
    this.#limit.spend();
    const step = steps[at];
    if (step === undefined) {
      found.push(value);
      return;
    }
    const go = (next: unknown): void => {
      this.#walk(steps, at + 1, next, found);
    };
    switch (step.kind) {
      case 'names':
        if (isOrMayBeMap(value)) this.#names(step.names, at === steps.length - 1, value, go);
        break;
      case 'indices':
        if (Array.isArray(value)) for (const index of step.indices) go(value.at(index));
        break;
      case 'slice':
        if (Array.isArray(value)) for (const each of value.slice(step.from, step.to) as unknown[]) go(each);
        break;
      case 'all':
        for (const each of membersOf(value)) go(each);
        break;
      case 'descend':
        this.#descend(value, steps[at + 1], at + 2 === steps.length, go);
        break;
      case 'filter':
        for (const each of Array.isArray(value) ? (value as unknown[]) : isOrMayBeMap(value) ? [value] : []) {
          if (this.#passes(step.filter, each)) go(each);
        }
        break;
      case 'function':
        break;
    }
  }

  #names(names: readonly string[], isLeaf: boolean, value: JsonObject | undefined, go: (next: unknown) => void): void {
    if (!isLeaf || names.length === 1) for (const name of names) go(memberOf(value, name));
    else go(Object.fromEntries(names.filter((name) => has(value, name)).map((name) => [name, memberOf(value, name)])));
  }

  /** The value itself, and all containers in it; before names, those that have them. */
  #descend(value: unknown, next: Step | undefined, isLeaf: boolean, go: (next: unknown) => void): void {
    this.#limit.spend();
    const isWanted =
      next?.kind !== 'names' ||
      (next.names.length > 1 && !isLeaf) ||
      (isMap(value) && next.names.every((name) => has(value, name)));
    if (isWanted) go(value);
    for (const each of membersOf(value)) if (isContainer(each)) this.#descend(each, next, isLeaf, go);
  }

  #passes(filter: Filter, value: unknown): boolean {
    switch (filter.kind) {
      case 'any':
        return filter.filters.some((each) => this.#passes(each, value));
      case 'every':
        return filter.filters.every((each) => this.#passes(each, value));
      case 'not':
        return !this.#passes(filter.filter, value);
      case 'exists':
        return this.#exists(filter.operand, value);
      case 'compare':
        return compare(filter.operator, this.#operand(filter.left, value), this.#operand(filter.right, value));
    }
  }

  #operand(operand: Operand, value: unknown): unknown {
    if (operand.kind === 'value') return operand.value;
    return orNull(this.valueOf(operand.path, operand.fromRoot ? this.#root : value));
  }

  /** To Druid's copy of the library a member that is missing is one that is null: it is there, if it could be. */
  #exists(operand: Operand, value: unknown): boolean {
    if (operand.kind === 'value' || !operand.path.isDefinite) return true;
    const found: unknown[] = [];
    this.#walk(operand.path.steps, 0, operand.fromRoot ? this.#root : value, found);
    return found.length > 0;
  }
}

/** Where nothing is, a path goes on as in an object that has no members. */
function isOrMayBeMap(value: unknown): value is JsonObject | undefined {
  return value === undefined || isMap(value);
}

function has(value: JsonObject | undefined, name: string): boolean {
  return value !== undefined && Object.hasOwn(value, name);
}

function memberOf(value: JsonObject | undefined, name: string): unknown {
  return has(value, name) ? (value?.[name] ?? undefined) : undefined;
}

function membersOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  return isMap(value) ? Object.values(value).map((each) => each ?? undefined) : [];
}

function orNull(value: unknown): unknown {
  return value === undefined ? null : value;
}
