import { Feed, type Tally, type Target } from '@tranquility-js/core';
import type { DropReport } from './options.js';

export interface SendFromOptions<E = unknown> {
  /** Called as batches are acknowledged and events dropped, with what was counted so far. */
  readonly progress?: (tally: Tally) => void;
  /** Told about each event that is dropped. */
  readonly dropped?: (report: DropReport<E>) => void;
  /** Ends the sending: the promise rejects with its reason, and what is under way is given up. */
  readonly signal?: AbortSignal;
}

/**
 * Sends all events of an iterable, sync or async, slowing it down when Druid is slower.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 * @returns when every event has its outcome: how many were sent, dropped by reason, and failed.
 * @throws (as a rejection) what createSender throws, what the iterable throws, the signal's reason; TRQ_SENDER_CLOSED.
 */
export async function sendFrom<E>(
  events: Iterable<E | Uint8Array> | AsyncIterable<E | Uint8Array>,
  target: Target<E>,
  { progress, dropped, signal }: SendFromOptions<E> = {},
): Promise<Tally> {
  signal?.throwIfAborted();
  const feed = new Feed<E>({
    onSent: () => progress?.(feed.tally),
    onUndelivered: (event, outcome) => {
      if (outcome.status === 'dropped') dropped?.({ event, reason: outcome.reason, message: outcome.message });
      progress?.(feed.tally);
    },
  });
  await feed.open(target);
  const sending = signal === undefined ? send(events, feed) : untilAborted(signal, send(events, feed, signal));
  try {
    return await sending;
  } catch (error) {
    await feed.close({ timeout: 0 });
    throw error;
  }
}

async function send<E>(
  events: Iterable<E | Uint8Array> | AsyncIterable<E | Uint8Array>,
  feed: Feed<E>,
  signal?: AbortSignal,
): Promise<Tally> {
  if (Symbol.asyncIterator in events) {
    for await (const event of events) {
      signal?.throwIfAborted();
      const room = feed.put(event);
      if (room !== undefined) await room;
    }
  } else {
    for (const event of events) {
      const room = feed.put(event);
      if (room !== undefined) await room;
      signal?.throwIfAborted();
    }
  }
  return feed.end();
}

/** What the promise gives, or at once the signal's reason: the source may be one that waits for ever. */
async function untilAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => {
      reject(signal.reason as Error);
    };
  });
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
