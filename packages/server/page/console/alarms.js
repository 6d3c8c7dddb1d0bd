/** @import { Alarm } from '../types.js' */
import { html, whenChanged } from './dom.js';

/** What is wrong, and what to do; nothing when all is well. */
export function alarmsPart() {
  const part = html('ul', { class: 'alarms' });
  part.hidden = true;
  const show = whenChanged((/** @type {readonly Alarm[]} */ alarms) => {
    const once = new Map(alarms.map((alarm) => [`${alarm.reason}\n${alarm.message}`, alarm]));
    part.replaceChildren(
      ...[...once.values()].map(({ reason, message }) => html('li', {}, html('b', {}, reason), ` ${message}`)),
    );
    part.hidden = once.size === 0;
  });
  return { part, show };
}
