/** A place in a stream, by partition: the next offset to read. */
export type Offsets = ReadonlyMap<number, number>;

interface Stored {
  readonly topic: string;
  readonly offsets: Map<number, number>;
}

/** How far each dataSource's stream is published. It outlives supervisors. */
export class OffsetStore {
  readonly #byDataSource = new Map<string, Stored>();

  /** Nothing for another topic than the one that was read. */
  of(dataSource: string, topic: string): Offsets {
    const stored = this.#byDataSource.get(dataSource);
    return stored?.topic === topic ? stored.offsets : new Map();
  }

  /**
   * Moves a dataSource on from one place to the next, if it is there; if it is at the next already, since a replica was quicker, it stays.
   * @returns undefined, or what is wrong, in Druid's words.
   */
  advance(dataSource: string, topic: string, from: Offsets, to: Offsets): string | undefined {
    const stored = this.#byDataSource.get(dataSource) ?? { topic, offsets: new Map<number, number>() };
    const isAt = (place: Offsets): boolean =>
      stored.topic === topic &&
      [...place].every(([partition, offset]) => (stored.offsets.get(partition) ?? offset) === offset);
    if (!isAt(from) && !isAt(to)) return inconsistent(stored, { topic, offsets: from });
    for (const [partition, offset] of to) stored.offsets.set(partition, offset);
    this.#byDataSource.set(dataSource, stored);
    return undefined;
  }

  forget(dataSource: string): void {
    this.#byDataSource.delete(dataSource);
  }
}

function inconsistent(
  stored: { topic: string; offsets: Offsets },
  target: { topic: string; offsets: Offsets },
): string {
  const show = ({ topic, offsets }: typeof stored): string =>
    JSON.stringify({ stream: topic, partitionSequenceNumberMap: Object.fromEntries(offsets) });
  return (
    'Inconsistent metadata state. This can happen if you update input topic in a spec without changing the supervisor name. ' +
    `Stored state: [${show(stored)}], Target state: [${show(target)}].`
  );
}
