/** The longest that a timer of Node waits, in milliseconds: 24 days. One that is to wait longer fires at once. */
export const longestTimer = 2 ** 31 - 1;

/**
 * How long a timer is to wait, be it of `setTimeout` or of `AbortSignal.timeout`, for a time that a caller or a config gave: whole
 * milliseconds, at least one and at most {@link longestTimer}, for an infinite time too.
 */
export const timerMillis = (millis: number): number => Math.min(longestTimer, Math.max(1, Math.round(millis)));
