/** The time that the sandbox lives in. */
export interface SandboxClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls back each time that the time has moved; only of a clock that is driven, without it the time runs by itself.
   * @returns how to stop listening.
   */
  readonly onMove?: (moved: () => void) => () => void;
}

/** The machine's clock. */
export const systemClock: SandboxClock = { now: () => Date.now() };
