import type { PartitionLog } from '../journal/partition-log.js';

/** Where a log stood at a look. */
export type LogPlace = Pick<PartitionLog, 'endOffset' | 'written'>;

/**
 * Waits until so many bytes were written to the logs together since the places given with them, or others are shown, or the time, in
 * milliseconds, is up.
 * @returns whether they have grown.
 * @throws the signal's reason when it aborts before.
 */
export function waitForAppend(
  logs: ReadonlyMap<PartitionLog, LogPlace>,
  bytes: number,
  millis: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const hasGrown = (): boolean => {
      if (![...logs].some(([log, { endOffset }]) => log.endOffset !== endOffset)) return false;
      const grown = [...logs].reduce((sum, [log, { written }]) => sum + log.written - written, 0);
      // What is shown now may have been written long before.
      return grown === 0 || grown >= bytes;
    };
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
      for (const stop of stops) stop();
    };
    const finish = (grown: boolean): void => {
      end();
      resolve(grown);
    };
    const abort = (): void => {
      end();
      reject(signal.reason as Error);
    };
    const look = (): void => {
      if (hasGrown()) finish(true);
    };
    const timer = setTimeout(() => finish(false), millis);
    const stops = [...logs.keys()].map((log) => log.onAppend(look));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else look();
  });
}
