import type { RegexInput } from '../spec/input-format.js';
import { listed, zipped } from './columns.js';
import type { RowReader } from './text-lines.js';

/** Reads lines by a regular expression that must match each as a whole. */
export class RegexRows implements RowReader {
  readonly #format: RegexInput;

  constructor(format: RegexInput) {
    this.#format = format;
  }

  read(line: string): Record<string, unknown> {
    const { pattern, columns, listDelimiter, isParseSpec } = this.#format;
    const groups = pattern.match(line);
    if (groups === undefined) throw new Error('The line does not match the pattern.');
    const values = groups.map((group, index) => {
      if (group === undefined && isParseSpec)
        throw new Error(`Group ${index + 1} of the pattern matches nothing here.`);
      const value = listed(group ?? null, listDelimiter);
      return isParseSpec ? emptyToNull(value) : value;
    });
    return zipped(columns, values);
  }
}

function emptyToNull(value: string | null | string[]): unknown {
  return Array.isArray(value) ? value.map(emptyToNull) : value === '' ? null : value;
}
