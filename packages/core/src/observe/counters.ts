/**
 * What a sender has done so far. All numbers only grow. `received` = sent + dropped + failed + what is still under way, but for events that
 * come out of the journal before the lane realtime (`realtime.journal`): one that is dropped then counts in `sent` and in `dropped`.
 */
export interface CounterSnapshot {
  /** Events handed in. */
  readonly received: number;
  /** Events that Druid acknowledged, or that a journal has on disk. */
  readonly sent: number;
  /** Events dropped for a named reason, by reason. Reasons that never occurred are absent. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Events whose fate is unknown or that could not be delivered; the caller may send them again. */
  readonly failed: number;
  /** Events of `sent` whose tasks have all failed since, before they published. */
  readonly lost: number;
  /** Batches that were delivered, whatever their outcome. */
  readonly batches: number;
  /** Bytes of pushes that Druid acknowledged, as they were sent. */
  readonly bytes: number;
  /** HTTP requests that were made again after a failure. */
  readonly retries: number;
  /** Tasks that were created. */
  readonly tasksCreated: number;
  /** Tasks that existed already and were taken over. */
  readonly tasksAdopted: number;
}

/** The live counters behind {@link CounterSnapshot}. */
export class Counters {
  received = 0;
  sent = 0;
  failed = 0;
  lost = 0;
  batches = 0;
  bytes = 0;
  retries = 0;
  tasksCreated = 0;
  tasksAdopted = 0;
  readonly #dropped = new Map<string, number>();

  drop(reason: string, count = 1): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + count);
  }

  snapshot(): CounterSnapshot {
    const { received, sent, failed, lost, batches, bytes, retries, tasksCreated, tasksAdopted } = this;
    return {
      received,
      sent,
      dropped: Object.fromEntries(this.#dropped),
      failed,
      lost,
      batches,
      bytes,
      retries,
      tasksCreated,
      tasksAdopted,
    };
  }
}
