import { Duplex } from 'node:stream';
import { Feed, InOrder, type Outcome, type Tally, type Target } from '@tranquility-js/core';
import { dropError, type DropReport, type DruidStreamOptions } from './options.js';

/** How many events may be between the two sides of the stream. */
const defaultWindow = 16_384;

/** Passes on what a sender has sent. See {@link DruidTransform}. */
class Passage<E> extends Duplex {
  readonly #target: Target<E>;
  readonly #failsOnDrop: boolean;
  readonly #window: number;
  readonly #order = new InOrder<E>((event, outcome) => {
    this.#told(event, outcome);
  });
  /** Acknowledged events that the reader has not asked for yet; `null` behind the last. */
  readonly #ready: (E | null)[] = [];
  readonly #feed = new Feed<E>();
  #isAsked = false;
  #resume: (() => void) | undefined;

  constructor(target: Target<E>, { onDrop = 'report', highWaterMark = defaultWindow, signal }: DruidTransformOptions) {
    super({ objectMode: true, ...(signal === undefined ? {} : { signal }) });
    this.#target = target;
    this.#failsOnDrop = onDrop === 'error';
    this.#window = highWaterMark;
  }

  /** What was written so far, and what became of it. */
  get counters(): Tally {
    return this.#feed.tally;
  }

  override _construct(callback: Callback): void {
    this.#feed.open(this.#target).then(() => {
      callback();
    }, callback);
  }

  override _write(event: E, _encoding: BufferEncoding, callback: Callback): void {
    let room: Promise<void> | undefined;
    try {
      room = this.#feed.put(event, this.#order.receipt(event));
    } catch (error) {
      callback(error as Error);
      return;
    }
    const proceed = (): void => {
      this.#resume = callback;
      // Nothing else may come to fill the batch that all are waiting for.
      if (!this.#proceed()) this.#feed.flush();
    };
    if (room === undefined) proceed();
    else room.then(proceed, callback);
  }

  override _final(callback: Callback): void {
    this.#feed.end().then(() => {
      this.#ready.push(null);
      this.#pass();
      callback();
    }, callback);
  }

  override _read(): void {
    this.#isAsked = true;
    this.#pass();
  }

  override _destroy(error: Error | null, callback: Callback): void {
    this.#ready.length = 0;
    this.#feed.close({ timeout: 0 }).then(() => {
      callback(error);
    }, callback);
  }

  #told(event: E, outcome: Outcome): void {
    if (outcome.status === 'failed') {
      this.destroy(outcome.error);
    } else if (outcome.status === 'dropped') {
      const report: DropReport<E> = { event, reason: outcome.reason, message: outcome.message };
      if (this.listenerCount('drop') > 0) this.emit('drop', report);
      if (this.#failsOnDrop) this.destroy(dropError(report));
    } else {
      this.#ready.push(event);
    }
    this.#pass();
  }

  #pass(): void {
    if (this.destroyed) return;
    let passed = 0;
    while (this.#isAsked && passed < this.#ready.length) this.#isAsked = this.push(this.#ready[passed++]);
    this.#ready.splice(0, passed);
    this.#proceed();
  }

  /** Asks for the next event, if one was held back. @returns whether there was room for it. */
  #proceed(): boolean {
    if (this.#order.waiting + this.#ready.length >= this.#window) return false;
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
    return true;
  }
}

type Callback = (error?: Error | null) => void;

/** {@link DruidStreamOptions} for events as objects; `highWaterMark` is how many may be on their way, 16384 if not given. */
export type DruidTransformOptions = Omit<DruidStreamOptions, 'format'>;

interface Reports<E> {
  on(event: 'drop', listener: (report: DropReport<E>) => void): this;
  once(event: 'drop', listener: (report: DropReport<E>) => void): this;
}

/**
 * A stream of objects that passes each event on once Druid has acknowledged it, in the order in which they came, so that what
 * follows may commit them. Dropped events are not passed on: `drop` tells of them.
 */
export type DruidTransform<E = unknown> = Reports<E> & Passage<E>;

/**
 * Makes a stream that passes on what Druid has acknowledged: `pipeline(source, createDruidTransform(target), commit)`.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 * @throws (as the stream's error) what createSender throws; the error of an event that could not be delivered; TRQ_EVENT_DROPPED
 * with `onDrop: 'error'`.
 */
export function createDruidTransform<E = unknown>(
  target: Target<E>,
  options: DruidTransformOptions = {},
): DruidTransform<E> {
  return new Passage(target, options);
}
