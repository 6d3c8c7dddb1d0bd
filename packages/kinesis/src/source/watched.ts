import type { Clock } from '@tranquility-js/core';
import { waited } from './patience.js';

export interface WatchOptions {
  readonly clock: Clock;
  /** The longest time without an event, in milliseconds. */
  readonly silentMillis: number;
  readonly signal: AbortSignal;
}

/**
 * The events of a subscription, as long as they come: a connection may be dead without a word. The time in which nobody asks for the next
 * event does not count.
 * @param subscribe opens the subscription, and closes it when its signal aborts.
 * @throws what it throws; an Error when nothing comes for too long.
 */
export async function* watched<T>(
  subscribe: (signal: AbortSignal) => Promise<AsyncIterable<T>>,
  { clock, silentMillis, signal }: WatchOptions,
): AsyncGenerator<T> {
  const ending = new AbortController();
  const inTime = async <R>(work: Promise<R>): Promise<R> => {
    const watch = new AbortController();
    const silence = waited(clock, silentMillis, watch.signal).then(() => {
      throw new Error(`Nothing came for ${silentMillis / 1000} s.`);
    });
    try {
      return await Promise.race([work, silence]);
    } finally {
      watch.abort();
    }
  };
  let events: AsyncIterator<T> | undefined;
  try {
    const found = await inTime(subscribe(AbortSignal.any([signal, ending.signal])));
    events = found[Symbol.asyncIterator]();
    for (let next = await inTime(events.next()); next.done !== true; next = await inTime(events.next())) {
      yield next.value;
    }
  } finally {
    // Not waited for: a read that hangs ends with the subscription.
    events?.return?.().catch(() => undefined);
    ending.abort();
  }
}
