import { isJsonObject, type JsonObject } from './json.js';
import { show, type Path, type Problems } from './problems.js';

/** Reads a structure of unknown form, and notes each thing that is not as expected with its place. */
export class Cursor {
  readonly value: unknown;
  readonly path: Path;
  readonly problems: Problems;

  constructor(value: unknown, path: Path, problems: Problems) {
    this.value = value;
    this.path = path;
    this.problems = problems;
  }

  /** Absent and null are the same to Druid and to Tranquility. */
  get isAbsent(): boolean {
    return this.value === undefined || this.value === null;
  }

  get(key: string): Cursor {
    return new Cursor(isJsonObject(this.value) ? this.value[key] : undefined, [...this.path, key], this.problems);
  }

  fail(message: string): undefined {
    this.problems.error(this.path, message);
    return undefined;
  }

  object(remedy: string): JsonObject | undefined {
    if (isJsonObject(this.value)) return this.value;
    return this.fail(this.isAbsent ? `is missing. ${remedy}` : `is ${show(this.value)}, not an object. ${remedy}`);
  }

  list(remedy: string): readonly unknown[] | undefined {
    if (Array.isArray(this.value)) return this.value as readonly unknown[];
    return this.fail(this.isAbsent ? `is missing. ${remedy}` : `is ${show(this.value)}, not a list. ${remedy}`);
  }

  text(remedy: string): string | undefined {
    if (typeof this.value === 'string' && this.value !== '') return this.value;
    return this.fail(this.isAbsent ? `is missing. ${remedy}` : `is ${show(this.value)}, not a text. ${remedy}`);
  }
}
