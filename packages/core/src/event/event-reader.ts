import { isUtf8 } from 'node:buffer';
import { messageOf } from '../errors/tranquility-error.js';
import type { TimestampSpec } from '../spec/ingestion-spec.js';
import { describeJsonFault } from '../spec/json-fault.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import { timestampReader, type TimestampReader } from '../time/timestamp.js';
import { exactValue } from './exact-value.js';
import type { FieldPlan } from './field-plan.js';
import { FoundEvent, WrittenEvent } from './found-event.js';
import { JsonEncoder } from './json-encoder.js';
import { JsonEvent } from './json-event.js';
import { KeyName } from './key-name.js';
import { textOf } from './members.js';
import { dropped, type Dropped } from './outcome.js';
import type { ObjectRuns } from './object-runs.js';
import { BlockPool, RowBatch, type RowSlice } from './row-batch.js';

/** How to get at what is written of events that are not plain objects of the right fields. */
export interface EventForms {
  /** Gives an object, or the bytes of one as JSON. */
  readonly map?: ((event: unknown) => unknown) | undefined;
  /** Gives the time in the format of the timestampSpec, or as a `Date`. */
  readonly timestamp?: ((event: unknown) => unknown) | undefined;
}

/**
 * Reads events by a timestampSpec. One event at a time: `accept` looks at it, `timestamp` then holds its time, and `write`
 * writes it.
 *
 * An event is an object, or the bytes of a JSON object, which leave as they came. Its time is written as it came where Druid is sure to read
 * the same instant from it. Any other timestamp that can be read (a `Date`, a text with an offset, seconds) is written as epoch milliseconds,
 * so that the segment chosen here and the one that Druid sees are always the same.
 */
export class EventReader {
  readonly #column: string;
  readonly #reader: TimestampReader;
  readonly #missing: number;
  readonly #encoder: JsonEncoder;
  readonly #json: JsonEvent;
  readonly #columnName: KeyName;
  /** Whether a whole number is a time that is written as it came. */
  readonly #takesNumbers: boolean;
  readonly #map: EventForms['map'];
  readonly #timestamp: EventForms['timestamp'];
  #given: unknown;
  /** What is written of it; of bytes, `undefined`. */
  #event: JsonObject | undefined;
  #asItCame = false;
  /** The time of the event that was accepted last, in epoch milliseconds. */
  timestamp = NaN;

  /** @param wants which fields of objects are written. Bytes are copied with all that is in them. */
  constructor(spec: TimestampSpec, wants: FieldPlan, { map, timestamp }: EventForms = {}) {
    this.#column = spec.column;
    this.#reader = timestampReader(spec.format);
    this.#missing = spec.missingValue === undefined ? NaN : timestampReader('auto').read(spec.missingValue);
    this.#encoder = new JsonEncoder(wants);
    this.#json = new JsonEvent(spec.column);
    this.#columnName = new KeyName(spec.column);
    this.#takesNumbers = this.keepsFormat && this.#reader.read(0) === 0 && this.#reader.canonical;
    this.#map = map;
    this.#timestamp = timestamp;
  }

  /** Whether the task that reads these events must have the user's format or, `false`, the format `millis`. */
  get keepsFormat(): boolean {
    return isReadableAsMillis(this.#reader.format);
  }

  /** @returns why the event cannot be read, or `undefined` if it can. Does not throw, whatever the event's getters do. */
  accept(given: unknown): Dropped | undefined {
    this.#given = given;
    try {
      if (given instanceof FoundEvent) return this.#acceptFound(given);
      if (given instanceof Uint8Array) return this.#acceptBytes(given);
      const form = this.#map === undefined ? given : this.#map(given);
      if (form instanceof Uint8Array) return this.#acceptBytes(form);
      const event = plain(form);
      if (!isJsonObject(event)) return dropped('unparseable', `It is ${kindOf(event)}, not an object.`);
      this.#event = event;
      return this.#timestamp === undefined ? this.#acceptTime(event[this.#column]) : this.#acceptTimeApart();
    } catch (error) {
      return unserializable(error);
    }
  }

  /**
   * Reads the times of a run: those that are not NaN are of events that are written as they came.
   * @returns nothing where each event has to be looked at by itself.
   */
  timesOf(run: ObjectRuns): Float64Array | undefined {
    return this.#takesNumbers && run.readTimes(this.#columnName) ? run.times : undefined;
  }

  /** How many events of a run, from its next one on, are written as they came. */
  countOf(run: ObjectRuns): number {
    const times = this.timesOf(run);
    if (times === undefined) return 0;
    let end = run.at;
    while (end < run.count && !Number.isNaN(times[end])) end++;
    return end - run.at;
  }

  /**
   * Accepts a row that another reader of the same spec has written.
   * @param timestamp its time, which need not be looked for.
   */
  adopt(row: Uint8Array, timestamp: number): Dropped | undefined {
    this.#given = row;
    this.#event = undefined;
    if (!this.#json.accept(row)) return dropped('unparseable', reasonOf(row));
    this.timestamp = timestamp;
    this.#asItCame = true;
    return undefined;
  }

  /**
   * Writes the accepted event as JSON: it is then the last of these rows.
   * @returns why it has no JSON, or `undefined` if it has.
   */
  write(rows: RowBatch): Dropped | undefined {
    try {
      rows.finish(
        this.#event === undefined ? this.#copy(rows) : this.#encode(this.#event, rows),
        this.#given instanceof FoundEvent ? this.#written(this.#given) : this.#given,
        this.timestamp,
      );
      return undefined;
    } catch (error) {
      return unserializable(error);
    }
  }

  /**
   * The top-level fields of the accepted event.
   * @param names which are needed; all, if not given. Of an event that came as bytes no others are read.
   */
  fields(names?: readonly KeyName[]): JsonObject {
    return this.#event ?? this.#json.fields(names, exactValue);
  }

  #written(found: FoundEvent): WrittenEvent {
    return new WrittenEvent(found.place, this.#asItCame ? undefined : found.copy());
  }

  #copy(rows: RowBatch): number {
    return this.#asItCame ? this.#json.copy(rows) : this.#json.copyWithMillis(rows, this.timestamp);
  }

  #encode(event: JsonObject, rows: RowBatch): number {
    return this.#asItCame
      ? this.#encoder.write(event, rows)
      : this.#encoder.write(event, rows, this.#column, this.timestamp);
  }

  #acceptBytes(bytes: Uint8Array): Dropped | undefined {
    this.#event = undefined;
    if (!this.#json.accept(bytes)) return dropped('unparseable', reasonOf(bytes));
    if (this.#timestamp !== undefined && bytes !== this.#given) return this.#acceptTimeApart();
    const refused = this.#acceptTime(this.#json.time());
    this.#asItCame &&= this.#json.isPlainTime;
    return refused;
  }

  #acceptFound(found: FoundEvent): Dropped | undefined {
    this.#event = undefined;
    this.#json.adopt(found);
    const refused = this.#acceptTime(this.#json.time());
    this.#asItCame &&= this.#json.isPlainTime;
    return refused;
  }

  /** Takes the time that the caller's accessor gives. The column may have another, or none. */
  #acceptTimeApart(): Dropped | undefined {
    const refused = this.#acceptTime(this.#timestamp?.(this.#given));
    this.#asItCame = false;
    return refused;
  }

  #acceptTime(value: unknown): Dropped | undefined {
    this.#asItCame = false;
    if (value instanceof Date) {
      this.timestamp = value.getTime();
    } else if (value === null || value === undefined) {
      this.timestamp = this.#missing;
    } else {
      this.timestamp = this.#reader.read(value);
      this.#asItCame = this.#reader.canonical && this.keepsFormat;
    }
    if (Number.isNaN(this.timestamp)) {
      return dropped('unparseable', `Column ${JSON.stringify(this.#column)}: ${this.#reader.reason(value)}`);
    }
    return undefined;
  }
}

/** Rows with the time as epoch milliseconds in `column`, for a task that reads them only. */
export function withMillis(rows: RowSlice, column: string): RowBatch {
  const event = new JsonEvent(column);
  const { timestamps } = rows;
  const changed = new RowBatch(new BlockPool());
  rows.rows.forEach((row, index) => {
    const timestamp = timestamps[index] ?? NaN;
    // The scanner refuses what is nested too deep; so will the task, and that row alone.
    const length = event.accept(row) ? event.copyWithMillis(changed, timestamp) : copyTo(changed, row);
    changed.finish(length, row, timestamp);
  });
  return changed;
}

function copyTo(rows: RowBatch, row: Buffer): number {
  rows.begin(row.length);
  row.copy(rows.block, rows.start);
  return row.length;
}

/** Why bytes are no JSON object, in the words that a text gets. */
function reasonOf(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) return 'The event is not valid UTF-8. Expected JSON encoded as UTF-8.';
  const text = textOf(bytes, 0, bytes.length);
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? 'It is nested too deep.' : `It is ${kindOf(value)}, not an object.`;
  } catch {
    return describeJsonFault(text);
  }
}

/** Formats in which Druid reads a JSON number as epoch milliseconds, as any writer that shares the task may send. */
function isReadableAsMillis(format: string): boolean {
  return format === 'auto' || format === 'iso' || format === 'millis';
}

/** What JSON.stringify would write of an event that says so itself. */
function plain(event: unknown): unknown {
  return isJsonObject(event) && typeof event['toJSON'] === 'function' ? (event['toJSON'] as () => unknown)() : event;
}

function unserializable(error: unknown): Dropped {
  return dropped('unserializable', `It cannot be written as JSON: ${messageOf(error)}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}
