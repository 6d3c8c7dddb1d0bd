import { timerMillis } from '@tranquility-js/core/internal';

/** Aborts after so many milliseconds, or with the other signal. */
export function timeLimit(millis: number, signal?: AbortSignal): AbortSignal {
  const limit = new AbortController();
  const end = (): void => {
    limit.abort();
  };
  setTimeout(end, timerMillis(millis)).unref();
  if (signal?.aborted === true) end();
  else signal?.addEventListener('abort', end, { once: true });
  return limit.signal;
}
