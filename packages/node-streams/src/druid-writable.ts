import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Tally, Target } from '@tranquility-js/core';
import { Feeder, type Room } from './feeder.js';
import type { DeliveryReport, DropReport, DruidStreamOptions } from './options.js';

/** Stands in Node's queue for an event that the sender has taken already, until there is room behind it. */
class Full {
  readonly room: Promise<void>;

  constructor(room: Promise<void>) {
    this.room = room;
  }
}

/** Writes each chunk to a sender. See {@link DruidWritable}. */
class Sink<E> extends Writable implements AsyncDisposable {
  readonly #target: Target<E>;
  readonly #feeder: Feeder<E>;
  readonly #takesObjects: boolean;
  #isOpen = false;

  constructor(target: Target<E>, options: DruidStreamOptions) {
    const { format = 'objects', highWaterMark, signal } = options;
    super({
      objectMode: format === 'objects',
      ...(highWaterMark === undefined ? {} : { highWaterMark }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.#target = target;
    this.#takesObjects = format === 'objects';
    this.#feeder = new Feeder<E>(options, {
      sent: (count) => this.#report('delivery', { count }),
      dropped: (report) => this.#report('drop', report),
      failed: (error) => this.destroy(error),
    });
  }

  /** What was written so far, and what became of it. */
  get counters(): Tally {
    return this.#feeder.tally;
  }

  /**
   * Ends the stream, and resolves when Druid has acknowledged everything; at once if it was destroyed before.
   * @throws (as a rejection) the stream's error.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.destroyed && this.errored === null) return;
    if (!this.writableEnded) this.end();
    await finished(this);
  }

  /**
   * As of every Writable. Node's queue costs an event a tenth of what the sender does with it, so it is used only where there is something
   * to wait for.
   */
  override write(chunk: unknown, encoding?: BufferEncoding | Callback, callback?: Callback): boolean {
    if (this.#isDirect && chunk !== null && encoding === undefined && callback === undefined) {
      try {
        const room = this.#feeder.write(chunk);
        return room === undefined || super.write(new Full(room));
      } catch (error) {
        this.destroy(error as Error);
        return false;
      }
    }
    return super.write(chunk, encoding as BufferEncoding, callback);
  }

  override _construct(callback: Callback): void {
    settle(this.#feeder.open(this.#target), (error) => {
      this.#isOpen = true;
      callback(error);
    });
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, callback: Callback): void {
    let room: Room;
    try {
      room = chunk instanceof Full ? chunk.room : this.#feeder.write(chunk);
    } catch (error) {
      callback(error as Error);
      return;
    }
    if (room === undefined) callback();
    else settle(room, callback);
  }

  /** Only what came while the sender was full, or not open yet: never a {@link Full}, which is written alone. */
  override _writev(chunks: { chunk: unknown }[], callback: Callback): void {
    let room: Room;
    try {
      room = this.#feeder.writeAll(chunks);
    } catch (error) {
      callback(error as Error);
      return;
    }
    if (room === undefined) callback();
    else settle(room, callback);
  }

  override _final(callback: Callback): void {
    settle(this.#feeder.end(), callback);
  }

  override _destroy(error: Error | null, callback: Callback): void {
    settle(this.#feeder.close(), (closing) => {
      callback(error ?? closing);
    });
  }

  /** Whether nothing stands in Node's queue, nor has to. */
  get #isDirect(): boolean {
    return (
      this.#takesObjects &&
      this.#isOpen &&
      this.writableLength === 0 &&
      this.writableCorked === 0 &&
      !this.writableEnded &&
      !this.destroyed
    );
  }

  #report(name: 'delivery' | 'drop', report: DeliveryReport | DropReport<E>): void {
    if (this.listenerCount(name) > 0) this.emit(name, report);
  }
}

type Callback = (error?: Error | null) => void;

function settle(work: Promise<void>, callback: Callback): void {
  work.then(
    () => {
      callback();
    },
    (error: unknown) => {
      callback(error as Error);
    },
  );
}

interface Reports<E> {
  on(event: 'drop', listener: (report: DropReport<E>) => void): this;
  on(event: 'delivery', listener: (report: DeliveryReport) => void): this;
  once(event: 'drop', listener: (report: DropReport<E>) => void): this;
  once(event: 'delivery', listener: (report: DeliveryReport) => void): this;
}

/**
 * A Writable that sends each chunk to Druid. `write()` gives false when the sender is full, and `drain` comes when it has room;
 * `finish` comes when Druid has acknowledged every event that was not dropped.
 *
 * It emits `drop` for each event that is dropped and `delivery` for each batch that was acknowledged. An event that could not be
 * delivered destroys it with the sender's error.
 */
export type DruidWritable<E = unknown> = Reports<E> & Sink<E>;

/**
 * Makes a Writable that sends what is written to Druid: `pipeline(source, createDruidWritable(target))`.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 * @throws (as the stream's error) what createSender throws; the error of an event that could not be delivered; TRQ_EVENT_DROPPED
 * with `onDrop: 'error'`.
 */
export function createDruidWritable<E = unknown>(
  target: Target<E>,
  options: DruidStreamOptions = {},
): DruidWritable<E> {
  return new Sink(target, options);
}
