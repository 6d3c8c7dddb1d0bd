/** Where an answer stands beside the place up to which a partition was read. All are offsets. */
export interface Standing {
  /** What comes next, by what was handed on. */
  readonly place: number;
  /** What was asked for. */
  readonly fetched: number;
  /** Behind the newest record, as the answer has it. */
  readonly end: number;
}

/** What the leader of a partition says of its log. */
export interface Bounds {
  /** The oldest record that is still there. */
  readonly low: number;
  /** Behind the newest one. */
  readonly high: number;
}

/** What to do with an answer. */
export interface Step {
  /** The answer holds what comes next, or only what was read before; otherwise it is passed over, and asked for anew. */
  readonly isTaken: boolean;
  /** Where to go on. What the answer has before it is passed over. */
  readonly place: number;
  /** Records that were deleted before they were read. */
  readonly lost: number;
  /** Whether the log is shorter than what was read of it: it was deleted and made anew, or brokers lost its end. */
  readonly isAnother: boolean;
}

/** Whether it is not known what to do before the leader was asked for its bounds. */
export const isDoubtful = ({ place, fetched, end }: Standing): boolean => fetched > place || end < place;

/**
 * Says what to do with an answer. After a change of leaders two brokers may bring the same records; after partitions were shared out anew an
 * answer may come that was asked for before, from further on.
 * @param bounds when the answer is doubtful.
 * @param wasSought whether this place was asked for anew, and an answer to that has come. kafkajs passes over what holds nothing for us,
 * without a word: so one that is ahead behind it is taken.
 */
export function nextStep({ place, fetched, end }: Standing, bounds: Bounds | undefined, wasSought: boolean): Step {
  const step = { isTaken: true, place, lost: 0, isAnother: false };
  if (bounds === undefined) return step;
  const { low, high } = bounds;
  if (high < place) return { ...step, place: low, isAnother: true, isTaken: fetched <= low && end < place };
  if (low > place) return { ...step, place: low, lost: low - place, isTaken: fetched <= low };
  return { ...step, isTaken: fetched <= place || wasSought };
}

/**
 * Says where to go on when the log ended before our place, or began behind it.
 * @param bounds what it has by now: that it ends behind the place, for which it was too short, says that it has grown again.
 */
export const stepBack = (place: number, { low }: Bounds): Step =>
  low > place
    ? { isTaken: false, place: low, lost: low - place, isAnother: false }
    : { isTaken: false, place: low, lost: 0, isAnother: true };
