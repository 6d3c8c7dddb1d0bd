/**
 * Appends numbered rows until it is killed: `node appender.ts DIRECTORY FIRST`. For each batch it prints what was acknowledged:
 * the number of its first row, and that row's offset. Before all, it prints `opening`.
 */
import { Journal } from '../../../src/journal/journal.js';
import { batchOf } from './batches.js';

const [directory = '', first = '0'] = process.argv.slice(2);
process.stdout.write('opening\n');
const journal = await Journal.open({ directory, segmentBytes: 2000, minFreeBytes: 0 });
const log = await journal.log('flights', 0);
const rows = 3;
/** Fewer than what is remembered of a producer. */
const underWay = 4;
let next = Number(first);

async function appendOnAndOn(): Promise<never> {
  for (;;) {
    const from = next;
    next += rows;
    const { baseOffset } = await log.append(batchOf(from, rows, { id: 5, epoch: 0, sequence: from }));
    process.stdout.write(`${from} ${baseOffset}\n`);
  }
}
await Promise.all(Array.from({ length: underWay }, appendOnAndOn));
