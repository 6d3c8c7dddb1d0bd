const hour = 3_600_000;

/** A window in which the next hour takes events too: a bucket's turn need not be waited for. */
export const twoHours = { segmentGranularity: 'HOUR', windowPeriod: 'PT2H' } as const;

/** The times of events, which tell when a bucket begins: those of this hour, until every other is of the next one. */
export class TwoBuckets {
  readonly first = Date.now() - (Date.now() % hour);
  readonly second = this.first + hour;
  #turned = false;

  /** From now on every other event is of the next hour. */
  turn(): void {
    this.#turned = true;
  }

  /** The time of the event of this index, for {@link flow}. */
  readonly timeOf = (index: number): number => {
    const withinHour = (index % 3_600) * 1_000;
    return (this.#turned && index % 2 === 1 ? this.second : this.first) + withinHour;
  };
}
