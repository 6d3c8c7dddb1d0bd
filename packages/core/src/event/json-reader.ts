import { BatchBuilder, type EventSink, type ReadBatch } from './json-batch.js';
import { FormatGuess, type JsonFormat } from './json-format.js';
import { LineReader } from './json-lines.js';
import { chunksOf } from './json-source.js';
import { ValueReader } from './json-values.js';
import { ByteWindow } from './json-window.js';

/** How {@link readJsonEvents} reads. */
export interface ReadJsonOptions {
  /**
   * - `ndjson`: each line by itself. A broken line harms no other; several objects on a line are read.
   * - `json`: an array of objects, or objects one after another, over as many lines as they like.
   * - `auto` (default): `json` when the input begins with `[`; else by its first 64 KiB: `ndjson` when every line is an object by
   *   itself; `json` when it reads so without a fault, or when most lines are no objects by themselves; otherwise `ndjson`. Events
   *   are given at once up to the first line that is none; from there on it waits for the 64 KiB.
   */
  readonly format?: JsonFormat | 'auto';
  /** The longest event, in bytes; default 16 MiB. Also bounds the memory used: this much, and the chunk at hand. */
  readonly maxEventBytes?: number;
  /** Ends the reading: the generator throws the signal's reason, even while it waits for the source. */
  readonly signal?: AbortSignal;
}

/** Asks for events as the bytes that they came as, checked but not parsed. A sender takes them so. */
export interface RawOption {
  readonly raw: true;
}

const DEFAULT_MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** The most input that goes into one batch. */
const SLICE_BYTES = 65_536;

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/**
 * Reads events from bytes of UTF-8: NDJSON, a JSON array of objects, or objects one after another. Never holds the whole input. Gives
 * batches, so that there is no promise for each event; a batch is given as soon as a chunk has brought anything.
 *
 * What is no event is refused with a reason, and reading goes on behind it: broken JSON, values other than objects, bytes that are not
 * UTF-8, events longer than `maxEventBytes`. A byte order mark and blank lines are skipped. In an object the last of several equal
 * keys wins, and integers beyond 2^53 lose precision, as in `JSON.parse`.
 *
 * @throws RangeError when `maxEventBytes` is not a positive integer; the source's own errors; the signal's reason
 */
export function readJsonEvents(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadJsonOptions & RawOption,
): AsyncGenerator<ReadBatch<Buffer>, void, undefined>;
export function readJsonEvents(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options?: ReadJsonOptions,
): AsyncGenerator<ReadBatch, void, undefined>;
export async function* readJsonEvents(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: ReadJsonOptions & Partial<RawOption> = {},
): AsyncGenerator<ReadBatch<Record<string, unknown> | Buffer>, void, undefined> {
  const reader = new JsonReader(options);
  for await (const chunk of chunksOf(source, options.signal)) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      reader.push(chunk.subarray(at, at + SLICE_BYTES));
      const batch = reader.take();
      if (batch !== undefined) yield batch;
      options.signal?.throwIfAborted();
    }
  }
  reader.end();
  const rest = reader.take();
  if (rest !== undefined) yield rest;
}

/** {@link readJsonEvents} for input that is handed in chunk by chunk: after each, take what it gave. */
export class JsonReader {
  readonly #maxEventBytes: number;
  readonly #out: BatchBuilder;
  readonly #window = new ByteWindow();
  readonly #guess: FormatGuess;
  #format: JsonFormat | 'auto';
  #bodyReader: LineReader | ValueReader | undefined;
  #begun = false;

  /** @param sink gets each event, as bytes where they lie; `take` then gives refusals only. */
  constructor(
    { format = 'auto', maxEventBytes = DEFAULT_MAX_EVENT_BYTES, raw }: ReadJsonOptions & Partial<RawOption>,
    sink?: EventSink,
  ) {
    if (!Number.isSafeInteger(maxEventBytes) || maxEventBytes < 1) {
      throw new RangeError(`maxEventBytes is ${maxEventBytes}; expected a positive integer, for example 16777216.`);
    }
    this.#maxEventBytes = maxEventBytes;
    this.#out = new BatchBuilder(maxEventBytes, raw === true, sink);
    this.#guess = new FormatGuess(this.#out, maxEventBytes);
    this.#format = format;
  }

  /** Takes the next chunk. */
  push(bytes: Uint8Array): void {
    this.#window.append(bytes);
    this.#read(false);
  }

  /** Says that there is no more. */
  end(): void {
    this.#read(true);
  }

  /** What was read since the last call, or `undefined` when that was nothing. */
  take(): ReadBatch<Record<string, unknown> | Buffer> | undefined {
    return this.#out.take();
  }

  #read(atEnd: boolean): void {
    if (!this.#begun && !(this.#begun = this.#skipMark(atEnd))) return;
    if (this.#format === 'auto') this.#format = this.#guess.read(this.#window, atEnd) ?? 'auto';
    if (this.#format === 'auto') return;
    this.#bodyReader ??= new (this.#format === 'ndjson' ? LineReader : ValueReader)(
      this.#out,
      this.#maxEventBytes,
      this.#guess.line,
    );
    this.#bodyReader.read(this.#window, atEnd);
  }

  /** Whether enough was there to tell if the input begins with a byte order mark. */
  #skipMark(atEnd: boolean): boolean {
    const head = this.#window.view();
    const matching = BYTE_ORDER_MARK.findIndex((byte, index) => head[index] !== byte);
    if (matching < 0) this.#window.consume(BYTE_ORDER_MARK.length);
    return atEnd || matching < 0 || matching < head.length;
  }
}
