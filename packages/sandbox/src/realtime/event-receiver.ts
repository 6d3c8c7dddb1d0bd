import { encodeSmile } from '@tranquility-js/core/internal';
import { absent, crash, type Answer } from '../http/answer.js';
import type { SandboxRequest } from '../http/request.js';
import type { DataSchema } from '../ingest/data-schema.js';
import { dimensionValue, parseRow, UnparseableRow, type ParsedRow } from '../ingest/row-parser.js';
import { Unsupported } from '../ingest/unsupported.js';
import type { JsonObject } from '../json.js';
import { Producers } from './producers.js';
import { BodyFault, readPush } from './push-body.js';

const smileType = 'application/x-jackson-smile';

interface ReceiverOptions {
  readonly schema: DataSchema;
  readonly bufferSize: number;
  /** Takes a row out of the buffer. */
  readonly take: (row: ParsedRow) => void;
  /** Told when a request came in. */
  readonly touched: () => void;
}

/**
 * Druid's event receiver: takes pushes into a buffer, out of which a task reads. As it reads at once, the buffer fills only while
 * the reading is paused; then pushes wait until there is room.
 */
export class EventReceiver {
  readonly #options: ReceiverOptions;
  readonly #producers = new Producers();
  #buffer: ParsedRow[] = [];
  #waiting: (() => void)[] = [];
  #isPaused = false;
  #isClosed = false;
  #drained: (() => void) | undefined;

  constructor(options: ReceiverOptions) {
    this.#options = options;
  }

  /** How many rows wait to be taken. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** The rows that come from now on wait in the buffer. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (this.#buffer.length > 0 && !this.#paused) this.#drain();
    this.#drained?.();
  }

  /** Takes no more pushes. @returns when the buffer will be empty, which a pause puts off; undefined if it is. */
  close(): Promise<void> | undefined {
    this.#isClosed = true;
    this.#wake();
    if (this.#buffer.length === 0) return undefined;
    return new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  /** In Druid's order: the producer's number, the body, the time of every event; then the rows one by one. */
  async push(request: SandboxRequest): Promise<Answer> {
    this.#options.touched();
    const type = request.headers['content-type'];
    const isSmile = type === smileType;
    if (type !== undefined && !isSmile && !/^application\/(json|x-jackson-smile)\b/.test(type)) return { status: 415 };
    const producer = this.#producers.check(request.headers);
    if (producer === 'repeated') return reply({ eventCount: 0, skipped: true }, isSmile);
    if (producer !== 'new') return reply({ error: producer.error }, isSmile, producer.status);
    try {
      const events = readPush(request.body, isSmile);
      if (events === null) return crash(request.path, nullEvents);
      const rows = events.map((event) => this.#parse(event));
      return (await this.#add(rows)) ? reply({ eventCount: events.length }, isSmile) : crash(request.path, closed);
    } catch (error) {
      if (error instanceof BodyFault) return reply({ error: error.message }, isSmile, 500);
      if (error instanceof UnparseableRow) return crash(request.path, `${parseException}: ${error.message}`);
      if (error instanceof Unsupported) return absent(error.message);
      throw error;
    }
  }

  #parse(event: JsonObject | null): ParsedRow {
    const { schema } = this.#options;
    const row = parseRow(schema, event);
    for (const name in row.event) {
      if (!Array.isArray(row.event[name]) || schema.excluded.has(name)) continue;
      const known = schema.dimensions.find((dimension) => dimension.name === name);
      if (known !== undefined || schema.takesOthers) dimensionValue(known ?? { name, type: 'STRING' }, row.event[name]);
    }
    return row;
  }

  /** @returns false when it was closed before all rows were in. */
  async #add(rows: readonly ParsedRow[]): Promise<boolean> {
    for (const row of rows) {
      while (!this.#isClosed && this.#buffer.length >= this.#options.bufferSize) await this.#room();
      if (this.#isClosed) return false;
      if (this.#paused) this.#buffer.push(row);
      else this.#options.take(row);
    }
    return !this.#isClosed || rows.length === 0;
  }

  #room(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #drain(): void {
    const rows = this.#buffer;
    this.#buffer = [];
    for (const row of rows) this.#options.take(row);
    this.#wake();
  }

  /** A method, so that the compiler does not take it for unchanged. */
  get #paused(): boolean {
    return this.#isPaused;
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }
}

const parseException = 'org.apache.druid.java.util.common.parsers.ParseException';
const nullEvents =
  'java.lang.NullPointerException: Cannot invoke "java.util.Collection.size()" because "events" is null';
const closed = 'java.lang.IllegalStateException: Cannot add events to closed firehose!';

/** In the form in which it was asked. */
function reply(value: JsonObject, isSmile: boolean, status = 200): Answer {
  return {
    status,
    headers: { 'content-type': isSmile ? smileType : 'application/json' },
    body: isSmile ? encodeSmile(value) : JSON.stringify(value),
  };
}
