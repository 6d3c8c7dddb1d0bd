/** What times count from here: 2024-01-01. Later than 1970, so that offsets stay safe integers until 2093. */
const epoch = Date.UTC(2024, 0, 1);
/** Offsets that each millisecond stands for: no partition takes more rows in one, over any while. */
const perMillisecond = 4096;
/** Four days of such offsets, should the clock have been set back. */
const leap = 4 * 86_400_000 * perMillisecond;

/**
 * Where offsets go on after a doubt about what was there: behind all that can have been given out, so that none is given out
 * twice. Also where a new log begins, as it may stand for one that was lost with its disk.
 * @param end the offset behind the last one that is known.
 * @param now epoch milliseconds.
 */
export function nextBase(end: number, now: number): number {
  const byTime = Math.max(0, now - epoch) * perMillisecond;
  return byTime >= end ? byTime : end + leap;
}
