import { within } from '@tranquility-js/connect';

/**
 * Waits for something until the signal aborts, and for so many milliseconds at least; it goes on all the same.
 * @returns what it gives; nothing if it was not in time.
 * @throws (as a rejection) what it throws.
 */
export async function withGrace<T>(work: Promise<T>, signal: AbortSignal, millis: number): Promise<T | undefined> {
  const grace = AbortSignal.timeout(millis);
  return (await within(work, signal)) ?? within(work, grace);
}
