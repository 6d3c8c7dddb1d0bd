import type { Clock } from './clock.js';

/** Resolves when the work is done, or after so many milliseconds; the work goes on then. */
export async function within(work: Promise<unknown>, millis: number, clock: Clock): Promise<void> {
  const waking = new AbortController();
  await Promise.race([work, clock.sleep(Math.max(0, millis), waking.signal).catch(() => undefined)]);
  waking.abort();
}
