import {
  Feed,
  InOrder,
  messageOf,
  TranquilityError,
  type Outcome,
  type Tally,
  type Target,
} from '@tranquility-js/core';
import { Backlog } from './backlog.js';
import type { DruidOptions } from './options.js';
import type { DruidOutcome } from './outcome.js';

/** {@link DruidOptions}, and who is told. What these throw becomes a warning of the process. */
export interface DruidObserverOptions<E = unknown> extends DruidOptions {
  /** Told what became of each event. */
  readonly outcome?: (outcome: DruidOutcome<E>) => void;
  /** Told when events begin to wait here, and when there is room again. At first there is none: the sender is not open yet. */
  readonly bufferFull?: (isFull: boolean) => void;
  /** Told as soon as nothing more is taken, as something has failed. `done` follows when everything is released. */
  readonly closed?: () => void;
}

/**
 * Takes events as an observer does, whatever calls it: RxJS of any version, another library of Observables, or your own code.
 * It needs nothing of RxJS.
 */
export interface DruidObserver<E = unknown> {
  /** Takes an event. After the end it does nothing. */
  readonly next: (event: E) => void;
  /** Says that the source has failed. What it gave before is still delivered; then `done` rejects with the reason. */
  readonly error: (reason: unknown) => void;
  /** Says that there is no more. */
  readonly complete: () => void;
  /** Gives up what is under way, unless the sender is somebody else's. */
  readonly unsubscribe: () => void;
  /** What was taken so far, and what became of it. */
  readonly counters: Tally;
  /** Whether events wait here, as the sender is full or not open yet. */
  readonly isFull: boolean;
  /** Whether it is over, or about to be with what has failed: nothing more is taken. */
  readonly closed: boolean;
  /** Resolves when there is room for more, or `closed`. */
  readonly drained: () => Promise<void>;
  /**
   * Resolves after the last outcome, when everything is released; rejects with what ended it before: what createSender throws,
   * the error of an event that could not be delivered, TRQ_BUFFER_FULL, TRQ_SENDER_CLOSED, the source's error, or TRQ_ABORTED
   * after `unsubscribe`. Nobody has to listen.
   */
  readonly done: Promise<Tally>;
}

const defaultBufferSize = 65_536;

class Inlet<E> implements DruidObserver<E> {
  readonly #options: DruidObserverOptions<E>;
  readonly #feed: Feed<E>;
  readonly #order: InOrder<E> | undefined;
  readonly #backlog = new Backlog<E>();
  readonly #bufferSize: number;
  readonly #roomWaiters: (() => void)[] = [];
  #isOpen = false;
  #isFull = true;
  /** What `bufferFull` knows: not that there was room for a moment, until what waits here took it. */
  #isToldFull = true;
  /** Whether the source has ended, and with what if it has failed. */
  #end: { readonly failure?: { readonly reason: unknown } } | undefined;
  #isOver = false;
  #settle: { resolve: (tally: Tally) => void; reject: (reason: unknown) => void } | undefined;
  readonly done: Promise<Tally>;

  constructor(target: Target<E>, options: DruidObserverOptions<E>) {
    const { ordered = true, bufferSize = defaultBufferSize } = options;
    if (!Number.isSafeInteger(bufferSize) || bufferSize < 1) {
      throw new RangeError(
        `bufferSize is ${bufferSize}; expected a positive integer, for example ${defaultBufferSize}.`,
      );
    }
    this.#options = options;
    this.#bufferSize = bufferSize;
    this.#order = ordered ? new InOrder<E>(this.#told) : undefined;
    this.#feed = new Feed<E>(
      ordered
        ? {}
        : {
            onSent: (count, events, from) => {
              for (let at = from; at < from + count; at++) this.#emit({ event: events[at] as E, status: 'sent' });
            },
            onUndelivered: (event, outcome) => {
              this.#told(event as E, outcome);
            },
          },
    );
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    // Who does not look at it has the callbacks.
    this.done.catch(() => undefined);
    this.#feed.open(target).then(this.#opened, this.#fail);
  }

  get counters(): Tally {
    return this.#feed.tally;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  get closed(): boolean {
    return this.#isOver;
  }

  readonly next = (event: E): void => {
    if (this.#end !== undefined || this.#isOver) return;
    if (this.#isFull) this.#hold(event);
    else this.#put(event);
  };

  readonly error = (reason: unknown): void => {
    this.#endWith({ failure: { reason } });
  };

  readonly complete = (): void => {
    this.#endWith({});
  };

  readonly unsubscribe = (): void => {
    this.#fail(new TranquilityError('TRQ_ABORTED', 'The subscription was ended before all outcomes were known'));
  };

  readonly drained = async (): Promise<void> => {
    if (!this.#isFull || this.#isOver) return;
    await new Promise<void>((resolve) => {
      this.#roomWaiters.push(resolve);
    });
  };

  readonly #opened = (): void => {
    this.#isOpen = true;
    this.#goOn();
  };

  /** Hands over what waits here, until the sender is full. */
  readonly #goOn = (): void => {
    if (this.#isOver) return;
    while (this.#backlog.size > 0) if (!this.#put(this.#backlog.shift())) return;
    this.#isFull = false;
    this.#wake();
    this.#tellFull(false);
    if (this.#end !== undefined) this.#finish(this.#end);
  };

  /** @returns whether there is room for more. */
  #put(event: E): boolean {
    try {
      const room = this.#feed.put(event, this.#order?.receipt(event));
      if (room === undefined) return true;
      room.then(this.#goOn, this.#fail);
    } catch (error) {
      this.#fail(error);
    }
    this.#isFull = true;
    this.#tellFull(true);
    return false;
  }

  #hold(event: E): void {
    const { overflow = 'buffer' } = this.#options;
    if (this.#backlog.size < (overflow === 'error' && this.#isOpen ? 0 : this.#bufferSize)) {
      this.#backlog.push(event);
    } else if (overflow === 'drop-newest') {
      this.#overflow(event);
    } else if (overflow === 'drop-oldest') {
      const oldest = this.#backlog.shift();
      this.#backlog.push(event);
      this.#overflow(oldest);
    } else {
      this.#fail(tooMuch(this.#backlog.size));
    }
  }

  #overflow(event: E): void {
    const message = `${this.#bufferSize} events waited for room already.`;
    this.#feed.drop(event, 'overflow', message);
    if (this.#order !== undefined) this.#emit({ event, status: 'dropped', reason: 'overflow', message });
  }

  readonly #told = (event: E, outcome: Outcome): void => {
    if (outcome.status === 'sent') this.#emit({ event, status: 'sent' });
    else if (outcome.status === 'dropped') {
      this.#emit({ event, status: 'dropped', reason: outcome.reason, message: outcome.message });
    } else if (this.#options.onFailure === 'outcome') this.#emit({ event, status: 'failed', error: outcome.error });
    else this.#fail(outcome.error);
  };

  #emit(outcome: DruidOutcome<E>): void {
    if (this.#isOver) return;
    try {
      this.#options.outcome?.(outcome);
    } catch (error) {
      warn(error);
    }
  }

  #tellFull(isFull: boolean): void {
    if (this.#isToldFull === isFull) return;
    this.#isToldFull = isFull;
    try {
      this.#options.bufferFull?.(isFull);
    } catch (error) {
      warn(error);
    }
  }

  #endWith(end: { readonly failure?: { readonly reason: unknown } }): void {
    if (this.#end !== undefined || this.#isOver) return;
    this.#end = end;
    if (!this.#isFull) this.#finish(end);
  }

  #finish({ failure }: { readonly failure?: { readonly reason: unknown } }): void {
    this.#feed.end().then((tally) => {
      if (this.#isOver) return;
      this.#isOver = true;
      if (failure === undefined) this.#settle?.resolve(tally);
      else this.#settle?.reject(failure.reason);
    }, this.#fail);
  }

  readonly #fail = (reason: unknown): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#backlog.clear();
    this.#wake();
    try {
      this.#options.closed?.();
    } catch (error) {
      warn(error);
    }
    const over = (): void => this.#settle?.reject(reason);
    this.#feed.close({ timeout: 0 }).then(over, over);
  };

  #wake(): void {
    for (const wake of this.#roomWaiters.splice(0)) wake();
  }
}

/** Tells of a callback that broke: that must not end the source. */
function warn(error: unknown): void {
  process.emitWarning(`A callback of a druidObserver threw: ${messageOf(error)}`);
}

function tooMuch(waiting: number): TranquilityError {
  return new TranquilityError(
    'TRQ_BUFFER_FULL',
    `The source is faster than Druid: ${waiting} events wait for room, and one more came. A source that can be slowed goes to druidFrom; else raise bufferSize, or let overflow drop events.`,
  );
}

/**
 * Makes an observer that sends what it is given to Druid: `clicks$.subscribe(druidObserver(target))`.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 * @throws RangeError when `bufferSize` is not a positive integer. All else shows in `done`.
 */
export function druidObserver<E = unknown>(target: Target<E>, options: DruidObserverOptions<E> = {}): DruidObserver<E> {
  return new Inlet(target, options);
}
