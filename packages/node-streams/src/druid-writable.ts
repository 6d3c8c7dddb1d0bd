import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Tally, Target } from '@tranquility-js/core';
import { Feeder, type Room } from './feeder.js';
import type { DeliveryReport, DropReport, DruidStreamOptions } from './options.js';

/** Writes each chunk to a sender. See {@link DruidWritable}. */
class Sink<E> extends Writable implements AsyncDisposable {
  readonly #target: Target<E>;
  readonly #feeder: Feeder<E>;

  constructor(target: Target<E>, options: DruidStreamOptions) {
    const { format = 'objects', highWaterMark, signal } = options;
    super({
      objectMode: format === 'objects',
      ...(highWaterMark === undefined ? {} : { highWaterMark }),
      ...(signal === undefined ? {} : { signal }),
    });
    this.#target = target;
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

  override _construct(callback: Callback): void {
    settle(this.#feeder.open(this.#target), callback);
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, callback: Callback): void {
    let room: Room;
    try {
      room = this.#feeder.write(chunk);
    } catch (error) {
      callback(error as Error);
      return;
    }
    if (room === undefined) callback();
    else settle(room, callback);
  }

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
