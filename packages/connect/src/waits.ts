/** Lets whatever else is due go first. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resolves after so many milliseconds, or when the signal aborts. */
export function waited(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, millis);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
  });
}
