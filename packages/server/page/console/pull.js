/** @import { StatusDataSource } from '../types.js' */
import { html, table, whenChanged } from './dom.js';
import { bytes, count } from './format.js';

/** A dataSource on the pull lane: how far Druid has read, and whether it reads at all. */
export function pullPart() {
  const content = html('div');
  const part = html('section', { class: 'panel buckets' }, html('h3', {}, 'How Druid reads'), content);
  const show = whenChanged(
    (/** @type {Pick<StatusDataSource, 'supervisor' | 'journal'>} */ { supervisor, journal }) => {
      const kept = journalFacts(journal);
      if (supervisor === null) {
        const text = 'There is no supervisor yet: the first event makes it.';
        content.replaceChildren(html('p', { class: 'note' }, text), html('dl', { class: 'facts' }, ...kept));
        return;
      }
      const { state, detailedState, healthy, suspendedBy, reads, owner, partitions, tasks, errors } = supervisor;
      const lag = partitions.reduce((sum, one) => sum + (one.lag ?? 0), 0);
      const facts = [
        ...fact(
          'Supervisor',
          html('span', { class: `state ${healthy ? 'running' : 'failed'}` }, state),
          detailedState === state ? '' : detailedState,
        ),
        ...fact('Reads', reads, owner === 'ours' ? '' : 'not from us'),
        ...(suspendedBy === null
          ? []
          : fact('Suspended by', suspendedBy === 'us' ? 'a process of ours that was done' : 'somebody else')),
        ...fact('Behind', `${count(lag)} events`),
        ...kept,
      ];
      const rows = partitions.map(({ partition, offset, lag: behind }) => [
        String(partition),
        offset === null ? '–' : String(offset),
        behind === null ? '–' : count(behind),
      ]);
      content.replaceChildren(
        html('dl', { class: 'facts' }, ...facts),
        table('Partitions of the stream', ['Partition', 'Next offset', 'Lag'], rows),
        table(
          'Tasks that read',
          ['Task', 'State', 'Where'],
          tasks.map(({ id, state: now, location }) => [html('code', {}, id), now, location ?? '–']),
        ),
        ...errors.map((error) => html('p', { class: 'mistake' }, error)),
      );
    },
  );
  return { part, show };
}

/** @param {StatusDataSource['journal']} journal */
function journalFacts(journal) {
  if (journal === null) return [];
  const size = journal.bytes === null ? 'size unknown' : bytes(journal.bytes);
  return fact('Journal', html('code', {}, journal.directory), `${size}, ${journal.writer ?? 'nobody has it open'}`);
}

/** @param {string} name @param {Node | string} value @param {string} [more] */
function fact(name, value, more = '') {
  return [html('dt', {}, name), html('dd', {}, value, more === '' ? undefined : html('small', {}, ` ${more}`))];
}
