/**
 * The end of an axis that begins at 0: 1, 2, 2.5 or 5 times a power of ten, at least `least`.
 * @param {number} value the most that is drawn. @param {number} least
 */
export function niceEnd(value, least) {
  const most = Math.max(value, least);
  const power = 10 ** Math.floor(Math.log10(most));
  const step = [1, 2, 2.5, 5, 10].find((one) => one * power >= most * (1 - 1e-9)) ?? 10;
  return step * power;
}

const minute = 60_000;
const steps = [1, 5, 15, 30]
  .map((n) => n * 1000)
  .concat([1, 5, 10, 15, 30, 60, 120, 360, 720, 1440, 2880, 10_080, 44_640, 133_920, 525_600].map((n) => n * minute));

/**
 * The times to write below an axis, and their distance: at most `most`, at round times of UTC.
 * @param {number} start @param {number} end @param {number} most
 */
export function timeTicks(start, end, most) {
  const step = steps.find((one) => (end - start) / one <= most) ?? (end - start) / most;
  const ticks = [];
  for (let at = Math.ceil(start / step) * step; at <= end && ticks.length <= most; at += step) ticks.push(at);
  return { step, ticks };
}

/**
 * Where a time lies between 0 and `width`, cut at both.
 * @param {number} start @param {number} end @param {number} width
 * @returns {(at: number) => number}
 */
export const timeScale = (start, end, width) => (at) =>
  Math.round(Math.min(1, Math.max(0, (at - start) / (end - start))) * width * 10) / 10;
