import { appendFile, cp, rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemFiles } from '../../src/journal/file-system.js';
import type { Journal } from '../../src/journal/journal.js';
import { silentLogger } from '../../src/observe/logger.js';
import { ManualClock } from '../support/manual-clock.js';
import { batchOf, timeOf } from './support/batches.js';
import { filesOf, numbersOf, openJournal, range, rowsOf, temporaryDirectory } from './support/journals.js';

/** A copy of what a journal has on disk now. */
async function asCrashed({ directory }: Journal): Promise<string> {
  const copy = await temporaryDirectory();
  await cp(directory, copy, { recursive: true, filter: (path) => !path.includes('writer-') });
  return copy;
}

describe('a log', () => {
  it('gives offsets in the order of appends, and serves what it wrote', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    const start = log.endOffset;
    expect(log.startOffset).toBe(start);
    const appended = await Promise.all([
      log.append(batchOf(0, 3)),
      log.append(batchOf(3, 1)),
      log.append(batchOf(4, 2)),
    ]);
    expect(appended).toEqual([
      { baseOffset: start, nextOffset: start + 3 },
      { baseOffset: start + 3, nextOffset: start + 4 },
      { baseOffset: start + 4, nextOffset: start + 6 },
    ]);
    const rows = await rowsOf(log);
    expect(numbersOf(rows)).toEqual(range(0, 6));
    expect(rows.map(({ offset }) => offset)).toEqual(range(start, start + 6));
    expect(log.endOffset).toBe(start + 6);
  });

  it('reads whole batches from the one with the offset on, at least one, within the bytes that are asked for', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory(), segmentBytes: 40_000 });
    const log = await journal.log('flights', 0);
    const start = log.endOffset;
    const sizes: number[] = [];
    for (let n = 0; n < 300; n += 3) {
      const batch = batchOf(n, 3, undefined, (n % 7) * 100);
      sizes.push(batch.length);
      await log.append(batch);
    }
    expect((await filesOf(log.directory, '.log')).length).toBeGreaterThan(1);
    await fc.assert(
      fc.asyncProperty(fc.nat(299), fc.integer({ min: 0, max: 10_000 }), async (n, maxBytes) => {
        const { bytes, nextOffset } = await log.read(start + n, maxBytes);
        const first = Math.floor(n / 3);
        expect(Number(bytes.readBigInt64BE())).toBe(start + first * 3);
        expect(bytes.length === sizes[first] || bytes.length <= maxBytes).toBe(true);
        expect(bytes.length).toBe(sizes.slice(first, (nextOffset - start) / 3).reduce((sum, size) => sum + size, 0));
      }),
    );
    expect(await log.read(log.endOffset, 100)).toEqual({ bytes: Buffer.alloc(0), nextOffset: log.endOffset });
    await expect(log.read(log.endOffset + 1, 100)).rejects.toThrow(RangeError);
  });

  it('gives bytes that keep little else in memory, without a copy where most of what was read is given', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    for (const n of range(0, 40)) await log.append(batchOf(n, 1, undefined, 10_000));
    const { bytes: one } = await log.read(log.startOffset + 20, 1);
    expect(one).toHaveLength(batchOf(20, 1, undefined, 10_000).length);
    expect(one.buffer.byteLength).toBe(one.length);
    const { bytes: many } = await log.read(log.startOffset, 250_000);
    expect(many.length).toBeGreaterThan(240_000);
    expect(many.buffer.byteLength).toBe(250_000 + 131_072);
  });

  it('finds a batch of a megabyte and those behind the first entry of its index', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    const start = log.endOffset;
    for (let n = 0; n < 40; n += 2) await log.append(batchOf(n, 2, undefined, n === 20 ? 600_000 : 20_000));
    for (const n of range(0, 40)) {
      const [row] = numbersOf(await rowsOf(log, start + n, 1));
      expect(row).toBe(n - (n % 2));
    }
  });

  it('finds the first record of at least a time', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory(), segmentBytes: 3000 });
    const log = await journal.log('flights', 0);
    const start = log.endOffset;
    for (let n = 0; n < 200; n += 5) await log.append(batchOf(n, 5));
    expect(await log.offsetOfTime(0)).toEqual({ offset: start, timestamp: timeOf(0) });
    for (const n of [0, 1, 7, 99, 100, 199]) {
      expect(await log.offsetOfTime(timeOf(n))).toEqual({ offset: start + n, timestamp: timeOf(n) });
      expect(await log.offsetOfTime(timeOf(n) - 999)).toEqual({ offset: start + n, timestamp: timeOf(n) });
    }
    expect(await log.offsetOfTime(timeOf(199) + 1)).toBeUndefined();
  });

  it('tells of appends, until it is told to stop', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    const ends: number[] = [];
    const stop = log.onAppend(() => ends.push(log.endOffset));
    const { nextOffset } = await log.append(batchOf(0, 2));
    expect(ends).toEqual([nextOffset]);
    stop();
    await log.append(batchOf(2, 2));
    expect(ends).toEqual([nextOffset]);
  });

  it('makes what comes within an interval durable together, and tells nobody before', async () => {
    const clock = new ManualClock();
    const journal = await openJournal({ directory: await temporaryDirectory(), clock, sync: { intervalMillis: 50 } });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 1));
    expect(clock.slept).toEqual([]);
    await Promise.all(range(1, 20).map((n) => log.append(batchOf(n, 1))));
    expect(clock.slept).toEqual([50]);
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, 20));
  });
});

describe('a segment', () => {
  it('is followed by another by size, and by age', async () => {
    const clock = new ManualClock();
    const journal = await openJournal({
      directory: await temporaryDirectory(),
      clock,
      segmentBytes: 1000,
      segmentMillis: 60_000,
    });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 50));
    await log.append(batchOf(50, 1));
    expect(await filesOf(log.directory, '.log')).toHaveLength(2);
    clock.advance(60_000);
    await log.append(batchOf(51, 1));
    expect(await filesOf(log.directory, '.log')).toHaveLength(3);
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, 52));
  });

  it('is removed below an offset that nobody needs, after its reserve, and not before', async () => {
    const clock = new ManualClock();
    const journal = await openJournal({
      directory: await temporaryDirectory(),
      clock,
      segmentBytes: 1,
      reserveMillis: 1000,
    });
    const log = await journal.log('flights', 0);
    const start = log.endOffset;
    for (const n of range(0, 6)) await log.append(batchOf(n, 1));
    expect(await log.trimTo(start + 3)).toBe(0);
    clock.advance(1000);
    const before = journal.size;
    const removed = await log.trimTo(start + 3);
    expect(removed).toBeGreaterThan(0);
    expect(journal.size).toBe(before - removed);
    expect([log.startOffset, log.endOffset]).toEqual([start + 3, start + 6]);
    expect(numbersOf(await rowsOf(log))).toEqual([3, 4, 5]);
    expect(await filesOf(log.directory, '.log')).toHaveLength(3);
  });

  it('that is being written is removed too once it is old and done with, and offsets go on', async () => {
    const clock = new ManualClock();
    const journal = await openJournal({
      directory: await temporaryDirectory(),
      clock,
      segmentMillis: 1000,
      reserveMillis: 1000,
    });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 6));
    const end = log.endOffset;
    clock.advance(1000);
    await log.trimTo(end);
    expect([log.startOffset, log.endOffset, log.size]).toEqual([end, end, 0]);
    expect(await log.append(batchOf(6, 1))).toEqual({ baseOffset: end, nextOffset: end + 1 });
  });

  it('that is being written is removed before it is old where room is short, and only after its reserve', async () => {
    const clock = new ManualClock();
    const size = batchOf(0, 6).length;
    const journal = await openJournal({
      directory: await temporaryDirectory(),
      clock,
      reserveMillis: 1000,
      maxBytes: 4 * size,
    });
    const [log, other] = await Promise.all([journal.log('flights', 0), journal.log('flights', 1)]);
    await log.append(batchOf(0, 6));
    const end = log.endOffset;
    clock.advance(1000);
    // There is room.
    expect(await log.trimTo(end)).toBe(0);
    await other.append(batchOf(0, 6));
    expect(await log.trimTo(end - 1)).toBe(0);
    expect(await other.trimTo(other.endOffset)).toBe(0);
    expect(await log.trimTo(end)).toBe(size);
    expect([log.startOffset, log.endOffset, journal.size]).toEqual([end, end, size]);
    expect(await log.append(batchOf(6, 1))).toEqual({ baseOffset: end, nextOffset: end + 1 });
  });

  it('that is being written is removed when the disk has no room for another', async () => {
    const clock = new ManualClock();
    let bavail = 1_000_000;
    const statfs = () => Promise.resolve({ bavail, bsize: 1 });
    const journal = await openJournal({
      directory: await temporaryDirectory(),
      files: { ...systemFiles, statfs: statfs as unknown as typeof systemFiles.statfs },
      clock,
      reserveMillis: 1000,
      minFreeBytes: 1,
    });
    const [log, other] = await Promise.all([journal.log('flights', 0), journal.log('flights', 1)]);
    await log.append(batchOf(0, 1));
    clock.advance(1000);
    bavail = 0;
    const large = (): Buffer => batchOf(0, 1, undefined, 100_000);
    await expect(other.append(large())).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FULL' });
    expect(await log.trimTo(log.endOffset)).toBeGreaterThan(0);
    bavail = 1_000_000;
    await other.append(large());
  });

  it('stays while somebody may stand before the offsets that a crash left out, who has lost nothing', async () => {
    const clock = new ManualClock();
    const journal = await openJournal({ directory: await temporaryDirectory(), clock });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 3));
    const end = log.endOffset;
    clock.advance(1);
    const after = await openJournal({ directory: await asCrashed(journal), clock, reserveMillis: 0 });
    const again = await after.log('flights', 0);
    expect(again.endOffset).toBeGreaterThan(end);
    // Files have the times of the system's clock.
    clock.advance(Date.now());
    expect(await again.trimTo(end)).toBe(0);
    expect(await again.trimTo(again.endOffset)).toBeGreaterThan(0);
    expect([again.startOffset, again.size]).toEqual([again.endOffset, 0]);
  });

  it('that was the last leaves a log that goes on where it was, after a crash and with a clock set back too', async () => {
    const clock = new ManualClock();
    const options = { clock, segmentMillis: 1, reserveMillis: 0 };
    const journal = await openJournal({ directory: await temporaryDirectory(), ...options });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 3));
    clock.advance(1);
    const end = log.endOffset;
    expect(await log.trimTo(end)).toBeGreaterThan(0);
    const directory = await asCrashed(journal);
    const after = await openJournal({ directory, clock: new ManualClock(0) });
    const again = await after.log('flights', 0);
    expect([again.startOffset, again.endOffset]).toEqual([end, end]);
    expect(await again.append(batchOf(3, 1))).toEqual({ baseOffset: end, nextOffset: end + 1 });
    // Something is under way again, so that the next start has its doubts.
    const third = await (await openJournal({ directory: await asCrashed(after), clock })).log('flights', 0);
    expect(third.recovery.isClean).toBe(false);
    expect(third.endOffset).toBeGreaterThan(end + 1);
  });

  it('that is read while it is removed is read to its end or not at all', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory(), segmentBytes: 1, reserveMillis: 0 });
    const log = await journal.log('flights', 0);
    for (const n of range(0, 20)) await log.append(batchOf(n, 1));
    const [rows] = await Promise.all([rowsOf(log), log.trimTo(log.endOffset - 1)]);
    const numbers = numbersOf(rows);
    expect(numbers.at(-1)).toBe(19);
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
  });
});

describe('a producer', () => {
  const producer = (sequence: number, epoch = 0): { id: number; epoch: number; sequence: number } => ({
    id: 7,
    epoch,
    sequence,
  });

  it('may write a batch again, and gets the offsets of the first time', async () => {
    const directory = await temporaryDirectory();
    let journal = await openJournal({ directory });
    let log = await journal.log('flights', 0);
    const [first, again] = await Promise.all([
      log.append(batchOf(0, 3, producer(0))),
      log.append(batchOf(0, 3, producer(0))),
    ]);
    const second = await log.append(batchOf(3, 2, producer(3)));
    expect(again).toEqual(first);
    expect(await log.append(batchOf(0, 3, producer(0)))).toEqual(first);
    for (let start = 0; start < 2; start++) {
      await journal.close();
      journal = await openJournal({ directory });
      log = await journal.log('flights', 0);
      expect(await log.append(batchOf(3, 2, producer(3)))).toEqual(second);
      expect(numbersOf(await rowsOf(log))).toEqual(range(0, 5));
    }
  });

  it('is refused what leaves a gap, what is older than what is remembered, and what comes from an earlier epoch', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    for (const n of range(0, 7)) await log.append(batchOf(n, 1, producer(n)));
    const refused = { code: 'TRQ_JOURNAL_SEQUENCE' };
    await expect(log.append(batchOf(8, 1, producer(8)))).rejects.toMatchObject(refused);
    await expect(log.append(batchOf(1, 1, producer(1)))).rejects.toMatchObject(refused);
    await expect(log.append(batchOf(6, 2, producer(6)))).rejects.toMatchObject(refused);
    const together = [7, 9].map((n) => log.append(batchOf(n, 1, producer(n))));
    await expect(together[1]).rejects.toMatchObject(refused);
    await together[0];
    await log.append(batchOf(8, 1, producer(0, 1)));
    await expect(log.append(batchOf(9, 1, producer(8)))).rejects.toMatchObject(refused);
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, 9));
  });

  it('goes on with 0 after the last sequence', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 2, producer(2 ** 31 - 2)));
    await log.append(batchOf(2, 1, producer(0)));
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, 3));
  });
});

describe('a log that is opened again', () => {
  it('goes on where it was after it was closed in order', async () => {
    const directory = await temporaryDirectory();
    let end = 0;
    for (const round of range(0, 4)) {
      const journal = await openJournal({ directory, segmentBytes: 300 });
      const log = await journal.log('flights', 0);
      expect(log.recovery).toEqual({ isClean: round > 0, cuts: [] });
      if (round > 0) expect(log.endOffset).toBe(end);
      for (const n of range(round * 10, round * 10 + 10)) await log.append(batchOf(n, 1));
      end = log.endOffset;
      expect(numbersOf(await rowsOf(log))).toEqual(range(0, round * 10 + 10));
      await journal.close();
    }
  });

  it.each([
    ['a lost segment', async (directory: string) => rm((await filesOf(directory, '.log'))[2] ?? '')],
    [
      'a segment with more than was written',
      async (directory: string) => appendFile((await filesOf(directory, '.log'))[2] ?? '', 'x'),
    ],
    ['a lost word of its end', async (directory: string) => rm((await filesOf(directory, 'closed'))[0] ?? '')],
    [
      'a damaged word of its end',
      async (directory: string) => appendFile((await filesOf(directory, 'closed'))[0] ?? '', 'x'),
    ],
  ])('goes on at a higher base after %s', async (_, harm) => {
    const directory = await temporaryDirectory();
    const first = await openJournal({ directory, segmentBytes: 1 });
    const log = await first.log('flights', 0);
    for (const n of range(0, 3)) await log.append(batchOf(n, 1));
    await first.close();
    await harm(log.directory);
    const journal = await openJournal({ directory });
    const again = await journal.log('flights', 0);
    expect(again.recovery.isClean).toBe(false);
    expect(again.endOffset).toBeGreaterThan(log.endOffset);
    const { baseOffset } = await again.append(batchOf(3, 1));
    expect(baseOffset).toBeGreaterThan(log.endOffset);
    expect(numbersOf(await rowsOf(again)).slice(0, 2)).toEqual([0, 1]);
  });

  it('begins above a log that was lost, and above one from a clock that was ahead', async () => {
    const clock = new ManualClock();
    const directories = [await temporaryDirectory(), await temporaryDirectory()];
    const lost = await (await openJournal({ directory: directories[0] ?? '', clock })).log('flights', 0);
    await lost.append(batchOf(0, 100));
    clock.advance(1);
    const fresh = await openJournal({ directory: directories[1] ?? '', clock });
    const log = await fresh.log('flights', 0);
    expect(log.startOffset).toBeGreaterThan(lost.endOffset);
    await log.append(batchOf(0, 1));
    await fresh.close();
    await rm(`${log.directory}/closed`);
    const back = await openJournal({
      directory: directories[1] ?? '',
      clock: new ManualClock(clock.now() - 86_400_000),
    });
    expect((await back.log('flights', 0)).endOffset).toBeGreaterThan(log.endOffset);
  });

  it('does without seals that are lost or broken', async () => {
    const directory = await temporaryDirectory();
    const first = await openJournal({ directory, segmentBytes: 300 });
    const log = await first.log('flights', 0);
    for (const n of range(0, 30)) await log.append(batchOf(n, 1, { id: 1, epoch: 0, sequence: n }));
    await first.close();
    const [one = '', two = '', ...rest] = await filesOf(log.directory, '.seal');
    await rm(one);
    await appendFile(two, 'x');
    for (const path of rest.slice(-1)) await rm(path);
    const journal = await openJournal({ directory });
    const again = await journal.log('flights', 0);
    expect(again.recovery.cuts).toEqual([]);
    expect(numbersOf(await rowsOf(again))).toEqual(range(0, 30));
    expect((await again.append(batchOf(29, 1, { id: 1, epoch: 0, sequence: 29 }))).nextOffset).toBe(log.endOffset);
    expect((await stat(one)).size).toBeGreaterThan(0);
  });

  it.each([
    ['first', 0],
    ['middle', 1],
    ['last', -1],
  ])('reports a segment whose file is gone: the %s one', async (_, index) => {
    const directory = await temporaryDirectory();
    const first = await openJournal({ directory, segmentBytes: 300 });
    const log = await first.log('flights', 0);
    for (const n of range(0, 30)) await log.append(batchOf(n, 1));
    const end = log.endOffset;
    await first.close();
    const files = await filesOf(log.directory, '.log');
    const path = files.at(index) ?? '';
    const { size: bytes } = await stat(path);
    await rm(path);
    const lines: string[] = [];
    const note = (line: string): void => void lines.push(line);
    const second = await openJournal({ directory, logger: { ...silentLogger, error: note } });
    const again = await second.log('flights', 0);
    const offset = Number.parseInt(basename(path), 10);
    const rows = 30 - again.countFrom(0);
    expect(rows).toBeGreaterThan(0);
    expect(again.recovery).toEqual({
      isClean: false,
      cuts: [{ path, position: 0, bytes, offset, rows, isGone: true }],
    });
    expect(lines).toEqual([
      `${path}: the file is gone, and its ${bytes} bytes with it. Look who removed it; they were ${rows} rows from offset ${offset} on.`,
    ]);
    expect((await again.append(batchOf(30, 1))).baseOffset).toBeGreaterThanOrEqual(end);
    await second.close();
    const third = await openJournal({ directory });
    expect((await third.log('flights', 0)).recovery).toEqual({ isClean: true, cuts: [] });
  });

  it('reads on behind a segment whose file is gone while the log is open', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory(), segmentBytes: 300 });
    const log = await journal.log('flights', 0);
    for (const n of range(0, 30)) await log.append(batchOf(n, 1));
    const [, path = ''] = await filesOf(log.directory, '.log');
    await rm(path);
    const left = numbersOf(await rowsOf(log));
    expect(left.length).toBe(log.countFrom(0));
    expect(left.at(-1)).toBe(29);
    expect(log.cuts).toEqual([expect.objectContaining({ path, rows: 30 - left.length, isGone: true })]);
  });

  it('gives up nothing of a directory that is gone as a whole', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory(), segmentBytes: 300 });
    const log = await journal.log('flights', 0);
    for (const n of range(0, 30)) await log.append(batchOf(n, 1));
    await rename(log.directory, `${log.directory}.away`);
    await expect(rowsOf(log)).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FAILED' });
    await rename(`${log.directory}.away`, log.directory);
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, 30));
  });
});
