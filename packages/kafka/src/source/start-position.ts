/** What is known of a partition when it becomes ours. */
export interface PartitionFacts {
  /** The group's place; nothing if it has none. */
  readonly committed: number | undefined;
  /** The oldest record that is still there. */
  readonly low: number;
  /** Behind the newest record. */
  readonly high: number;
  /** Behind the newest that may be read. */
  readonly readable: number;
  /** Behind what was the newest that could be read when the connector started; nothing if the partition was created since. */
  readonly endAtStart: number | undefined;
}

/** Where to begin, and what is not as it should be. */
export interface StartPosition {
  readonly offset: number;
  /** Records that were deleted before they were read. */
  readonly lost: number;
  /** Whether the log is shorter than what was read of it: it was deleted and made anew, or brokers lost its end. */
  readonly isAnother: boolean;
}

/** Where a group begins that has no place yet. */
export type OffsetReset = 'latest' | 'earliest' | 'largest' | 'smallest' | 'none';

/**
 * Says where to begin in a partition. Nothing that is there and was not read is left out.
 * @returns nothing when there is no place and the config does not choose one.
 */
export function startPosition(facts: PartitionFacts, reset: OffsetReset): StartPosition | undefined {
  const { committed, low, high, readable, endAtStart } = facts;
  const at = (offset: number): StartPosition => ({ offset, lost: 0, isAnother: false });
  if (committed === undefined) {
    // A log that is shorter than it was has been made anew since.
    const isNew = endAtStart === undefined || endAtStart > readable;
    if (isNew || reset === 'earliest' || reset === 'smallest') return at(low);
    return reset === 'none' ? undefined : at(Math.max(low, endAtStart));
  }
  if (committed < low) return { offset: low, lost: low - committed, isAnother: false };
  if (committed > high) return { offset: low, lost: 0, isAnother: true };
  return at(committed);
}

/**
 * The group's place as Kafka keeps it. kafkajs commits -2 where what came next was deleted unread: that is the oldest record that is still
 * there, and not that the group has no place, which is -1.
 */
export function committedPlace(offset: number, low: number): number | undefined {
  if (offset === -2) return low;
  return offset < 0 ? undefined : offset;
}
