import { writeExactly } from '../exact-json.js';
import { Scan } from './scan.js';
import { isMap } from './values.js';

/** A stage of a jq program: what it makes of one value, which may be several. */
type Stage = (value: unknown) => unknown[];

const functions: Readonly<Record<string, (value: unknown) => unknown>> = {
  length: lengthOf,
  keys: (value) => (Array.isArray(value) ? [...value.keys()] : Object.keys(objectOf(value, 'keys')).sort()),
  add: (value) =>
    (Array.isArray(value) ? (value as unknown[]) : Object.values(objectOf(value, 'add'))).reduce(plus, null),
  first: (value) => (value === null ? null : (listOf(value, 'first')[0] ?? null)),
  last: (value) => (value === null ? null : (listOf(value, 'last').at(-1) ?? null)),
  tostring: (value) => (typeof value === 'string' ? value : writeExactly(value)),
  not: (value) => !isTrue(value),
};

/**
 * Makes a function that gives what a jq program makes of an event; of several results, the first. Of the language there are paths
 * (`.a.b`, `.["a"]`, `.[0]`, `.[]`, with `?`), `|`, `//`, `map(…)`, `join("…")` and a few functions.
 * @throws Error that says what in the program is not supported. The function throws one when the program fails for the event.
 */
export function jqReader(text: string): (root: unknown) => unknown {
  const scan = new Scan(text);
  const stage = new Parser(scan).pipe();
  if (!scan.atEnd) scan.fail('jq is supported in part; here it reads "|", "//" or the end');
  return (root) => {
    const results = stage(root);
    if (results.length === 0) throw new Error('The jq program gives nothing.');
    return results[0];
  };
}

class Parser {
  readonly #scan: Scan;
  #depth = 0;

  constructor(scan: Scan) {
    this.#scan = scan;
  }

  pipe(): Stage {
    if (this.#depth++ > 50) this.#scan.fail('nested deeper than 50');
    let stage = this.#alternative();
    while (this.#takes('|')) {
      const [before, behind] = [stage, this.#alternative()];
      stage = (value) => before(value).flatMap((each) => behind(each));
    }
    this.#depth--;
    return stage;
  }

  #alternative(): Stage {
    const stage = this.#term();
    if (!this.#takes('//')) return stage;
    const other = this.#alternative();
    return (value) => {
      const results = quietly(stage)(value).filter(isTrue);
      return results.length > 0 ? results : other(value);
    };
  }

  #term(): Stage {
    this.#scan.skipSpace();
    let stage: Stage;
    if (this.#scan.next === '.') stage = this.#firstStep();
    else if (this.#scan.take('(')) stage = this.#closed(this.pipe());
    else stage = this.#call();
    for (;;) {
      const step = this.#step();
      if (step === undefined) return stage;
      const before = stage;
      stage = (value) => before(value).flatMap((each) => step(each));
    }
  }

  /** A dot by itself, or the beginning of a path. */
  #firstStep(): Stage {
    const name = /^\.[A-Za-z_"]/.test(this.#scan.text.slice(this.#scan.at));
    if (name) return this.#step() ?? ((value) => [value]);
    this.#scan.take('.');
    if (this.#scan.next === '.') this.#scan.fail('jq is supported in part, without ".."');
    return (value) => [value];
  }

  #step(): Stage | undefined {
    let step: Stage;
    if (/^\.[A-Za-z_"]/.test(this.#scan.text.slice(this.#scan.at))) {
      this.#scan.take('.');
      step = field(this.#scan.take('"') ? this.#scan.quoted('"') : (this.#scan.match(/\w+/y) ?? ''));
    } else if (this.#scan.match(/\.?\[/y) !== undefined) {
      step = this.#bracket();
    } else return undefined;
    return this.#scan.take('?') ? quietly(step) : step;
  }

  #bracket(): Stage {
    this.#scan.skipSpace();
    if (this.#scan.take(']')) return elements;
    let step: Stage;
    if (this.#scan.take('"')) step = field(this.#scan.quoted('"'));
    else {
      const digits = this.#scan.match(/-?\d+/y);
      if (digits === undefined) this.#scan.fail('jq is supported in part; here it reads an index or a name in quotes');
      step = at(Number(digits));
    }
    this.#scan.skipSpace();
    this.#scan.expect(']');
    return step;
  }

  #call(): Stage {
    const start = this.#scan.at;
    const name = this.#scan.match(/[a-z_][a-z_0-9]*/y) ?? '';
    if (name === 'map' && this.#takes('(')) {
      const inner = this.#closed(this.pipe());
      return (value) => [elements(value).flatMap((each) => inner(each))];
    }
    if (name === 'join' && this.#takes('(')) {
      this.#scan.skipSpace();
      this.#scan.expect('"');
      const between = this.#scan.quoted('"');
      return this.#closed((value) => [value === null ? '' : listOf(value, 'join').map(joined).join(between)]);
    }
    const call = Object.hasOwn(functions, name) ? functions[name] : undefined;
    if (call === undefined) {
      this.#scan.at = start;
      this.#scan.fail(
        `jq is supported in part: paths, "|", "//", map(…), join("…"), ${Object.keys(functions).join(', ')}`,
      );
    }
    return (value) => [call(value)];
  }

  #closed(stage: Stage): Stage {
    this.#scan.skipSpace();
    this.#scan.expect(')');
    return stage;
  }

  #takes(characters: string): boolean {
    this.#scan.skipSpace();
    return this.#scan.take(characters);
  }
}

function field(name: string): Stage {
  return (value) => {
    if (value === null) return [null];
    const object = objectOf(value, `.${name}`);
    return [Object.hasOwn(object, name) ? object[name] : null];
  };
}

function at(index: number): Stage {
  return (value) => (value === null ? [null] : [listOf(value, `.[${index}]`).at(index) ?? null]);
}

function elements(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : Object.values(objectOf(value, '.[]'));
}

function quietly(stage: Stage): Stage {
  return (value) => {
    try {
      return stage(value);
    } catch {
      return [];
    }
  };
}

function isTrue(value: unknown): boolean {
  return value !== null && value !== false;
}

function lengthOf(value: unknown): number {
  if (value === null) return 0;
  if (typeof value === 'number') return Math.abs(value);
  if (typeof value === 'string') return Array.from(value).length;
  return elements(value).length;
}

function plus(total: unknown, value: unknown): unknown {
  if (total === null) return value;
  if (value === null) return total;
  if (typeof total === 'number' && typeof value === 'number') return total + value;
  if (typeof total === 'string' && typeof value === 'string') return total + value;
  if (Array.isArray(total) && Array.isArray(value)) return [...(total as unknown[]), ...(value as unknown[])];
  throw new Error('add: the values are of kinds that cannot be added.');
}

function joined(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error('join: it takes texts, numbers and booleans.');
}

function objectOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (isMap(value)) return value;
  throw new Error(`${what}: the value is no object.`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw new Error(`${what}: the value is no list.`);
}
