import { namedColumns, type SeparatedInput } from '../spec/input-format.js';
import { listed, zipped } from './columns.js';
import { csvFields } from './csv-line.js';
import type { RowReader } from './text-lines.js';

/** Reads CSV or TSV: rows above the data, a header, then rows. */
export class SeparatedRows implements RowReader {
  readonly #format: SeparatedInput;
  readonly #split: (line: string) => (string | null)[];
  #columns: readonly string[] | undefined;
  #toSkip: number;
  #awaitsHeader: boolean;

  constructor(format: SeparatedInput) {
    this.#format = format;
    this.#split = format.type === 'csv' ? csvFields : (line) => tsvFields(line, format.delimiter);
    this.#columns = format.columns === undefined ? undefined : namedColumns(format.columns);
    this.#toSkip = format.skipHeaderRows;
    this.#awaitsHeader = format.hasHeader;
  }

  read(line: string): Record<string, unknown> | undefined {
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return undefined;
    }
    const fields = this.#split(line);
    if (this.#awaitsHeader) {
      this.#awaitsHeader = false;
      this.#columns ??= headerOf(fields);
      return undefined;
    }
    if (this.#columns === undefined) throw new Error('The header above this row cannot be used.');
    return zipped(
      this.#columns,
      fields.map((field) => listed(field, this.#format.listDelimiter)),
    );
  }
}

function tsvFields(line: string, delimiter: string): (string | null)[] {
  return line.split(delimiter).map((field) => (field === '' ? null : field));
}

function headerOf(fields: readonly (string | null)[]): string[] {
  const names = namedColumns(fields);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`The header has ${JSON.stringify(twice)} twice. Name each column once.`);
  return names;
}
