import { Feed, JsonReader, TranquilityError, type Tally, type Target, type Undelivered } from '@tranquility-js/core';
import { dropError, type DropReport, type DruidStreamOptions } from './options.js';

/** What a stream learns of its events. */
export interface FeederEvents {
  sent(count: number): void;
  dropped(report: DropReport): void;
  /** The stream cannot go on. */
  failed(error: Error): void;
}

const nothing: Tally = { received: 0, sent: 0, dropped: {}, failed: 0 };

/** Brings the chunks of a stream to a sender. What Node's and the web's writables have in common. */
export class Feeder {
  readonly #events: FeederEvents;
  readonly #failsOnDrop: boolean;
  readonly #reader: JsonReader | undefined;
  readonly #abort = new AbortController();
  #feed: Feed | undefined;
  #failure: Error | undefined;

  constructor({ format = 'objects', onDrop = 'report' }: DruidStreamOptions, events: FeederEvents) {
    this.#events = events;
    this.#failsOnDrop = onDrop === 'error';
    this.#reader = format === 'ndjson' ? new JsonReader({ raw: true }) : undefined;
  }

  /** What was written so far, and what became of it. */
  get tally(): Tally {
    return this.#feed?.tally ?? nothing;
  }

  async open(target: Target): Promise<void> {
    this.#feed = await Feed.open(target, {
      onSent: (count) => {
        this.#events.sent(count);
      },
      onUndelivered: (event, outcome) => {
        this.#undelivered(event, outcome);
      },
    });
  }

  /** Takes a chunk. @returns whether there is room for more; if not, wait for `drained()`. */
  write(chunk: unknown): boolean {
    if (this.#reader === undefined) return this.#opened.write(chunk);
    this.#reader.push(bytesOf(chunk));
    return this.#writeRead(this.#reader);
  }

  drained(): Promise<void> {
    return this.#opened.drained({ signal: this.#abort.signal });
  }

  /** Resolves when every event has its outcome. @throws (as a rejection) what the stream has failed with. */
  async end(): Promise<void> {
    if (this.#reader !== undefined) {
      this.#reader.end();
      this.#writeRead(this.#reader);
    }
    await this.#opened.end();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Gives up what is under way, if the sender is the stream's own. */
  async close(): Promise<void> {
    this.#abort.abort();
    await this.#feed?.close({ timeout: 0 });
  }

  get #opened(): Feed {
    if (this.#feed === undefined) throw new TranquilityError('TRQ_INTERNAL', 'The stream is not open');
    return this.#feed;
  }

  #writeRead(reader: JsonReader): boolean {
    const batch = reader.take();
    if (batch === undefined) return true;
    const feed = this.#opened;
    let hasRoom = true;
    for (const event of batch.events) hasRoom = feed.write(event);
    for (const { excerpt, line, reason } of batch.refused) feed.refuse(excerpt, `Line ${line}: ${reason}`);
    return hasRoom;
  }

  #undelivered(event: unknown, outcome: Undelivered): void {
    if (outcome.status === 'failed') {
      this.#fail(outcome.error);
      return;
    }
    const report = { event, reason: outcome.reason, message: outcome.message };
    this.#events.dropped(report);
    if (this.#failsOnDrop) this.#fail(dropError(report));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#events.failed(error);
  }
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw new TypeError(
    `With format 'ndjson' a chunk must be bytes or a text, not ${chunk === null ? 'null' : typeof chunk}. Leave the format out to write objects.`,
  );
}
