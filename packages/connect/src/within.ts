/**
 * Waits for something until the signal aborts; it goes on all the same.
 * @returns what it gives; nothing if the signal was first.
 * @throws (as a rejection) what it throws.
 */
export async function within<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  let end = (): void => undefined;
  const ended = new Promise<undefined>((resolve) => {
    end = () => {
      resolve(undefined);
    };
  });
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  try {
    return await Promise.race([work, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
