import type { Target } from '@tranquility-js/core';
import { Observable, Subject, takeUntil, type Subscriber } from 'rxjs';
import { druidObserver, type DruidObserver, type DruidObserverOptions } from './druid-observer.js';
import { Fullness } from './fullness.js';
import type { DruidOptions } from './options.js';
import type { DruidOutcome } from './outcome.js';

/** What {@link toDruid} makes: an operator. */
export interface DruidOperator<E = unknown> {
  <T extends E>(source: Observable<T>): Observable<DruidOutcome<T>>;
  /** Whether the sender of a subscription is full, or not open yet, so that events wait; at once and with each change. */
  readonly bufferFull$: Observable<boolean>;
}

/**
 * Makes an operator that sends each event to Druid and emits what became of it: `clicks$.pipe(toDruid(target))`. It completes after
 * the last outcome. A failure of the source comes after the outcomes of the events before it. Unsubscribing gives up what is under
 * way, unless the sender was given.
 * @param target a config and its dataSource, for a sender of each subscription's own; or a sender, which is left open.
 * @throws (as the error of what it emits) what createSender throws, the error of an event that could not be delivered,
 * TRQ_BUFFER_FULL, TRQ_SENDER_CLOSED.
 */
export function toDruid<E = unknown>(target: Target<E>, options: DruidOptions = {}): DruidOperator<E> {
  const fullness = new Fullness();
  const operator = <T extends E>(source: Observable<T>): Observable<DruidOutcome<T>> =>
    new Observable((subscriber) => {
      // A source that gives everything at once must learn at once that nobody takes it any more.
      const closed$ = new Subject<void>();
      const druid = subscribed<T>(subscriber, target, options, {
        bufferFull: fullness.add(),
        closed: () => {
          closed$.next();
        },
      });
      subscriber.add(source.pipe(takeUntil(closed$)).subscribe(druid));
    });
  return Object.assign(operator, { bufferFull$: fullness.isFull$ });
}

/**
 * Sends what an iterable gives, sync or async, and emits what became of it, as `from(source).pipe(toDruid(target))` does, but asks for
 * the next event only when there is room: an Observable cannot be told to wait, an iterable can. Readable streams are iterables.
 * @param target as of {@link toDruid}.
 * @throws (as the error of what it emits) what {@link toDruid} throws, and what the iterable throws.
 */
export function druidFrom<E = unknown, T extends E = E>(
  source: Iterable<T> | AsyncIterable<T>,
  target: Target<E>,
  options: Omit<DruidOptions, 'overflow' | 'bufferSize'> = {},
): Observable<DruidOutcome<T>> {
  return new Observable((subscriber) => {
    const druid = subscribed<T>(subscriber, target, options);
    pull(source, druid).then(druid.complete, druid.error);
  });
}

/** An observer whose outcomes go to a subscriber, and which ends with it. */
function subscribed<T>(
  subscriber: Subscriber<DruidOutcome<T>>,
  target: Target<T>,
  options: DruidOptions,
  told: Pick<DruidObserverOptions, 'bufferFull' | 'closed'> = {},
): DruidObserver<T> {
  subscriber.add(() => told.bufferFull?.(false));
  const outcome = (outcome: DruidOutcome<T>): void => {
    subscriber.next(outcome);
  };
  const druid = druidObserver<T>(target, { ...options, ...told, outcome });
  subscriber.add(druid.unsubscribe);
  druid.done.then(
    () => {
      subscriber.complete();
    },
    (reason: unknown) => {
      subscriber.error(reason);
    },
  );
  return druid;
}

/**
 * Hands over what a source gives as there is room for it, until it has no more or the observer wants none. The first event is asked for
 * at once: some sources (readline) lose what comes before.
 */
async function pull<T>(source: Iterable<T> | AsyncIterable<T>, druid: DruidObserver<T>): Promise<void> {
  if (Symbol.asyncIterator in source) {
    for await (const event of source) {
      druid.next(event);
      if (druid.isFull) await druid.drained();
      if (druid.closed) return;
    }
  } else {
    for (const event of source) {
      druid.next(event);
      if (druid.isFull) await druid.drained();
      if (druid.closed) return;
    }
  }
}
