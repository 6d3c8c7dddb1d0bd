import { describe, expect, it } from 'vitest';
import { meaningOf, summary, timelineOf } from '../../page/console/buckets.js';
import { runsOf } from '../../page/console/chart.js';
import { meaningOfReason } from '../../page/console/drops.js';
import { History, span, totals } from '../../page/console/history.js';
import { rangeOf } from '../../page/console/place.js';
import { exampleOf, outcomeOf } from '../../page/console/try-it.js';
import type { Counters, StatusDataSource, Task } from '../../page/types.js';

const counters = (received: number, sent: number, dropped: Record<string, number> = {}, failed = 0): Counters => ({
  ...{ received, sent, dropped, failed },
  ...{ lost: 0, batches: 0, bytes: 0, retries: 0, tasksCreated: 0, tasksAdopted: 0 },
});

const rejection = (reason: string, count: number) => ({ dataSource: 'clicks', reason, count, samples: [] });

const live = (received: number, sent: number) => ({
  dataSource: 'clicks',
  lane: 'realtime',
  counters: counters(received, sent),
  posts: { count: 1, p50: 2, p99: 9 },
});

describe('the history of a dataSource', () => {
  it('has events a second between two looks', () => {
    const history = new History();
    history.add(1000, live(100, 100), []);
    expect(history.last).toBeUndefined();
    history.add(3000, live(300, 200), []);
    expect(history.last).toEqual({ at: 3000, received: 100, sent: 50, rejected: 0, p50: 2, p99: 9 });
    history.add(3000, live(300, 200), []);
    expect(history.points).toHaveLength(1);
  });

  it('begins again with another process, and forgets what is long ago', () => {
    const history = new History();
    history.add(1000, live(100, 100), []);
    history.add(2000, live(200, 200), []);
    history.add(3000, live(10, 10), []);
    expect(history.points).toEqual([]);
    for (let at = 4000; at <= 4000 + 2 * span; at += 1000) history.add(at, live(at, at), []);
    expect(history.points).toHaveLength(span / 1000);
  });
});

describe('the totals', () => {
  it('have what the sender never saw, and leave out what has no outcome', () => {
    const rejections = [rejection('late', 2), rejection('unparseable', 3), rejection('failed', 1)];
    expect(totals(counters(10, 5, { late: 2 }, 1), rejections)).toEqual({
      ...{ received: 13, sent: 5, rejected: 5, failed: 1, underWay: 2 },
    });
  });
});

describe('a line of a chart', () => {
  it('breaks where there is no value, and where nobody looked', () => {
    const point = (at: number, p50: number | null) => ({ at, received: 0, sent: 0, rejected: 0, p50, p99: p50 });
    const points = [point(1000, 1), point(2000, 2), point(3000, null), point(4000, 4), point(60_000, 5)];
    expect(runsOf(points, 'p50').map((run) => run.map(({ value }) => value))).toEqual([[1, 2], [4], [5]]);
    expect(runsOf([], 'p50')).toEqual([]);
  });
});

const hour = (h: number): string => new Date(Date.UTC(2026, 2, 5, h)).toISOString();
const task = (h: number, more: Partial<Task> = {}): Task => ({
  ...{ id: 'a', interval: `${hour(h)}/${hour(h + 1)}`, partition: 0, replicant: 0, generation: 0 },
  ...{ state: 'RUNNING', location: null, error: null },
  ...more,
});

const source = (tasks: readonly Task[], more: Partial<StatusDataSource> = {}): StatusDataSource => ({
  ...{ dataSource: 'clicks', lane: 'realtime', laneReason: null, segmentGranularity: 'HOUR', windowPeriod: 'PT10M' },
  ...{ window: { start: hour(10), end: hour(11) }, partitions: 1, replicants: 1, timestampColumn: 'time' },
  ...{
    dimensions: ['time', 'user'],
    configSince: hour(9),
    tasks,
    supervisor: null,
    journal: null,
    waiting: null,
    alarms: [],
  },
  ...more,
});

describe('the timeline', () => {
  const now = Date.parse(hour(10)) + 1000;

  it('has a row for each replica of each partition, used or not', () => {
    const { rows, start, end } = timelineOf(source([task(9, { partition: 1 })], { replicants: 2 }), now);
    expect(rows.map(({ partition, replicant }) => `${partition}${replicant}`)).toEqual(['00', '01', '10', '11']);
    expect([start, end]).toEqual([Date.parse(hour(9)), Date.parse(hour(11))]);
  });

  it('shows the task that has the place now, and how many failed before it', () => {
    const failed = task(10, { state: 'FAILED', id: 'first' });
    const { slots } = timelineOf(source([failed, task(10, { generation: 1, id: 'second' })]), now);
    expect(slots.map(({ task: { id }, failures }) => [id, failures])).toEqual([['second', 1]]);
  });

  it('says in words what the tasks do', () => {
    const tasks = [task(9), task(10), task(11, { state: 'WAITING' }), task(8, { state: 'SUCCESS' })];
    expect(summary(timelineOf(source(tasks), now))).toBe(
      '4 tasks in 4 segments: 1 publishing, 1 taking events, 1 waiting for a worker, 1 done.',
    );
    expect(summary(timelineOf(source([]), now))).toBe('No task runs: the first event starts them.');
    expect(meaningOf(task(11), timelineOf(source([]), now)).words).toBe('is ready');
    expect(meaningOf(task(10, { state: 'ODD' }), timelineOf(source([]), now)).words).toBe('odd');
  });
});

describe('the place of a mistake', () => {
  const text = '{"a": "ö"}\n{"b": }\n{"c": 1}';

  it('is found by bytes and by lines, up to the end of the line', () => {
    expect(rangeOf(text, { byte: 12 })).toEqual([11, 18]);
    expect(rangeOf(text, { line: 2 })).toEqual([11, 18]);
    expect(rangeOf(text, { line: 3 })).toEqual([19, text.length]);
  });

  it('is none where the text has changed since', () => {
    expect(rangeOf(text, { byte: 500 })).toBeUndefined();
    expect(rangeOf(text, { line: 9 })).toBeUndefined();
    expect(rangeOf(text, {})).toBeUndefined();
  });
});

describe('the form', () => {
  it('begins with an event of now that the dataSource takes', () => {
    const now = Date.parse(hour(10));
    expect(JSON.parse(exampleOf(source([]), now))).toEqual({ time: hour(10), user: 'try it' });
  });

  it.each([
    [{ received: 0, sent: 0 }, 'No event was found in it.'],
    [{ received: 1, sent: 1 }, 'Druid has it.'],
    [{ received: 3, sent: 3 }, 'Druid has all 3.'],
    [{ received: 1, sent: 0, dropped: { late: 1 } }, 'Of 1 event Druid has none: 1 late.'],
    [
      { received: 9, sent: 2, dropped: { late: 1 }, failed: 4, underWay: 2 },
      'Of 9 events Druid has 2: 1 late, 4 failed, 2 still under way.',
    ],
  ])('says of %o: %s', (result, words) => {
    expect(outcomeOf(result)).toBe(words);
  });

  it('explains every reason that there is', () => {
    const reasons = ['early', 'failed', 'late', 'overflow', 'refused', 'unparseable', 'unrouted', 'unserializable'];
    for (const reason of reasons)
      expect([reason, meaningOfReason(reason)]).toEqual([reason, expect.stringMatching(/\.$/)]);
  });
});
