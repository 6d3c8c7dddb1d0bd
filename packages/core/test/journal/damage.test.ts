import { copyFile, cp, mkdir, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { systemFiles, type File, type FileSystem } from '../../src/journal/file-system.js';
import type { Cut } from '../../src/journal/mend-segment.js';
import { batchOf } from './support/batches.js';
import { decodeBatches } from './support/decode.js';
import { filesOf, numbersOf, openJournal, range, rowsOf, temporaryDirectory } from './support/journals.js';
import { faultyFiles } from './support/faulty-files.js';

const counts = [3, 1, 2, 4];
const total = 10;
/** Nothing is lost by what these tests do, so that syncs would only take time. */
const unsynced = faultyFiles((call) => (call.name === 'sync' ? 'skip' : undefined));

/** A journal of four batches in one segment, as a crash leaves it. */
async function crashed(): Promise<{
  directory: string;
  path: string;
  bytes: Buffer;
  base: number;
  end: number;
  starts: number[];
}> {
  const directory = await temporaryDirectory();
  const journal = await openJournal({ directory, files: unsynced });
  const log = await journal.log('flights', 0);
  const starts = [0];
  for (const [index, count] of counts.entries()) {
    const from = counts.slice(0, index).reduce((sum, n) => sum + n, 0);
    await log.append(batchOf(from, count));
    starts.push(log.size);
  }
  const [base, end] = [log.startOffset, log.endOffset];
  await journal.close();
  await rm(`${log.directory}/closed`);
  const [path = ''] = await filesOf(log.directory, '.log');
  return { directory, path, bytes: await readFile(path), base, end, starts };
}

/** Leaves nothing of the partition but one segment of these bytes. */
async function lay(directory: string, path: string, bytes: Buffer): Promise<void> {
  await rm(`${directory}/flights-0`, { recursive: true });
  await mkdir(`${directory}/flights-0`);
  await writeFile(path, bytes);
}

const batchAt = (starts: readonly number[], position: number): number =>
  starts.findLastIndex((start) => start <= position);
const numbersIn = (batch: number): number[] => {
  const from = counts.slice(0, batch).reduce((sum, n) => sum + n, 0);
  return range(from, from + (counts[batch] ?? 0));
};

async function flip(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 4]), 0, 1, position);
  await file.close();
}

/** The machine's file system, whose files that are opened to be read only give zeros as long as it lies. */
function lyingFiles(isLying: () => boolean): FileSystem {
  const open = async (path: string, flags?: string): Promise<File> => {
    const file = await systemFiles.open(path, flags);
    if (flags !== 'r') return file;
    return new Proxy(file, {
      get: (target, key) => {
        const own: unknown = Reflect.get(target, key);
        if (typeof own !== 'function') return own;
        if (key !== 'read' || !isLying()) return own.bind(target) as unknown;
        return (bytes: Buffer, from: number, length: number) => {
          bytes.fill(0, from, from + length);
          return Promise.resolve({ bytesRead: length, buffer: bytes });
        };
      },
    });
  };
  return { ...systemFiles, open: open as FileSystem['open'] };
}

const rowsCut = (cuts: readonly Cut[]): number => cuts.reduce((sum, { rows }) => sum + (rows ?? NaN), 0);

describe('after a crash', () => {
  it('a segment that was torn at any byte has every whole batch, and no offset is given out twice', async () => {
    const { directory, path, bytes, end, starts } = await crashed();
    for (let length = 0; length <= bytes.length; length++) {
      await lay(directory, path, bytes.subarray(0, length));
      const journal = await openJournal({ directory, files: unsynced });
      const log = await journal.log('flights', 0);
      const whole = starts.findLastIndex((start) => start <= length);
      const expected = counts.slice(0, whole).reduce((sum, n) => sum + n, 0);
      const cut = length - (starts[whole] ?? 0);
      expect(log.recovery.cuts.map((found) => found.bytes)).toEqual(cut > 0 ? [cut] : []);
      expect(log.recovery.isClean).toBe(false);
      const { baseOffset } = await log.append(batchOf(total, 1));
      expect(baseOffset).toBeGreaterThan(end);
      expect(numbersOf(await rowsOf(log))).toEqual([...range(0, expected), total]);
      await journal.close();
    }
  }, 600_000);

  it('a byte that was flipped anywhere costs its batch, which is reported, and no other', async () => {
    const { directory, path, bytes, base, starts } = await crashed();
    for (let position = 0; position < bytes.length; position++) {
      const flipped = Buffer.from(bytes);
      flipped[position] = (flipped[position] ?? 0) ^ (1 << (position % 8));
      await lay(directory, path, flipped);
      const journal = await openJournal({ directory, files: unsynced });
      const log = await journal.log('flights', 0);
      const lost = numbersIn(batchAt(starts, position));
      expect(numbersOf(await rowsOf(log))).toEqual(range(0, total).filter((n) => !lost.includes(n)));
      expect(log.recovery.cuts).toHaveLength(1);
      const [cut] = log.recovery.cuts;
      expect(cut?.path).toBe(path);
      // The number of rows of the last batch is only in its own header, which may be what is damaged.
      if (cut?.rows !== undefined) expect(cut.rows).toBe(lost.length);
      else expect(lost).toContain(total - 1);
      expect(cut?.offset).toBe(base + (lost[0] ?? NaN));
      await journal.close();

      const again = await openJournal({ directory, files: unsynced });
      const same = await again.log('flights', 0);
      expect(same.recovery).toEqual({ isClean: true, cuts: [] });
      expect(numbersOf(await rowsOf(same))).toEqual(range(0, total).filter((n) => !lost.includes(n)));
      await again.close();
    }
  }, 600_000);

  it('a stretch of zeros, as a loss of power leaves it, is cut', async () => {
    const { directory, path, bytes } = await crashed();
    await lay(directory, path, Buffer.concat([bytes, Buffer.alloc(5000)]));
    const log = await (await openJournal({ directory, files: unsynced })).log('flights', 0);
    expect(log.recovery.cuts).toMatchObject([{ position: bytes.length, bytes: 5000, rows: undefined }]);
    expect(numbersOf(await rowsOf(log))).toEqual(range(0, total));
    expect((await stat(path)).size).toBe(bytes.length);
  });

  it('a recovery that was cut short, too, comes to the same', async () => {
    const { directory, path, bytes, starts } = await crashed();
    const flipped = Buffer.from(bytes);
    const position = (starts[1] ?? 0) + 70;
    flipped[position] = (flipped[position] ?? 0) ^ 1;
    await lay(directory, path, flipped);
    const copy = `${directory}-before`;
    await cp(`${directory}/flights-0`, copy, { recursive: true });
    const first = await openJournal({ directory, files: unsynced });
    const log = await first.log('flights', 0);
    const expected = await rowsOf(log);
    await first.close();
    // What follows the damage is a file of its own already; the damaged one was not cut yet.
    await copyFile(`${copy}/${path.split('/').at(-1) ?? ''}`, path);
    await rm(copy, { recursive: true });
    await rm(`${directory}/flights-0/closed`);
    for (const seal of await filesOf(`${directory}/flights-0`, '.seal')) await rm(seal);
    const again = await (await openJournal({ directory, files: unsynced })).log('flights', 0);
    expect(await rowsOf(again)).toEqual(expected);
    expect(rowsCut(again.recovery.cuts)).toBe(1);
  });
});

describe('while it is read', () => {
  it.each([0, 1, 30, 60, 61])('a large batch is whole of which %i bytes were read at first', async (bytes) => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    const overhead = batchOf(0, 1, undefined, 131_000).length - 131_000;
    // For one byte, 131,073 are read.
    await log.append(batchOf(0, 1, undefined, 131_073 - bytes - overhead));
    expect(log.size).toBe(131_073 - bytes);
    await log.append(batchOf(1, 1, undefined, 200_000));
    const [{ nextOffset }, read] = [await log.read(log.startOffset, 1), await log.read(log.startOffset + 1, 1)];
    expect(nextOffset).toBe(log.startOffset + 1);
    expect(numbersOf(await decodeBatches(read.bytes))).toEqual([1]);
    expect(log.cuts).toEqual([]);
    expect(await filesOf(log.directory, '.seal')).toEqual([]);
  });

  it('a batch that is whole whenever it is checked, and not when it is read, is an error and not looked at for ever', async () => {
    const directory = await temporaryDirectory();
    let isLying = false;
    const files = lyingFiles(() => isLying);
    const journal = await openJournal({ directory, files });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 3));
    isLying = true;
    await expect(log.read(log.startOffset, 100)).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FAILED' });
    isLying = false;
    expect(numbersOf(await rowsOf(log))).toEqual([0, 1, 2]);
    expect(log.cuts).toEqual([]);
  });

  it('a damage is found by many readers at once, and is cut out once', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    for (let n = 0; n < 6; n += 2) await log.append(batchOf(n, 2));
    const [path = ''] = await filesOf(log.directory, '.log');
    await flip(path, batchOf(0, 2).length + 80);
    const all = await Promise.all(range(0, 5).map(() => rowsOf(log)));
    for (const rows of all) expect(numbersOf(rows)).toEqual([0, 1, 4, 5]);
    expect(log.cuts).toHaveLength(1);
  });

  it('a damage is left alone once the journal is closed', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    await log.append(batchOf(0, 3));
    await journal.close();
    const [path = ''] = await filesOf(log.directory, '.log');
    await flip(path, 80);
    await expect(log.read(log.startOffset, 100)).rejects.toMatchObject({ code: 'TRQ_JOURNAL_CLOSED' });
    expect(log.cuts).toEqual([]);
  });

  it.each([
    ['a segment that is done', 300],
    ['the segment that is being written', 1_000_000],
  ])('%s gives all but what is damaged, and says what that was', async (_, segmentBytes) => {
    for (const byte of [3, 9, 14, 16, 25, 80]) {
      const directory = await temporaryDirectory();
      const journal = await openJournal({ directory, segmentBytes });
      const log = await journal.log('flights', 0);
      for (let n = 0; n < 20; n += 2) await log.append(batchOf(n, 2));
      const [path = ''] = await filesOf(log.directory, '.log');
      // The second batch of the first file.
      await flip(path, batchOf(0, 2).length + byte);

      expect(numbersOf(await rowsOf(log))).toEqual([0, 1, ...range(4, 20)]);
      expect(log.cuts).toMatchObject([{ path, rows: 2 }]);
      const { baseOffset } = await log.append(batchOf(20, 2));
      expect(await rowsOf(log, baseOffset)).toHaveLength(2);
      const end = log.endOffset;
      await journal.close();
      const again = await (await openJournal({ directory, files: unsynced })).log('flights', 0);
      expect(again.recovery).toEqual({ isClean: true, cuts: [] });
      expect(again.endOffset).toBe(end);
      expect(numbersOf(await rowsOf(again))).toEqual([0, 1, ...range(4, 22)]);
    }
  });

  it.each([5, batchOf(3, 3).length])(
    'a segment that was shortened by %i bytes behind our back is found out',
    async (missing) => {
      const journal = await openJournal({ directory: await temporaryDirectory() });
      const log = await journal.log('flights', 0);
      await log.append(batchOf(0, 3));
      await log.append(batchOf(3, 3));
      const [path = ''] = await filesOf(log.directory, '.log');
      await truncate(path, (await stat(path)).size - missing);
      expect(numbersOf(await rowsOf(log))).toEqual([0, 1, 2]);
      expect(log.cuts).toMatchObject([{ path, rows: 3 }]);
      await log.append(batchOf(6, 1));
      expect(numbersOf(await rowsOf(log))).toEqual([0, 1, 2, 6]);
    },
  );
});
