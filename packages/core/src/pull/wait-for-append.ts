import type { PartitionLog } from '../journal/partition-log.js';

/**
 * Waits until one of the logs ends elsewhere than at the offset given with it, or the time, in milliseconds, is up.
 * @returns whether one has grown.
 * @throws the signal's reason when it aborts before.
 */
export function waitForAppend(
  logs: ReadonlyMap<PartitionLog, number>,
  millis: number,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const hasGrown = (): boolean => [...logs].some(([log, endOffset]) => log.endOffset !== endOffset);
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
    const timer = setTimeout(() => finish(false), millis);
    const stops = [...logs.keys()].map((log) => log.onAppend(() => finish(true)));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    else if (hasGrown()) finish(true);
  });
}
