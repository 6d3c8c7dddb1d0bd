import { messageOf } from '../errors/tranquility-error.js';
import { isJsonObject, type JsonObject } from '../spec/json.js';
import type { TimestampSpec } from '../spec/ingestion-spec.js';
import { timestampReader, type TimestampReader } from '../time/timestamp.js';
import { dropped, type Dropped } from './outcome.js';

/**
 * Reads events by a timestampSpec. One event at a time: `accept` looks at it, `timestamp` then holds its time, and `json`
 * writes it.
 *
 * An event is written as it came where Druid is sure to read the same instant from it. Any other timestamp that can be read
 * (a `Date`, a text with an offset, seconds) is written as epoch milliseconds, so that the segment chosen here and the one
 * that Druid sees are always the same.
 */
export class EventReader {
  readonly #column: string;
  readonly #reader: TimestampReader;
  readonly #missing: number;
  #event: JsonObject = {};
  #asItCame = false;
  /** The time of the event that was accepted last, in epoch milliseconds. */
  timestamp = NaN;

  constructor(spec: TimestampSpec) {
    this.#column = spec.column;
    this.#reader = timestampReader(spec.format);
    this.#missing = spec.missingValue === undefined ? NaN : timestampReader('auto').read(spec.missingValue);
  }

  /** The fields of the event that was accepted last. */
  get fields(): JsonObject {
    return this.#event;
  }

  /** Whether the task that reads these events must have the user's format or, `false`, the format `millis`. */
  get keepsFormat(): boolean {
    return isReadableAsMillis(this.#reader.format);
  }

  /** @returns why the event cannot be read, or `undefined` if it can. Does not throw, whatever the event's getters do. */
  accept(given: unknown): Dropped | undefined {
    try {
      return this.#accept(plain(given));
    } catch (error) {
      return unserializable(error);
    }
  }

  /** The accepted event as JSON; or why it has no JSON. */
  json(): string | Dropped {
    return write(() => (this.#asItCame ? this.#event : { ...this.#event, [this.#column]: this.timestamp }));
  }

  #accept(event: unknown): Dropped | undefined {
    if (!isJsonObject(event)) return dropped('unparseable', `It is ${kindOf(event)}, not an object.`);
    const value = event[this.#column];
    this.#event = event;
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

/** The event as JSON with the time as epoch milliseconds in `column`, for a task that reads them only. */
export function jsonWithMillis(event: unknown, column: string, timestamp: number): string | Dropped {
  return write(() => ({ ...(plain(event) as JsonObject), [column]: timestamp }));
}

/** Formats in which Druid reads a JSON number as epoch milliseconds, as any writer that shares the task may send. */
function isReadableAsMillis(format: string): boolean {
  return format === 'auto' || format === 'iso' || format === 'millis';
}

/** What JSON.stringify would write of an event that says so itself. */
function plain(event: unknown): unknown {
  return isJsonObject(event) && typeof event['toJSON'] === 'function' ? (event['toJSON'] as () => unknown)() : event;
}

function write(event: () => JsonObject): string | Dropped {
  try {
    return JSON.stringify(event());
  } catch (error) {
    return unserializable(error);
  }
}

function unserializable(error: unknown): Dropped {
  return dropped('unserializable', `It cannot be written as JSON: ${messageOf(error)}`);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return value === null ? 'null' : `a ${typeof value}`;
}
