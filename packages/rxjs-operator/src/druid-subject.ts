import type { Tally, Target } from '@tranquility-js/core';
import { Observable, Subject } from 'rxjs';
import { druidObserver, type DruidObserver } from './druid-observer.js';
import { Fullness } from './fullness.js';
import type { DruidOptions } from './options.js';
import type { DruidOutcome } from './outcome.js';

/**
 * Takes events as an observer, and emits what became of each to whoever has subscribed by then. It sends whether anybody has or
 * not; `done` tells how it ended.
 */
class DruidSubject<E> extends Observable<DruidOutcome<E>> implements DruidObserver<E> {
  readonly #druid: DruidObserver<E>;
  readonly next: (event: E) => void;
  readonly error: (reason: unknown) => void;
  readonly complete: () => void;
  readonly unsubscribe: () => void;
  readonly drained: () => Promise<void>;
  readonly done: Promise<Tally>;
  /** Whether the sender is full, or not open yet, so that events wait; at once and with each change. */
  readonly bufferFull$: Observable<boolean>;

  constructor(target: Target<E>, options: DruidOptions) {
    const outcomes = new Subject<DruidOutcome<E>>();
    super((subscriber) => outcomes.subscribe(subscriber));
    const fullness = new Fullness();
    const bufferFull = fullness.add();
    this.bufferFull$ = fullness.isFull$;
    const outcome = (told: DruidOutcome<E>): void => {
      outcomes.next(told);
    };
    this.#druid = druidObserver<E>(target, { ...options, outcome, bufferFull });
    ({
      next: this.next,
      error: this.error,
      complete: this.complete,
      unsubscribe: this.unsubscribe,
      drained: this.drained,
      done: this.done,
    } = this.#druid);
    this.done.then(
      () => {
        outcomes.complete();
      },
      (reason: unknown) => {
        bufferFull(false);
        outcomes.error(reason);
      },
    );
  }

  get counters(): Tally {
    return this.#druid.counters;
  }

  get closed(): boolean {
    return this.#druid.closed;
  }

  get isFull(): boolean {
    return this.#druid.isFull;
  }
}

export type { DruidSubject };

/**
 * Makes a subject of events and of their outcomes: `subject.next(click)`, `clicks$.subscribe(subject)`, `subject.subscribe(outcome => …)`.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 */
export function druidSubject<E = unknown>(target: Target<E>, options: DruidOptions = {}): DruidSubject<E> {
  return new DruidSubject(target, options);
}
