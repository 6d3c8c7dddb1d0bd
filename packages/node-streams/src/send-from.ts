import { Feed, type Tally, type Target } from '@tranquility-js/core';
import type { DropReport } from './options.js';

export interface SendFromOptions {
  /** Called as batches are acknowledged and events dropped, with what was counted so far. */
  readonly onProgress?: (tally: Tally) => void;
  /** Told about each event that is dropped. */
  readonly onDrop?: (report: DropReport) => void;
  /** Ends the sending: the promise rejects with its reason, and what is under way is given up. */
  readonly signal?: AbortSignal;
}

/**
 * Sends all events of an iterable, sync or async, slowing it down when Druid is slower.
 * @param target a config and its dataSource, for a sender of its own; or a sender, which is left open.
 * @returns when every event has its outcome: how many were sent, dropped by reason, and failed.
 * @throws (as a rejection) what createSender throws, what the iterable throws, the signal's reason.
 */
export async function sendFrom(
  events: Iterable<unknown> | AsyncIterable<unknown>,
  target: Target,
  { onProgress, onDrop, signal }: SendFromOptions = {},
): Promise<Tally> {
  signal?.throwIfAborted();
  const feed = await Feed.open(target, {
    onSent: () => onProgress?.(feed.tally),
    onUndelivered: (event, outcome) => {
      if (outcome.status === 'dropped') onDrop?.({ event, reason: outcome.reason, message: outcome.message });
      onProgress?.(feed.tally);
    },
  });
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  aborted.catch(() => undefined);
  const room = (): Promise<void> => Promise.race([feed.drained(signal === undefined ? {} : { signal }), aborted]);
  try {
    if (Symbol.asyncIterator in events) {
      for await (const event of events) if (!feed.write(event)) await room();
    } else {
      for (const event of events) if (!feed.write(event)) await room();
    }
    return await Promise.race([feed.end(), aborted]);
  } catch (error) {
    await feed.close({ timeout: 0 });
    throw error;
  }
}
