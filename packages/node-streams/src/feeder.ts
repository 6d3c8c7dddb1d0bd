import { Feed, JsonReader, type Tally, type Target, type Undelivered } from '@tranquility-js/core';
import { dropError, type DropReport, type DruidStreamOptions } from './options.js';

/** What a stream learns of its events. */
export interface FeederEvents<E> {
  sent(count: number): void;
  dropped(report: DropReport<E>): void;
  /** The stream cannot go on. */
  failed(error: Error): void;
}

/** What to wait for before more is written; nothing, if there is room. */
export type Room = Promise<void> | undefined;

/** Brings the chunks of a stream to a sender. What Node's and the web's writables have in common. */
export class Feeder<E> {
  readonly #events: FeederEvents<E>;
  readonly #failsOnDrop: boolean;
  readonly #reader: JsonReader | undefined;
  readonly #feed: Feed<E>;
  #failure: Error | undefined;
  #isClosed = false;

  constructor({ format = 'objects', onDrop = 'report' }: DruidStreamOptions, events: FeederEvents<E>) {
    this.#events = events;
    this.#failsOnDrop = onDrop === 'error';
    this.#reader = format === 'ndjson' ? new JsonReader({ raw: true }) : undefined;
    this.#feed = new Feed<E>({
      onSent: (count) => {
        events.sent(count);
      },
      onUndelivered: (event, outcome) => {
        this.#undelivered(event, outcome);
      },
    });
  }

  /** What was written so far, and what became of it. */
  get tally(): Tally {
    return this.#feed.tally;
  }

  /** @throws (as a rejection) what createSender throws. */
  open(target: Target<E>): Promise<void> {
    return this.#feed.open(target);
  }

  /**
   * Takes a chunk.
   * @throws (at once or as a rejection) TRQ_SENDER_CLOSED; TypeError for a chunk that cannot hold NDJSON.
   */
  write(chunk: unknown): Room {
    if (this.#reader === undefined) return this.#put(chunk as E);
    this.#reader.push(bytesOf(chunk));
    return this.#putRead(this.#reader);
  }

  /** Takes several chunks, and waits between them where the sender is full. @throws as `write`. */
  writeAll(chunks: readonly { chunk: unknown }[]): Room {
    return each(chunks, ({ chunk }) => this.write(chunk));
  }

  /** Resolves when every event has its outcome. @throws (as a rejection) what the stream has failed with. */
  async end(): Promise<void> {
    if (this.#reader !== undefined) {
      this.#reader.end();
      await this.#putRead(this.#reader);
    }
    await this.#feed.end();
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Gives up what is under way, if the sender is the stream's own, and takes nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#feed.close({ timeout: 0 });
  }

  #put(event: E | Uint8Array): Room {
    return this.#isClosed ? undefined : this.#feed.put(event);
  }

  #putRead(reader: JsonReader): Room {
    const batch = reader.take();
    if (batch === undefined) return undefined;
    for (const { input, line, reason } of batch.refused)
      this.#feed.drop(input, 'unparseable', `Line ${line}: ${reason}`);
    return each(batch.events, (event) => this.#put(event as Buffer));
  }

  #undelivered(event: E | Uint8Array | string, outcome: Undelivered): void {
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

/** Puts one item after the other. */
function each<T>(items: readonly T[], put: (item: T) => Room): Room {
  let done = 0;
  for (const item of items) {
    done++;
    const room = put(item);
    if (room !== undefined) return eachOf(items.slice(done), room, put);
  }
  return undefined;
}

async function eachOf<T>(items: readonly T[], before: Promise<void>, put: (item: T) => Room): Promise<void> {
  await before;
  for (const item of items) await put(item);
}

function bytesOf(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === 'string') return Buffer.from(chunk);
  throw new TypeError(
    `With format 'ndjson' a chunk must be bytes or a text, not ${chunk === null ? 'null' : typeof chunk}. Leave the format out to write objects.`,
  );
}
