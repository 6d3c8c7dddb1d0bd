/** What a process leaves behind when it stops. */
export interface StopReport {
  /** Whether all work was done in time. */
  readonly drained: boolean;
  /** What was left, in words for people; empty when nothing was. */
  readonly left: readonly string[];
}

export interface LifeCycle {
  /** Calls back each time that somebody wants the process to end. Returns how to stop listening. */
  readonly onInterrupt: (interrupt: () => void) => () => void;
  /**
   * Takes no more work, does what is under way, and releases everything. It ends within its own limit.
   * @param now aborts when somebody does not want to wait.
   */
  readonly stop: (now: AbortSignal) => Promise<StopReport>;
  /** Rejects when the process cannot go on; then it is stopped too. */
  readonly broken?: Promise<never>;
}

/**
 * Waits until the process is told to end, or cannot go on, and stops it. Whoever tells it a second time does not want to wait.
 * @throws (as a rejection) what has broken.
 */
export async function runUntilStopped({ onInterrupt, stop, broken }: LifeCycle): Promise<StopReport> {
  const now = new AbortController();
  let interrupts = 0;
  let release = (): void => undefined;
  const interrupted = new Promise<void>((resolve) => {
    release = onInterrupt(() => {
      if (++interrupts > 1) now.abort();
      resolve();
    });
  });
  try {
    await Promise.race(broken === undefined ? [interrupted] : [interrupted, broken]);
  } catch (error) {
    await stop(now.signal);
    throw error;
  } finally {
    if (interrupts === 0) release();
  }
  try {
    return await stop(now.signal);
  } finally {
    release();
  }
}
