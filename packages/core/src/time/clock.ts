import { setTimeout as sleep } from 'node:timers/promises';
import { longestTimer, timerMillis } from './timer-millis.js';

/** The time, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after so many milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (millis, signal) => {
    try {
      let left = millis;
      do {
        await sleep(timerMillis(left), undefined, signal === undefined ? {} : { signal });
        left -= longestTimer;
      } while (left > 0);
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
