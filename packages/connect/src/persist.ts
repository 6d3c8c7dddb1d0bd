import { waited } from './waits.js';

/** The first pause between two attempts, in milliseconds. */
export const firstPause = 500;
const longestPause = 30_000;

export interface Persistence {
  /** Whether it is still to be done. */
  readonly isWanted: () => boolean;
  /** Ends a pause. */
  readonly signal: AbortSignal;
  /** Whether what was thrown may be gone the next time. */
  readonly mayPass: (error: unknown) => boolean;
  /** Told of each that may. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Tries until it is done, with pauses that get longer.
 * @returns whether it is done; not when it is no longer wanted.
 * @throws (as a rejection) what an attempt throws, where that does not pass.
 */
export async function persist(
  attempt: () => Promise<void> | undefined,
  { isWanted, signal, mayPass, onTrouble }: Persistence,
): Promise<boolean> {
  for (let pause = firstPause; isWanted(); pause = Math.min(2 * pause, longestPause)) {
    try {
      await attempt();
      return true;
    } catch (error) {
      if (!mayPass(error)) throw error;
      onTrouble(error);
    }
    await waited(pause, signal);
  }
  return false;
}
