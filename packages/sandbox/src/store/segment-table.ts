import type { Aggregator, ColumnType } from '../ingest/aggregators.js';
import type { Dimension } from '../ingest/data-schema.js';
import type { RollupIndex, StoredRow } from '../ingest/rollup-index.js';
import type { DimensionValue } from '../ingest/row-parser.js';
import type { Database, RowWriter } from './database.js';
import { quoted } from './names.js';

const sqlTypes: Readonly<Record<ColumnType, string>> = {
  STRING: 'VARCHAR',
  LONG: 'BIGINT',
  DOUBLE: 'DOUBLE',
  FLOAT: 'FLOAT',
};

/** In which of a segment's parts a row is. */
const partColumn = '__part';

/** The rows of one segment, in a table of the database. All that it does must be done within `Database.exclusively`. */
export class SegmentTable {
  readonly #database: Database;
  readonly #aggregators: readonly Aggregator[];
  readonly #dimensions: Dimension[] = [];
  #name = '';

  constructor(database: Database, aggregators: readonly Aggregator[]) {
    this.#database = database;
    this.#aggregators = aggregators;
  }

  get dimensions(): readonly Dimension[] {
    return this.#dimensions;
  }

  get aggregators(): readonly Aggregator[] {
    return this.#aggregators;
  }

  /** The type of a column as SQL names it, `undefined` if there is none of that name. */
  sqlTypeOf(column: string): string | undefined {
    const found = [...this.#dimensions, ...this.#aggregators].find(({ name }) => name === column);
    return found && sqlTypes[found.type];
  }

  /** How SQL refers to it. */
  get reference(): string {
    return `storage.${this.#name}`;
  }

  /** Puts the rows of an index in the place of those that the part had. */
  async replace(part: number, index: RollupIndex): Promise<void> {
    const isNew = this.#name === '';
    if (isNew) await this.#create();
    for (const dimension of index.dimensions) await this.#addDimension(dimension);
    if (!isNew) await this.#database.run(`DELETE FROM ${this.reference} WHERE ${partColumn} = ${part}`);
    // Indexes may have found the same dimensions in another order.
    const places = this.#dimensions.map(({ name }) => index.dimensions.findIndex((known) => known.name === name));
    await this.#database.append(this.#name, (writer) => {
      for (const row of index.rows) this.#write(writer, part, row, places);
    });
  }

  /** Rolls all parts up into one, as Druid does when it publishes. */
  async merge(): Promise<void> {
    if (this.#name === '') await this.#create();
    const before = this.reference;
    const keys = ['__time', ...this.#dimensions.map(({ name }) => name)].map(quoted);
    const metrics = this.#aggregators.map(({ name, type, sql }) => {
      return `CAST(${sql}(${quoted(name)}) AS ${sqlTypes[type]}) AS ${quoted(name)}`;
    });
    this.#name = newName();
    await this.#database.run(
      `CREATE TABLE ${this.reference} AS SELECT 0 AS ${partColumn}, ${[...keys, ...metrics].join(', ')}
       FROM ${before} GROUP BY ${keys.join(', ')}`,
    );
    await this.#database.run(`DROP TABLE ${before}`);
  }

  async drop(): Promise<void> {
    if (this.#name === '') return;
    await this.#database.run(`DROP TABLE ${this.reference}`);
    this.#name = '';
  }

  async #create(): Promise<void> {
    this.#name = newName();
    const metrics = this.#aggregators.map(({ name, type }) => `${quoted(name)} ${sqlTypes[type]}`);
    const columns = [`${partColumn} INTEGER`, '"__time" TIMESTAMP', ...metrics];
    await this.#database.run(`CREATE TABLE ${this.reference} (${columns.join(', ')})`);
  }

  async #addDimension({ name, type }: Dimension): Promise<void> {
    if (this.#dimensions.some((known) => known.name === name)) return;
    this.#dimensions.push({ name, type });
    await this.#database.run(`ALTER TABLE ${this.reference} ADD COLUMN ${quoted(name)} ${sqlTypes[type]}`);
  }

  /** In the order of the columns: part, time, metrics, dimensions. */
  #write(
    writer: RowWriter,
    part: number,
    { timestamp, metrics, dimensions }: StoredRow,
    places: readonly number[],
  ): void {
    writer.integer(part);
    writer.time(timestamp);
    for (let index = 0; index < this.#aggregators.length; index++) {
      writeValue(writer, this.#aggregators[index]?.type, metrics[index] ?? null);
    }
    for (let index = 0; index < this.#dimensions.length; index++) {
      writeValue(writer, this.#dimensions[index]?.type, dimensions[places[index] ?? -1] ?? null);
    }
    writer.endRow();
  }
}

function newName(): string {
  return `s${++counter.last}`;
}

const counter = { last: 0 };

function writeValue(writer: RowWriter, type: ColumnType | undefined, value: DimensionValue): void {
  if (value === null) writer.null();
  else if (typeof value === 'string') writer.text(value);
  else if (type === 'LONG') writer.long(value);
  else if (type === 'FLOAT') writer.float(value);
  else writer.double(value);
}
