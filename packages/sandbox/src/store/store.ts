import type { DataSchema } from '../ingest/data-schema.js';
import type { JsonObject } from '../json.js';
import type { Database } from './database.js';
import { quoted } from './names.js';
import { Segment } from './segment.js';
import { iso, segmentText, type SegmentId } from './segment-id.js';
import { visibleSegments, type Candidate, type Visible } from './timeline.js';

/** What the coordinator knows of a segment. */
export interface SegmentInfo {
  readonly id: SegmentId;
  readonly dimensions: readonly string[];
  readonly metrics: readonly string[];
}

/** All segments: those that tasks fill, in the order in which they were begun, and those that were published. */
export class Store {
  readonly database: Database;
  readonly #filling = new Map<Segment, { readonly taskId: string; readonly isVisible: boolean }>();
  readonly #published = new Map<string, Segment>();
  /** By the sequence of tasks that writes to them. */
  readonly #allocated = new Map<string, SegmentId>();
  /** By the segment's id. */
  readonly #compactionStates = new Map<string, JsonObject>();
  #lastShown = '';

  constructor(database: Database) {
    this.database = database;
  }

  /** @param isVisible whether queries see it before it is published. */
  begin(taskId: string, id: SegmentId, schema: DataSchema, maxRows: number, isVisible = true): Segment {
    const segment = new Segment(this.database, id, schema, maxRows);
    this.#filling.set(segment, { taskId, isVisible });
    return segment;
  }

  /** Moves rows out of memory. */
  relieve(segment: Segment): Promise<void> {
    return this.database.exclusively(() => segment.store());
  }

  /**
   * Publishes segments, all at once. One whose id is published already is thrown away, as a replica's is.
   * @param commit is done in the same step. When it says no, nothing is published.
   * @param compactionState kept with them.
   */
  async publish(
    segments: readonly Segment[],
    commit: () => boolean = () => true,
    compactionState?: JsonObject,
  ): Promise<void> {
    await this.database.exclusively(async () => {
      for (const segment of segments) await segment.merge();
      // One that has no name, as it ends beyond the last time there is, is known before any is published.
      const named = segments.map((segment) => [segment, segmentText(segment.id)] as const);
      if (!commit()) return;
      const repeated: Segment[] = [];
      for (const [segment, key] of named) {
        if (!this.#filling.delete(segment)) continue;
        if (this.#published.has(key)) repeated.push(segment);
        else this.#published.set(key, segment);
        if (compactionState !== undefined) this.#compactionStates.set(key, compactionState);
      }
      for (const segment of repeated) await segment.table.drop();
    });
  }

  /** Forgets what a task had not published. */
  async abandon(taskId: string): Promise<void> {
    const lost = [...this.#filling].filter(([, owner]) => owner.taskId === taskId).map(([segment]) => segment);
    for (const segment of lost) this.#filling.delete(segment);
    await this.database.exclusively(async () => {
      for (const segment of lost) await segment.table.drop();
    });
  }

  /** The version of what is there for exactly that interval, and the next partition that is free in it. */
  appendTo(dataSource: string, start: number, end: number): { version: string; partition: number } | undefined {
    const begun = [...this.#published.values(), ...this.#filling.keys()].map(({ id }) => id);
    const ids = [...begun, ...this.#allocated.values()].filter(
      (id) => id.dataSource === dataSource && id.start === start && id.end === end,
    );
    const version = ids
      .map((id) => id.version)
      .sort()
      .at(-1);
    if (version === undefined) return undefined;
    const partitions = ids.filter((id) => id.version === version).map((id) => id.partition);
    return { version, partition: Math.max(...partitions) + 1 };
  }

  /**
   * What a sequence of tasks writes to of an interval: the same for all of them, and for none of another sequence.
   * @param version of the first segment, when there is none yet.
   */
  allocate(sequence: string, interval: Pick<SegmentId, 'dataSource' | 'start' | 'end'>, version: string): SegmentId {
    const { dataSource, start, end } = interval;
    const key = [sequence, start, end].join();
    const known = this.#allocated.get(key);
    if (known !== undefined) return known;
    const id = { ...interval, ...(this.appendTo(dataSource, start, end) ?? { version, partition: 0 }) };
    this.#allocated.set(key, id);
    return id;
  }

  dataSources(): string[] {
    return [...new Set(this.#visible().map(({ id }) => id.dataSource))].sort();
  }

  /** The segments of a dataSource that a query sees. */
  segments(dataSource: string): Promise<SegmentInfo[]> {
    return this.database.exclusively(async () => {
      const stored = await this.#stored(dataSource);
      return stored.map(({ id, segment: { table } }) => ({
        id,
        dimensions: table.dimensions.map(({ name }) => name),
        metrics: table.aggregators.map(({ name }) => name),
      }));
    });
  }

  publishedSegments(dataSource: string): SegmentId[] {
    return [...this.#published.values()].map(({ id }) => id).filter((id) => id.dataSource === dataSource);
  }

  /** What is kept with a segment of how it was made. */
  compactionState(id: SegmentId): JsonObject | undefined {
    return this.#compactionStates.get(segmentText(id));
  }

  /** Makes each dataSource a table for SQL, with what it holds now. To be done within `Database.exclusively`. */
  async show(): Promise<void> {
    const views: string[] = [];
    for (const dataSource of this.dataSources()) {
      const segments = await this.#stored(dataSource);
      if (segments.length > 0) views.push(`CREATE OR REPLACE VIEW druid.${quoted(dataSource)} AS ${unionOf(segments)}`);
    }
    const shown = views.join(';\n');
    if (shown === this.#lastShown) return;
    await this.#dropViews();
    for (const view of views) await this.database.run(view);
    this.#lastShown = shown;
  }

  async #dropViews(): Promise<void> {
    const reader = await this.database.read("SELECT view_name FROM duckdb_views() WHERE schema_name = 'druid'");
    for (const [name] of reader.getRows()) await this.database.run(`DROP VIEW druid.${quoted(String(name))}`);
  }

  async #stored(dataSource: string): Promise<Visible<Segment>[]> {
    const visible = visibleSegments(this.#candidates(dataSource));
    for (const { segment } of visible) await segment.store();
    return visible;
  }

  /** What is published counts before what is being filled. */
  #candidates(dataSource: string): Candidate<Segment>[] {
    return this.#visible()
      .filter(({ id }) => id.dataSource === dataSource)
      .map((segment) => ({ id: segment.id, segment }));
  }

  #visible(): Segment[] {
    const filling = [...this.#filling].filter(([, { isVisible }]) => isVisible).map(([segment]) => segment);
    return [...this.#published.values(), ...filling].filter((segment) => segment.events > 0);
  }
}

/** Each column with the type that it has in the newest segment. */
function unionOf(segments: readonly Visible<Segment>[]): string {
  const newestFirst = [...segments].sort((a, b) => b.id.start - a.id.start || (a.id.version < b.id.version ? 1 : -1));
  const types = new Map<string, string>();
  const tables = newestFirst.map(({ segment }) => segment.table);
  const dimensions = tables.flatMap((table) => table.dimensions.map(({ name }) => name));
  const metrics = tables.flatMap((table) => table.aggregators.map(({ name }) => name)).sort();
  for (const name of [...dimensions, ...metrics]) {
    const type = tables.map((table) => table.sqlTypeOf(name)).find((found) => found !== undefined);
    if (type !== undefined) types.set(name, type);
  }
  return segments
    .map(({ segment: { table }, hidden }) => {
      const columns = [...types].map(([name, type]) => {
        const own = table.sqlTypeOf(name);
        const value = own === undefined ? 'NULL' : quoted(name);
        return own === type ? value : `TRY_CAST(${value} AS ${type}) AS ${quoted(name)}`;
      });
      const conditions = hidden.map(
        ({ start, end }) =>
          `NOT ("__time" >= TIMESTAMP '${sqlTime(start)}' AND "__time" < TIMESTAMP '${sqlTime(end)}')`,
      );
      const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
      return `SELECT ${['"__time"', ...columns].join(', ')} FROM ${table.reference}${where}`;
    })
    .join(' UNION ALL ');
}

function sqlTime(millis: number): string {
  return iso(millis).replace('T', ' ').replace('Z', '');
}
