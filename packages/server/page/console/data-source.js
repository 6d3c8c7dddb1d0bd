/** @import { LiveDataSource, Rejection, StatusDataSource } from '../types.js' */
import { alarmsPart } from './alarms.js';
import { chart } from './chart.js';
import { html, setText } from './dom.js';
import { dropsPart } from './drops.js';
import { bytes, count, millis, rate } from './format.js';
import { History, totals } from './history.js';
import { pullPart } from './pull.js';
import { timelinePart } from './timeline.js';

/** Everything about one dataSource. @param {string} name @param {number} index tells it from the others. */
export function dataSourcePart(name, index) {
  const history = new History();
  const lane = html('span', { class: 'lane' });
  const facts = html('p', { class: 'note' });
  const throughput = chart(
    [
      { key: 'sent', form: 'area', tone: 'sent' },
      { key: 'received', form: 'line', tone: 'received' },
      { key: 'rejected', form: 'bars', tone: 'rejected' },
    ],
    10,
  );
  const latency = chart(
    [
      { key: 'p99', form: 'line', tone: 'slow' },
      { key: 'p50', form: 'line', tone: 'sent' },
    ],
    5,
  );
  const numbers = numbersPart();
  const rates = readings([
    ['sent', 'key sent', 'sent'],
    ['received', 'key received', 'received'],
    ['rejected', 'key rejected', 'not sent'],
  ]);
  const times = readings([
    ['p50', 'key sent', 'median'],
    ['p99', 'key slow', '99 of 100 within'],
  ]);
  const alarms = alarmsPart();
  const timeline = timelinePart();
  const pull = pullPart();
  const drops = dropsPart('Not sent, by reason');
  const heading = `data-source-${index}`;
  const part = html(
    'article',
    { class: 'data-source', 'aria-labelledby': heading },
    html('header', {}, html('h2', { id: heading }, name), lane, facts),
    alarms.part,
    html(
      'div',
      { class: 'panels' },
      html('section', { class: 'panel wide' }, html('h3', {}, 'Events a second'), rates.part, throughput.place),
      html('section', { class: 'panel' }, html('h3', {}, 'Time to answer a POST'), times.part, latency.place),
      html('section', { class: 'panel numbers' }, html('h3', {}, 'Since the start'), numbers.part),
      timeline.part,
      pull.part,
      drops.part,
    ),
  );
  pull.part.hidden = true;

  return {
    part,
    /** @param {number} at @param {LiveDataSource} live @param {readonly Rejection[]} rejections */
    showLive(at, live, rejections) {
      history.add(at, live, rejections);
      const { received = 0, sent = 0, rejected = 0 } = history.last ?? {};
      const { p50, p99, count: posts } = live.posts;
      rates.show({ sent: rate(sent), received: rate(received), rejected: rate(rejected) });
      times.show({ p50: millis(p50), p99: millis(p99) });
      throughput.show(
        history.points,
        `Events a second in the last three minutes; now ${rate(received)} received, ${rate(sent)} sent, ${rate(rejected)} not sent.`,
      );
      const answers = `Time to answer a POST in the last three minutes; of ${count(posts)} in the last ten seconds`;
      latency.show(
        history.points,
        `${answers} the median is ${millis(p50)}, and 99 of 100 took at most ${millis(p99)}.`,
      );
      numbers.show(live, rejections);
      drops.show(rejections);
    },
    /** @param {StatusDataSource} source @param {number} now */
    showStatus(source, now) {
      const { supervisor, journal, alarms: own } = source;
      const isPull = source.lane === 'pull';
      setText(lane, source.lane === null ? 'lane not known yet' : `${source.lane} lane`);
      lane.title = source.laneReason ?? 'It is chosen at the first event.';
      setText(facts, factsOf(source));
      alarms.show([...own, ...(supervisor?.alarms ?? [])]);
      timeline.part.hidden = isPull;
      pull.part.hidden = !isPull;
      if (isPull) pull.show({ supervisor, journal });
      else timeline.show(source, now);
    },
  };
}

/** @param {StatusDataSource} source */
function factsOf({ segmentGranularity, windowPeriod, partitions, replicants, laneReason, waiting }) {
  const segments = `${segmentGranularity} segments, window ${windowPeriod}`;
  const spread = `${partitions} × ${replicants} (partitions × replicas)`;
  const kept = waiting === null ? '' : `${count(waiting)} events wait in the journal`;
  return [segments, spread, laneReason ?? '', kept].filter(Boolean).join(' · ');
}

/** Numbers that stand above a chart, and explain its colours. @param {readonly (readonly [string, string, string])[]} series */
function readings(series) {
  /** @type {Map<string, Element>} */
  const values = new Map();
  const part = html(
    'dl',
    { class: 'readings' },
    ...series.map(([key, tone, words]) => {
      const value = html('dd', { 'data-reading': key }, '–');
      values.set(key, value);
      return html('div', {}, html('dt', { class: tone }, words), value);
    }),
  );
  return {
    part,
    /** @param {Readonly<Record<string, string>>} texts */
    show(texts) {
      for (const [key, text] of Object.entries(texts)) setText(/** @type {Element} */ (values.get(key)), text);
    },
  };
}

function numbersPart() {
  const names = ['received', 'sent', 'not sent', 'failed', 'lost', 'under way', 'batches', 'bytes', 'retries', 'tasks'];
  const cells = names.map((name) => ({ name, value: html('dd', { 'data-count': name }, '–') }));
  const part = html('dl', {}, ...cells.flatMap(({ name, value }) => [html('dt', {}, name), value]));
  return {
    part,
    /** @param {LiveDataSource} live @param {readonly Rejection[]} rejections */
    show({ counters }, rejections) {
      const { received, sent, rejected, failed, underWay } = totals(counters, rejections);
      const { lost, batches, retries, tasksCreated, tasksAdopted } = counters;
      const adopted = tasksAdopted === 0 ? '' : `, ${count(tasksAdopted)} taken over`;
      const texts = [
        ...[received, sent, rejected, failed, lost, underWay, batches].map(count),
        bytes(counters.bytes),
        count(retries),
        `${count(tasksCreated)}${adopted}`,
      ];
      for (const [at, { value }] of cells.entries()) setText(value, texts[at] ?? '');
    },
  };
}
