/** @import { Live, Status } from '../types.js' */
/** @import { Unanswered } from './poll.js' */
import { dataSourcePart } from './data-source.js';
import { byId, html, setText, table, whenChanged } from './dom.js';
import { dropsPart } from './drops.js';
import { count, duration, many } from './format.js';
import { poll } from './poll.js';
import { chooseTheme } from './theme.js';
import { tryIt } from './try-it.js';

/** How often the counters are asked for, and what Druid says, in milliseconds. */
const liveMillis = 1000;
const statusMillis = 3000;

/** @type {Map<string, ReturnType<typeof dataSourcePart>>} */
const parts = new Map();
const form = tryIt();
const unrouted = dropsPart('Events without a dataSource');

/** Why the page shows nothing new, by what it asks for. @type {Map<string, Unanswered>} */
const silent = new Map();
/** @type {Status | undefined} */
let status;

/** @param {readonly string[]} names */
function keep(names) {
  for (const [name, { part }] of parts) {
    if (names.includes(name)) continue;
    part.remove();
    parts.delete(name);
  }
  for (const name of names) {
    if (parts.has(name)) continue;
    const made = dataSourcePart(name, parts.size);
    parts.set(name, made);
    byId('data-sources').append(made.part);
  }
}

const showProblems = whenChanged((/** @type {readonly (readonly [string, string])[]} */ problems) => {
  byId('problems').replaceChildren(
    ...(problems.length === 0
      ? []
      : [
          html(
            'section',
            { class: 'panel problems', 'aria-labelledby': 'problems-title' },
            html('h2', { id: 'problems-title' }, many(problems.length, 'thing'), ' to look at'),
            html('ul', {}, ...problems.map(([kind, text]) => html('li', {}, html('b', {}, kind), ` ${text}`))),
          ),
        ]),
  );
});

function showState() {
  const readiness = byId('readiness');
  const [why] = silent.values();
  const may = why?.status === 403 ? 'You may post, but not watch' : 'No answer';
  readiness.className = why !== undefined || status?.ready === false ? 'bad' : 'fine';
  setText(readiness, why === undefined ? (status?.ready === false ? 'Not ready' : 'Ready') : may);
  const { reasons = [], problems = [], warnings = [] } = status ?? {};
  showProblems([
    ...[...new Set([...silent.values()].map(({ message }) => message))].map(
      (text) => /** @type {const} */ (['Page', text]),
    ),
    ...[...new Set([...reasons, ...problems])].map((text) => /** @type {const} */ (['Druid', text])),
    ...warnings.map((text) => /** @type {const} */ (['Config', text])),
  ]);
}

/** @param {Live} live */
function showLive({ at, dataSources, answers, rejections }) {
  keep(dataSources.map(({ dataSource }) => dataSource));
  for (const one of dataSources) {
    const own = rejections.filter(({ dataSource }) => dataSource === one.dataSource);
    parts.get(one.dataSource)?.showLive(Date.parse(at), one, own);
  }
  const others = rejections.filter(({ dataSource }) => dataSource === null);
  unrouted.part.hidden = others.length === 0;
  unrouted.show(others);
  showAnswers(Object.entries(answers));
}

const showAnswers = whenChanged((/** @type {[string, number][]} */ answers) => {
  const part = byId('answers');
  part.hidden = answers.length === 0;
  part
    .querySelector('dl')
    ?.replaceChildren(
      ...answers.flatMap(([code, times]) => [
        html('dt', {}, html('b', {}, code), ` ${answerWords(code)}`),
        html('dd', {}, count(times)),
      ]),
    );
});

/** @param {string} code of HTTP. */
function answerWords(code) {
  if (code === '200') return 'taken';
  if (code === '401' || code === '403') return 'no right to post';
  if (code === '429' || code === '503') return 'not now';
  return code.startsWith('4') ? 'a mistake in it' : 'the server’s fault';
}

const showWorkers = whenChanged((/** @type {Status['workers']} */ workers) => {
  const part = byId('workers');
  part.hidden = workers.length === 0;
  const rows = workers.map(({ host, capacity, used }) => [host, `${used} of ${capacity}`]);
  part.querySelector('div')?.replaceChildren(table('Druid’s workers and their tasks', ['Worker', 'Tasks'], rows));
});

/** @param {Status} now */
function showStatus(now) {
  status = now;
  keep(now.dataSources.map(({ dataSource }) => dataSource));
  for (const one of now.dataSources) parts.get(one.dataSource)?.showStatus(one, Date.now());
  const since = duration(Date.now() - Date.parse(now.started));
  setText(byId('facts'), `${many(now.dataSources.length, 'dataSource')}, up for ${since}, times in UTC`);
  form.show(now.dataSources);
  showWorkers(now.workers);
}

/** @param {string} path @param {number} every @param {(answer: any) => void} show */
function watch(path, every, show) {
  poll(path, every, show, (error) => {
    if (error === undefined) silent.delete(path);
    else silent.set(path, error);
    showState();
  });
}

chooseTheme(document.querySelectorAll('input[name="theme"]'));
byId('unrouted').append(unrouted.part);
unrouted.part.hidden = true;
watch('v1/live', liveMillis, showLive);
watch('v1/status', statusMillis, showStatus);
