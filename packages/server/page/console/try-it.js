/** @import { StatusDataSource } from '../types.js' */
import { byId, html } from './dom.js';
import { meaningOfReason } from './drops.js';
import { many, millis } from './format.js';
import { rangeOf } from './place.js';

/**
 * @typedef {object} Result
 * @property {number} received
 * @property {number} sent
 * @property {Readonly<Record<string, number>>} [dropped]
 * @property {number} [failed]
 * @property {number} [underWay]
 * @property {readonly { index: number, line?: number, byte?: number, reason: string, message: string }[]} [rejected]
 */

/** An event of now that the dataSource takes. @param {StatusDataSource} source @param {number} now */
export function exampleOf({ timestampColumn, dimensions }, now) {
  const fields = dimensions.filter((name) => name !== timestampColumn).slice(0, 4);
  return JSON.stringify(
    Object.fromEntries([[timestampColumn, new Date(now).toISOString()], ...fields.map((name) => [name, 'try it'])]),
    null,
    2,
  );
}

/** What became of the events, in a sentence. @param {Result} result */
export function outcomeOf({ received, sent, dropped = {}, failed = 0, underWay = 0 }) {
  if (received === 0) return 'No event was found in it.';
  if (sent === received) return received === 1 ? 'Druid has it.' : `Druid has all ${received}.`;
  const others = [
    ...Object.entries(dropped).map(([reason, count]) => `${count} ${reason}`),
    ...(failed === 0 ? [] : [`${failed} failed`]),
    ...(underWay === 0 ? [] : [`${underWay} still under way`]),
  ];
  return `Of ${many(received, 'event')} Druid has ${sent === 0 ? 'none' : sent}: ${others.join(', ')}.`;
}

/** The form that posts events, and shows what becomes of them. */
export function tryIt() {
  const form = /** @type {HTMLFormElement} */ (byId('try-it'));
  const events = /** @type {HTMLTextAreaElement} */ (byId('events'));
  const answer = byId('answer');
  const field = (/** @type {string} */ name) => /** @type {any} */ (form.elements.namedItem(name));
  /** @type {readonly StatusDataSource[]} */
  let sources = [];

  const fill = () => {
    const source = sources.find(({ dataSource }) => dataSource === field('dataSource').value);
    if (source !== undefined) events.value = exampleOf(source, Date.now());
  };
  const post = async () => {
    const start = performance.now();
    const strict = field('strict').checked ? '?strict=true' : '';
    const path = `v1/post/${encodeURIComponent(field('dataSource').value)}${strict}`;
    answer.replaceChildren(
      html('p', { class: 'note' }, 'Waits for Druid: the first event of a segment starts its tasks.'),
    );
    try {
      const headers = { 'content-type': field('type').value, accept: 'application/json' };
      const response = await fetch(path, { method: 'POST', headers, body: events.value });
      const text = await response.text();
      answer.replaceChildren(...answerParts(response.status, text, performance.now() - start, events));
    } catch {
      answer.replaceChildren(html('p', { class: 'mistake' }, 'The server does not answer.'));
    }
  };

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void post();
  });
  events.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
  field('example').addEventListener('click', fill);
  field('dataSource').addEventListener('change', fill);

  return {
    /** @param {readonly StatusDataSource[]} now */
    show(now) {
      const names = now.map(({ dataSource }) => dataSource);
      const isSame = JSON.stringify(names) === JSON.stringify(sources.map(({ dataSource }) => dataSource));
      sources = now;
      if (isSame) return;
      const chosen = field('dataSource').value;
      field('dataSource').replaceChildren(...names.map((name) => html('option', { selected: name === chosen }, name)));
      if (events.value === '') fill();
    },
  };
}

/** @param {number} status @param {string} text @param {number} took @param {HTMLTextAreaElement} events */
function answerParts(status, text, took, events) {
  /** @type {{ error?: string, details?: readonly string[], result?: Result }} */
  let answered;
  try {
    answered = JSON.parse(text);
  } catch {
    answered = { error: text.trim() };
  }
  const { error, details = [], result } = answered;
  const isFine = status === 200 && result !== undefined && result.sent === result.received;
  const head = html(
    'p',
    { class: `outcome ${isFine ? 'fine' : 'bad'}` },
    html('b', {}, String(status)),
    ` ${[error, result === undefined ? '' : outcomeOf(result)].filter(Boolean).join('. ')}`,
    html('small', {}, ` ${millis(took)}`),
  );
  const rejected = result?.rejected ?? [];
  const parts = rejected.map((one) => {
    const range = rangeOf(events.value, one);
    const place = [one.line === undefined ? [] : `line ${one.line}`, one.byte === undefined ? [] : `byte ${one.byte}`];
    const where = [`event ${one.index + 1}`, ...place.flat()].join(', ');
    const show = html('button', { type: 'button', class: 'quiet' }, 'Show');
    show.addEventListener('click', () => {
      events.focus();
      events.setSelectionRange(...(range ?? [0, 0]));
    });
    return html(
      'li',
      {},
      html('b', {}, one.reason),
      ` ${where} `,
      range === undefined ? undefined : show,
      html('p', {}, one.message),
      html('p', { class: 'note' }, meaningOfReason(one.reason)),
    );
  });
  return [
    head,
    ...details.map((detail) => html('p', { class: 'mistake' }, detail)),
    ...(parts.length === 0 ? [] : [html('ol', { class: 'mistakes' }, ...parts)]),
    html('details', {}, html('summary', {}, 'The answer as it came'), html('pre', { tabindex: 0 }, pretty(text))),
  ];
}

/** @param {string} text */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
