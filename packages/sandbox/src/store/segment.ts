import type { DataSchema } from '../ingest/data-schema.js';
import { RollupIndex } from '../ingest/rollup-index.js';
import type { ParsedRow } from '../ingest/row-parser.js';
import type { Database } from './database.js';
import type { SegmentId } from './segment-id.js';
import { SegmentTable } from './segment-table.js';

/**
 * A segment that a task fills: an index in memory, and behind it in the database those that were full, as Druid persists them. A
 * query sees each for itself; `merge` makes one of them.
 */
export class Segment {
  readonly id: SegmentId;
  readonly #schema: DataSchema;
  readonly #maxRows: number;
  readonly table: SegmentTable;
  #index: RollupIndex;
  #full: RollupIndex[] = [];
  #part = 0;
  #changed = false;
  #rows = 0;

  /** @param maxRows how many rows an index holds before the next is begun. */
  constructor(database: Database, id: SegmentId, schema: DataSchema, maxRows: number) {
    this.id = id;
    this.#schema = schema;
    this.#maxRows = maxRows;
    this.table = new SegmentTable(database, schema.aggregators);
    this.#index = new RollupIndex(schema, id.start);
  }

  /** How many events it took. */
  get events(): number {
    return this.#rows;
  }

  /** @throws Unsupported */
  add(row: ParsedRow): void {
    this.#index.add(row);
    this.#changed = true;
    this.#rows++;
    if (this.#index.rows.length < this.#maxRows) return;
    this.#full.push(this.#index);
    this.#index = new RollupIndex(this.#schema, this.id.start);
  }

  /** Whether rows lie in memory only, more than one index holds. */
  get isHeavy(): boolean {
    return this.#full.length > 0;
  }

  /** Brings the table up to date. To be done within `Database.exclusively`. */
  async store(): Promise<void> {
    if (!this.#changed) return;
    this.#changed = false;
    const full = this.#full;
    const index = this.#index;
    this.#full = [];
    for (const each of full) await this.table.replace(this.#part++, each);
    await this.table.replace(this.#part, index);
  }

  /** To be done within `Database.exclusively`, when nothing is added any more. */
  async merge(): Promise<void> {
    await this.store();
    this.#index = new RollupIndex(this.#schema, this.id.start);
    if (this.#schema.rollup) await this.table.merge();
  }
}
