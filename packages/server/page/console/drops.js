/** @import { Rejection } from '../types.js' */
import { html, whenChanged } from './dom.js';
import { clock, count } from './format.js';

/** @type {Readonly<Record<string, string>>} */
const meanings = {
  early: 'The window of its segment has not opened yet.',
  failed: 'It could not be delivered, or its fate is unknown. Sending it again may help.',
  late: 'The window of its segment has closed.',
  overflow: 'There was no room for it.',
  refused: 'Druid’s task could not read it.',
  unparseable: 'It is no object, or its time is missing or unreadable.',
  unrouted: 'It names no dataSource that there is, or none that its sender may post to.',
  unserializable: 'It cannot be written as JSON.',
};

/** What a reason means, in a sentence. @param {string} reason */
export const meaningOfReason = (reason) => meanings[reason] ?? '';

/** The events that were not sent: how many for each reason, and the last of them. @param {string} title */
export function dropsPart(title) {
  const content = html('div', { class: 'reasons' });
  /** The reasons whose samples are open. @type {Set<string>} */
  const open = new Set();
  const part = html('section', { class: 'panel drops' }, html('h3', {}, title), content);
  const show = whenChanged((/** @type {readonly Rejection[]} */ rejections) => {
    const focused = content.contains(document.activeElement)
      ? document.activeElement?.closest('details')?.dataset['reason']
      : undefined;
    if (rejections.length === 0) {
      content.replaceChildren(
        html('p', { class: 'note' }, 'None so far. Each would be counted here, with its reason.'),
      );
      return;
    }
    const sorted = [...rejections].sort((a, b) => b.count - a.count);
    content.replaceChildren(...sorted.map((rejection) => reasonPart(rejection, open)));
    if (focused !== undefined)
      /** @type {HTMLElement | null} */ (content.querySelector(`[data-reason="${focused}"] summary`))?.focus();
  });
  return { part, show };
}

/** @param {Rejection} rejection @param {Set<string>} open */
function reasonPart({ reason, count: total, samples }, open) {
  const details = html(
    'details',
    { 'data-reason': reason, open: open.has(reason) },
    html(
      'summary',
      {},
      html('b', {}, reason),
      html('span', { class: 'number' }, count(total)),
      html('small', {}, samples[0]?.message ?? meaningOfReason(reason)),
    ),
    html('p', { class: 'note' }, meaningOfReason(reason), ' The last ones:'),
    html('ol', { class: 'samples' }, ...samples.map(samplePart)),
  );
  details.addEventListener('toggle', () => (details.open ? open.add(reason) : open.delete(reason)));
  return details;
}

/** @param {Rejection['samples'][number]} sample */
function samplePart({ at, message, line, byte, event }) {
  const place = [line === undefined ? [] : `line ${line}`, byte === undefined ? [] : `byte ${byte}`].flat().join(', ');
  return html(
    'li',
    {},
    html('time', { datetime: at }, clock(Date.parse(at))),
    ` ${message}`,
    place === '' ? undefined : html('small', {}, ` (${place})`),
    event === null ? undefined : html('code', {}, event),
  );
}
