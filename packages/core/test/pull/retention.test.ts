import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { JournalLog } from '../../src/journal/journal-log.js';
import { silentLogger } from '../../src/observe/logger.js';
import { Retention } from '../../src/pull/retention.js';
import { batchOf } from '../journal/support/batches.js';
import { ManualClock } from '../support/manual-clock.js';
import { numbersOf, openJournal, range, rowsOf, temporaryDirectory } from '../journal/support/journals.js';

/** A log with ten rows, each in a segment of its own, or as it was left; and the offset of its first row. */
async function filled(directory: string): Promise<{ log: JournalLog; base: number; close: () => Promise<void> }> {
  const journal = await openJournal({ directory, segmentBytes: 1, reserveMillis: 0 });
  const log = await journal.log('flights', 0);
  for (const n of range(0, log.countFrom(0) > 0 ? 0 : 10)) await log.append(batchOf(n, 1));
  return { log, base: log.startOffset, close: () => journal.close() };
}

const apart = 30_000;

const saw = (log: JournalLog, ...offsets: readonly (number | undefined)[]): Promise<void> =>
  sawEach(apart, log, offsets);

const sawEach = (every: number, log: JournalLog, offsets: readonly (number | undefined)[]): Promise<void> => {
  const clock = new ManualClock();
  const retention = new Retention(new Map([[0, log]]), silentLogger, clock, apart);
  return offsets.reduce(
    (before, offset) =>
      before.then(() => {
        clock.advance(every);
        return retention.saw({ oldestNeeded: new Map(offset === undefined ? [] : [[0, offset]]) });
      }),
    Promise.resolve(),
  );
};

describe('what is kept of the journal', () => {
  it('is what either of two looks says that Druid needs', async () => {
    const { log, base } = await filled(await temporaryDirectory());
    await saw(log, base + 5);
    expect(log.startOffset).toBe(base);
    await saw(log, base + 3, undefined, base + 7);
    expect(log.startOffset).toBe(base + 3);
    await saw(log, 0, base + 9, log.endOffset + 1);
    expect(numbersOf(await rowsOf(log))).toEqual(range(3, 10));
  });

  it('is what looks of one moment say, which show the same tasks, or as few', async () => {
    const { log, base } = await filled(await temporaryDirectory());
    await sawEach(apart / 3, log, [base + 7, base + 5, base + 8]);
    expect(log.startOffset).toBe(base);
    expect(log.needed).toBe(base + 5);
    await sawEach(apart / 3, log, [base + 5, base + 6, base + 7, base + 8]);
    expect(log.startOffset).toBe(base + 5);
  });

  it('is no more where each process sees Druid once', async () => {
    const directory = await temporaryDirectory();
    const first = await filled(directory);
    await saw(first.log, first.base + 4);
    await first.close();
    const second = await filled(directory);
    await saw(second.log, first.base + 8);
    expect(numbersOf(await rowsOf(second.log))).toEqual(range(4, 10));
    await second.close();
    const third = await filled(directory);
    await saw(third.log, first.base + 6);
    expect(numbersOf(await rowsOf(third.log))).toEqual(range(6, 10));
  });

  it('is all where what was kept of the look before is damaged', async () => {
    const directory = await temporaryDirectory();
    const first = await filled(directory);
    await saw(first.log, first.base + 4);
    await first.close();
    await writeFile(`${first.log.directory}/needed`, `{"offset":${first.base + 9}}\n0\n`);
    const second = await filled(directory);
    expect(second.log.needed).toBeUndefined();
    await saw(second.log, first.base + 8);
    expect(numbersOf(await rowsOf(second.log))).toEqual(range(0, 10));
  });
});
