/** @import { StatusDataSource, Task } from '../types.js' */

/**
 * @typedef {object} Slot A place for a task: a segment, a partition and a replica.
 * @property {number} start epoch milliseconds
 * @property {number} end
 * @property {number} row
 * @property {Task} task the one that has it now: those before it had failed.
 * @property {number} failures how many had.
 */

/**
 * @typedef {object} Timeline
 * @property {number} start of what is drawn, epoch milliseconds.
 * @property {number} end
 * @property {number} windowStart
 * @property {number} windowEnd
 * @property {readonly { partition: number, replicant: number }[]} rows
 * @property {readonly Slot[]} slots
 */

/**
 * Lays the tasks of a dataSource out: a row for each replica of a partition, along time.
 * @param {StatusDataSource} source @param {number} now
 * @returns {Timeline}
 */
export function timelineOf({ tasks, window, partitions, replicants }, now) {
  const windowStart = Date.parse(window.start);
  const windowEnd = Date.parse(window.end);
  const spans = tasks.map(({ interval }) => interval.split('/').map((text) => Date.parse(text)));
  const numbers = (/** @type {number} */ least, /** @type {number[]} */ used) =>
    Array.from({ length: Math.max(least, ...used.map((one) => one + 1)) }, (_, at) => at);
  const rows = numbers(
    partitions,
    tasks.map(({ partition }) => partition),
  ).flatMap((partition) =>
    numbers(
      replicants,
      tasks.map(({ replicant }) => replicant),
    ).map((replicant) => ({ partition, replicant })),
  );
  /** @type {Map<string, Slot>} */
  const slots = new Map();
  for (const [at, task] of tasks.entries()) {
    const [start = 0, end = 0] = spans[at] ?? [];
    const row = rows.findIndex(
      ({ partition, replicant }) => partition === task.partition && replicant === task.replicant,
    );
    const key = `${start} ${row}`;
    const before = slots.get(key);
    const failures = (before?.failures ?? 0) + (before?.task.state === 'FAILED' ? 1 : 0);
    const isLater = before === undefined || task.generation >= before.task.generation;
    slots.set(key, { start, end, row, task: isLater ? task : before.task, failures });
  }
  return {
    start: Math.min(windowStart, now, ...spans.map(([start = now]) => start)),
    end: Math.max(windowEnd, now, ...spans.map(([, end = now]) => end)),
    windowStart,
    windowEnd,
    rows,
    slots: [...slots.values()],
  };
}

/**
 * What a task means for the events of its segment.
 * @param {{ readonly state: string, readonly interval: string }} task
 * @param {{ readonly windowStart: number, readonly windowEnd: number }} window
 */
export function meaningOf({ state, interval }, { windowStart, windowEnd }) {
  const [start = 0, end = 0] = interval.split('/').map((text) => Date.parse(text));
  switch (state) {
    case 'RUNNING':
      if (end <= windowStart) return { tone: 'closing', words: 'publishes', doing: 'publishing' };
      if (start >= windowEnd) return { tone: 'waiting', words: 'is ready', doing: 'ready' };
      return { tone: 'running', words: 'takes events', doing: 'taking events' };
    case 'WAITING':
    case 'PENDING':
      return { tone: 'waiting', words: 'waits for a worker', doing: 'waiting for a worker' };
    case 'SUCCESS':
      return { tone: 'done', words: 'published', doing: 'done' };
    case 'FAILED':
      return { tone: 'failed', words: 'failed', doing: 'failed' };
    default:
      return { tone: 'waiting', words: state.toLowerCase(), doing: state.toLowerCase() };
  }
}

/** The tasks in a sentence. @param {Timeline} timeline */
export function summary({ slots, windowStart, windowEnd }) {
  if (slots.length === 0) return 'No task runs: the first event starts them.';
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { task } of slots) {
    const { doing } = meaningOf(task, { windowStart, windowEnd });
    counts.set(doing, (counts.get(doing) ?? 0) + 1);
  }
  const buckets = new Set(slots.map(({ start }) => start)).size;
  const parts = [...counts].map(([doing, count]) => `${count} ${doing}`);
  return `${slots.length} ${slots.length === 1 ? 'task' : 'tasks'} in ${buckets} ${buckets === 1 ? 'segment' : 'segments'}: ${parts.join(', ')}.`;
}
