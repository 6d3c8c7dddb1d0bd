/**
 * Sends numbered events through the journal before the lane realtime until it is killed: `node relayer.ts URL DIRECTORY FIRST`. Before each
 * batch it prints `> FIRST`, and when that is acknowledged `< FIRST`.
 */
import { createSender } from '../../../src/index.js';
import { flights } from '../../support/configs.js';
import { batchRows, limits } from './limits.js';

const [url = '', directory = '', first = '0'] = process.argv.slice(2);
const sender = await createSender({
  config: flights({
    'druid.overlord.urls': url,
    'journal.directory': directory,
    'journal.minFreeBytes': 0,
    'journal.segmentBytes': 65_536,
    'realtime.journal': true,
    ...limits,
  }),
});
for (let next = Number(first); ; next += batchRows) {
  process.stdout.write(`> ${next}\n`);
  const events = Array.from({ length: batchRows }, (_, row) => ({
    time: Date.now(),
    origin: 'SFO',
    delay: next + row,
  }));
  const { sent } = await sender.sendAll(events);
  if (sent === batchRows) process.stdout.write(`< ${next}\n`);
}
