/** What became of the records of a stream. All numbers only grow. */
export interface StreamCounters {
  /** Records that were read. */
  readonly received: number;
  /** Bytes of their values. */
  readonly bytes: number;
  /** Events that Druid acknowledged. One record may hold several. */
  readonly sent: number;
  /** Events that the filter left out, and records that hold nothing. */
  readonly filtered: number;
  /** Events and records that were dropped, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Dead letters that were kept: one for each record of which something was dropped. */
  readonly deadLetters: number;
  /** Events that were sent again after they had failed. */
  readonly retried: number;
}

/** The live counters of a stream. */
export class StreamTally {
  received = 0;
  bytes = 0;
  sent = 0;
  filtered = 0;
  deadLetters = 0;
  retried = 0;
  readonly #dropped = new Map<string, number>();

  drop(reason: string): void {
    this.#dropped.set(reason, (this.#dropped.get(reason) ?? 0) + 1);
  }

  snapshot(): StreamCounters {
    const { received, bytes, sent, filtered, deadLetters, retried } = this;
    return { received, bytes, sent, filtered, dropped: Object.fromEntries(this.#dropped), deadLetters, retried };
  }
}
