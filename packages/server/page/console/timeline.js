/** @import { StatusDataSource } from '../types.js' */
/** @import { Timeline } from './buckets.js' */
import { meaningOf, summary, timelineOf } from './buckets.js';
import { drawing, html, setText, svg, table, whenChanged } from './dom.js';
import { axisTime, clock } from './format.js';
import { timeScale, timeTicks } from './scale.js';

const rowHeight = 22;
const top = 24;
const left = 52;

/** The buckets of a dataSource on the realtime lane: their tasks along time, and the window that takes events. */
export function timelinePart() {
  /** @type {Timeline | undefined} */
  let timeline;
  const { place, redraw } = drawing((width) => (timeline === undefined ? undefined : draw(width, timeline)));
  const text = html('p', { class: 'note' });
  const list = html('div');
  const showTasks = whenChanged((/** @type {Pick<StatusDataSource, 'tasks' | 'window'>} */ { tasks, window }) => {
    const open = { windowStart: Date.parse(window.start), windowEnd: Date.parse(window.end) };
    const rows = tasks.map((task) => {
      const { interval, partition, replicant, generation, state, location, id, error } = task;
      return [
        interval.replace('.000Z/', 'Z – ').replace('.000Z', 'Z'),
        String(partition),
        String(replicant),
        String(generation),
        html('span', { class: `state ${meaningOf(task, open).tone}` }, state),
        location === null
          ? '–'
          : html('a', { href: location, rel: 'noreferrer' }, location.replace(/^https?:\/\//, '')),
        html('code', {}, id),
        error ?? '',
      ];
    });
    const heads = ['Segment', 'Partition', 'Replica', 'Generation', 'State', 'Where', 'Task', 'Error'];
    list.replaceChildren(
      rows.length === 0 ? html('p', { class: 'note' }, 'There is none.') : table('Tasks of each segment', heads, rows),
    );
  });
  const part = html(
    'section',
    { class: 'panel buckets' },
    html('h3', {}, 'Segments and their tasks'),
    place,
    html(
      'ul',
      { class: 'legend', 'aria-hidden': 'true' },
      html('li', { class: 'key running' }, 'takes events'),
      html('li', { class: 'key waiting' }, 'waits for a worker'),
      html('li', { class: 'key closing' }, 'publishes'),
      html('li', { class: 'key done' }, 'published'),
      html('li', { class: 'key failed' }, 'failed'),
      html('li', { class: 'key window' }, 'window: events of these times are taken'),
    ),
    text,
    html('details', {}, html('summary', {}, 'All tasks as a table'), list),
  );
  return {
    part,
    /** @param {StatusDataSource} source @param {number} now */
    show(source, now) {
      timeline = timelineOf(source, now);
      setText(text, summary(timeline));
      redraw();
      showTasks({ tasks: source.tasks, window: source.window });
    },
  };
}

/** @param {number} width @param {Timeline} timeline */
function draw(width, timeline) {
  const { start, end, windowStart, windowEnd, rows, slots } = timeline;
  const now = Date.now();
  const bottom = top + rows.length * rowHeight;
  const height = bottom + 22;
  const along = timeScale(start, end, width - left - 1);
  const x = (/** @type {number} */ at) => left + along(at);
  const { step, ticks } = timeTicks(start, end, Math.max(2, Math.floor((width - left) / 80)));
  const replicas = new Set(rows.map(({ replicant }) => replicant)).size;
  const labels = rows.map(({ partition, replicant }, row) =>
    svg(
      'text',
      { class: 'row', x: left - 8, y: top + row * rowHeight + 15, 'text-anchor': 'end' },
      replicas === 1 ? `part ${partition}` : `${partition} · r${replicant}`,
    ),
  );
  /** @type {Element[]} */
  const texts = [];
  const cells = slots.map(({ start: from, end: to, row, task, failures }) => {
    const { tone, words } = meaningOf(task, timeline);
    const wide = x(to) - x(from) - 3;
    const where = task.location?.replace(/^https?:\/\/[^:]*/, '') ?? '';
    const again = failures === 0 ? '' : ` · ${failures} failed before`;
    const long = `${words}${where === '' ? '' : ` ${where}`}${again}`;
    const text = [long, words].find((one) => one.length * 6.2 + 10 < wide);
    const y = top + row * rowHeight + 2;
    if (text !== undefined) texts.push(svg('text', { class: `within ${tone}`, x: x(from) + 8, y: y + 13 }, text));
    return svg(
      'g',
      { class: `cell ${tone}` },
      svg('title', {}, `${task.id}: ${long}${task.error === null ? '' : `: ${task.error}`}`),
      svg('rect', { x: x(from) + 1.5, y, width: Math.max(2, wide), height: rowHeight - 4, rx: 3 }),
    );
  });
  const marks = ticks.flatMap((at) => [
    svg('line', { class: 'grid', x1: x(at), x2: x(at), y1: top, y2: bottom + 4 }),
    ...(x(at) > width - 18
      ? []
      : [svg('text', { class: 'tick', x: x(at), y: bottom + 17, 'text-anchor': 'middle' }, axisTime(at, step))]),
  ]);
  const windowWide = x(windowEnd) - x(windowStart);
  const label = `Window from ${clock(windowStart)} to ${clock(windowEnd)} UTC. ${summary(timeline)}`;
  const isNearEnd = x(now) > width - 80;
  return svg(
    'svg',
    { width, height, role: 'img', 'aria-label': label },
    svg('rect', { class: 'window', x: x(windowStart), y: top - 4, width: windowWide, height: bottom - top + 8, rx: 4 }),
    ...marks,
    ...labels,
    ...cells,
    svg('line', { class: 'now', x1: x(now), x2: x(now), y1: top - 8, y2: bottom + 4 }),
    ...texts,
    svg(
      'text',
      { class: 'now', x: x(now) + (isNearEnd ? -5 : 5), y: top - 9, 'text-anchor': isNearEnd ? 'end' : 'start' },
      `now ${clock(now)}`,
    ),
  );
}
