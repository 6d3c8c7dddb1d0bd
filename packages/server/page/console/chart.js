/** @import { Point } from '../types.js' */
import { drawing, svg } from './dom.js';
import { axisTime, short } from './format.js';
import { span } from './history.js';
import { niceEnd, timeScale, timeTicks } from './scale.js';

/** @typedef {{ key: 'received' | 'sent' | 'rejected' | 'p50' | 'p99', form: 'line' | 'area' | 'bars', tone: string }} Series */

const height = 182;
const margin = { top: 10, right: 4, bottom: 20, left: 38 };
const bottom = height - margin.bottom;

/**
 * The runs of points that have a value: a gap in the data is a gap in the line.
 * @param {readonly Point[]} points @param {Series['key']} key
 */
export function runsOf(points, key) {
  /** @type {{ at: number, value: number }[][]} */
  const runs = [[]];
  for (const point of points) {
    const value = point[key];
    const run = /** @type {{ at: number, value: number }[]} */ (runs.at(-1));
    const last = run.at(-1);
    if (last !== undefined && (value === null || point.at - last.at > 5000)) runs.push([]);
    if (value !== null) runs.at(-1)?.push({ at: point.at, value });
  }
  return runs.filter((run) => run.length > 0);
}

/**
 * A chart of the last three minutes.
 * @param {readonly Series[]} series drawn in this order. @param {number} least the least end of the value axis.
 */
export function chart(series, least) {
  /** @type {readonly Point[]} */
  let points = [];
  let label = '';
  const { place, redraw } = drawing((width) => draw(width, points, series, least, label));
  return {
    place,
    /** @param {readonly Point[]} now @param {string} text what the chart says, in words. */
    show(now, text) {
      points = now;
      label = text;
      redraw();
    },
  };
}

/** @param {number} width @param {readonly Point[]} points @param {readonly Series[]} series @param {number} least @param {string} label */
function draw(width, points, series, least, label) {
  const end = points.at(-1)?.at ?? Date.now();
  const start = end - span;
  const inner = width - margin.left - margin.right;
  const along = timeScale(start, end, inner);
  const x = (/** @type {number} */ at) => margin.left + along(at);
  const top = niceEnd(Math.max(...points.flatMap((point) => series.map(({ key }) => point[key] ?? 0)), 0), least);
  const y = (/** @type {number} */ value) =>
    Math.round((bottom - (Math.min(value, top) / top) * (bottom - margin.top)) * 10) / 10;

  const marks = [0, top / 2, top].flatMap((value) => [
    svg('line', { class: 'grid', x1: margin.left, x2: width - margin.right, y1: y(value), y2: y(value) }),
    svg('text', { class: 'tick', x: margin.left - 6, y: y(value) + 3.5, 'text-anchor': 'end' }, short(value)),
  ]);
  const { step, ticks } = timeTicks(start, end, Math.max(3, Math.floor(inner / 90)));
  const times = ticks
    .filter((at) => x(at) < width - 26 && x(at) > margin.left + 14)
    .map((at) => svg('text', { class: 'tick', x: x(at), y: height - 5, 'text-anchor': 'middle' }, axisTime(at, step)));
  const drawn = series.flatMap(({ key, form, tone }) =>
    runsOf(points, key).map((run) => {
      const line = run.map(({ at, value }) => `${x(at)},${y(value)}`).join('L');
      if (form === 'bars') {
        const bars = run
          .filter(({ value }) => value > 0)
          .map(({ at, value }) => `M${x(at)},${bottom}V${Math.min(y(value), bottom - 6)}`);
        return svg('path', { class: `bars ${tone}`, d: bars.join('') || 'M0,0' });
      }
      if (form === 'line') return svg('path', { class: `line ${tone}`, d: `M${line}` });
      const [first, last] = [run[0], run.at(-1)];
      const area = `M${x(first?.at ?? 0)},${bottom}L${line}L${x(last?.at ?? 0)},${bottom}Z`;
      return svg(
        'g',
        { class: tone },
        svg('path', { class: 'area', d: area }),
        svg('path', { class: `line ${tone}`, d: `M${line}` }),
      );
    }),
  );
  return svg('svg', { width, height, role: 'img', 'aria-label': label }, ...marks, ...times, ...drawn);
}
