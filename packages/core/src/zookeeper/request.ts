import { messageOf } from '../errors/tranquility-error.js';
import type { JuteReader } from './jute.js';
import { timerMillis } from '../time/timer-millis.js';
import type { Operation } from './protocol.js';
import type { Watcher } from './watches.js';
import { refused, reasonOfNumber } from './zookeeper-error.js';

/** How one request is made. */
export interface RequestOptions {
  /** Milliseconds until it is given up. Default: the client's. */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A request on its way: queued, sent, or settled. It settles once, at the latest at its deadline. */
export class Request<T = unknown> {
  readonly operation: Operation<T>;
  readonly watcher: Watcher | undefined;
  readonly answer: Promise<T>;
  settled = false;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly #stopWaiting: () => void;

  constructor(
    operation: Operation<T>,
    watcher: Watcher | undefined,
    timeout: number,
    onTimeout: () => Error,
    signal: AbortSignal | undefined,
  ) {
    this.operation = operation;
    this.watcher = watcher;
    let resolve: (value: T) => void = () => undefined;
    let reject: (error: unknown) => void = () => undefined;
    this.answer = new Promise<T>((onValue, onError) => {
      resolve = onValue;
      reject = onError;
    });
    this.#resolve = resolve;
    this.#reject = reject;
    const timer = setTimeout(() => {
      this.fail(onTimeout());
    }, timerMillis(timeout));
    const abort = (): void => {
      this.fail(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    this.#stopWaiting = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
    if (signal?.aborted === true) abort();
  }

  /** What it asks, for messages: `getData of /a/b`. */
  get text(): string {
    return `${this.operation.name} of ${this.operation.path}`;
  }

  /** Takes the server's answer. An answer that comes too late is let go. */
  take(error: number, reader: JuteReader): void {
    if (this.settled) return;
    if (error !== 0) {
      this.fail(refused(this.text, reasonOfNumber(error), error));
      return;
    }
    try {
      const value = this.operation.read(reader);
      this.#settle();
      this.#resolve(value);
    } catch (cause) {
      this.fail(refused(`${this.text}: ${messageOf(cause)}`, 'OTHER'));
    }
  }

  fail(error: unknown): void {
    if (this.settled) return;
    this.#settle();
    this.#reject(error);
  }

  #settle(): void {
    this.settled = true;
    this.#stopWaiting();
  }
}
