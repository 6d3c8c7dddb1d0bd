import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { systemFiles, type FileSystem } from '../../src/journal/file-system.js';
import type { Journal } from '../../src/journal/journal.js';
import type { JournalLog } from '../../src/journal/journal-log.js';
import { writeSealedJson } from '../../src/journal/sealed-json.js';
import { batchOf } from './support/batches.js';
import { numbersOf, openJournal, range, rowsOf, temporaryDirectory } from './support/journals.js';

interface Staged {
  readonly journal: Journal;
  readonly log: JournalLog;
  readonly directory: string;
}

/** Small segments, so that stages end within them and between them. */
async function open(directory: string, isStaged = true): Promise<Staged> {
  const journal = await openJournal({ directory, segmentBytes: 2_000 });
  const log = await journal.log('flights', 0);
  await journal.stage('flights', new Map([[0, log]]), isStaged);
  return { journal, log, directory };
}

/** The same journal as a process finds it after this one was killed. */
async function afterCrash({ directory }: Staged, isStaged = true): Promise<Staged> {
  const copy = await temporaryDirectory();
  await cp(directory, copy, { recursive: true, filter: (path) => !path.endsWith('.sock') && !path.includes('lock') });
  return open(copy, isStaged);
}

async function append({ log }: Staged, from: number, count: number): Promise<void> {
  for (let first = from; first < from + count; first += 5) await log.append(batchOf(first, 5));
}

const seen = async ({ log }: Staged): Promise<number[]> => numbersOf(await rowsOf(log));

it('shows rows when their source has let go of them, and not before', async () => {
  const staged = await open(await temporaryDirectory());
  const { journal, log } = staged;
  await append(staged, 0, 100);
  expect(await seen(staged)).toEqual([]);
  expect([log.countFrom(0), await log.offsetOfTime(0)]).toEqual([0, undefined]);
  expect(await journal.staging.stage('first')).toBe(true);
  await append(staged, 100, 10);
  expect(await seen(staged)).toEqual([]);
  await journal.staging.show();
  expect(await seen(staged)).toEqual(range(0, 100));
  expect(log.countFrom(0)).toBe(100);
  await journal.staging.stage('second');
  await journal.staging.show();
  expect(await seen(staged)).toEqual(range(0, 110));
  expect(await journal.staging.stage('nothing new')).toBe(false);
});

it('wakes those who wait when rows are shown', async () => {
  const staged = await open(await temporaryDirectory());
  let woken = 0;
  await append(staged, 0, 5);
  await staged.journal.staging.stage('one');
  staged.log.onAppend(() => woken++);
  await staged.journal.staging.show();
  expect(woken).toBe(1);
});

it('takes back what its source gives again, wherever that begins', async () => {
  for (const shown of [0, 5, 30, 60, 95]) {
    const staged = await open(await temporaryDirectory());
    const { journal, log } = staged;
    await append(staged, 0, shown);
    await journal.staging.stage('kept');
    await journal.staging.show();
    const [start, end, size] = [log.startOffset, log.endOffset, log.size];
    await append(staged, shown, 100);
    await journal.staging.stage('given up');
    await append(staged, shown + 100, 5);
    await journal.staging.drop();
    expect([log.tail, log.endOffset, log.size, journal.size]).toEqual([end, end, size, size]);
    await append(staged, shown, 20);
    await journal.staging.stage('again');
    await journal.staging.show();
    expect(await seen(staged)).toEqual(range(0, shown + 20));
    expect(log.startOffset).toBe(start);
  }
});

it('leaves a stage undecided to the next process, which takes no rows until then', async () => {
  const staged = await open(await temporaryDirectory());
  await append(staged, 0, 40);
  await staged.journal.staging.stage('one');
  await staged.journal.staging.show();
  await append(staged, 40, 40);
  await staged.journal.staging.stage('{"offset":80}');
  await append(staged, 80, 20);
  for (const decision of ['show', 'drop'] as const) {
    const next = await afterCrash(staged);
    const { staging } = next.journal;
    expect(staging.undecided).toBe('{"offset":80}');
    expect(await seen(next)).toEqual(range(0, 40));
    let isDecided = false;
    const waited = staging.decided.then(() => (isDecided = true));
    await Promise.resolve();
    expect(isDecided).toBe(false);
    await staging[decision]();
    await waited;
    expect(staging.undecided).toBeUndefined();
    const kept = decision === 'show' ? 80 : 40;
    expect(await seen(next)).toEqual(range(0, kept));
    await append(next, kept, 10);
    await staging.stage('three');
    await staging.show();
    expect(await seen(next)).toEqual(range(0, kept + 10));
    // A further crash after the decision does not ask again.
    expect((await afterCrash(next)).journal.staging.undecided).toBe('three');
  }
});

it('gives no offset again that a reader may have had', async () => {
  const staged = await open(await temporaryDirectory());
  await append(staged, 0, 20);
  await staged.journal.staging.stage('shown, and then killed');
  await staged.journal.staging.show();
  const { endOffset } = staged.log;
  const next = await afterCrash(staged);
  // The source has lost what it noted.
  await next.journal.staging.drop();
  await append(next, 0, 5);
  await next.journal.staging.stage('again');
  await next.journal.staging.show();
  const [first] = await rowsOf(next.log);
  expect(first?.offset).toBeGreaterThanOrEqual(endOffset);
});

it('is left in order, and then shows what comes to whoever does not stage', async () => {
  const staged = await open(await temporaryDirectory());
  await append(staged, 0, 10);
  await staged.journal.staging.stage('one');
  await staged.journal.staging.show();
  await staged.journal.close();
  const plain = await open(staged.directory, false);
  expect(plain.journal.staging.undecided).toBeUndefined();
  await append(plain, 10, 5);
  expect(await seen(plain)).toEqual(range(0, 15));
  await plain.journal.close();
  const again = await open(staged.directory);
  await append(again, 15, 5);
  expect(await seen(again)).toEqual(range(0, 15));
});

it('is not open to others while a stage is undecided', async () => {
  const staged = await open(await temporaryDirectory());
  await append(staged, 0, 10);
  await staged.journal.staging.stage('one');
  await expect(afterCrash(staged, false)).rejects.toMatchObject({ code: 'TRQ_JOURNAL_STAGED' });
});

it('forgets rows that no stage has, when their process was killed', async () => {
  const staged = await open(await temporaryDirectory());
  await append(staged, 0, 35);
  const next = await afterCrash(staged);
  expect([next.journal.staging.undecided, next.log.countFrom(0), next.log.size]).toEqual([undefined, 0, 0]);
  await append(next, 0, 10);
  await next.journal.staging.stage('one');
  await next.journal.staging.show();
  expect(await seen(next)).toEqual(range(0, 10));
});

it('is as it was where the disk takes no word of it', async () => {
  const directory = await temporaryDirectory();
  let isFull = false;
  const files: FileSystem = {
    ...systemFiles,
    open: (path, flags) =>
      isFull && String(path).includes('staged')
        ? Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
        : systemFiles.open(path, flags),
  };
  const journal = await openJournal({ directory, files });
  const log = await journal.log('flights', 0);
  const logs = new Map([[0, log]]);
  isFull = true;
  await expect(journal.stage('flights', logs, true)).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FULL' });
  isFull = false;
  await journal.stage('flights', logs, true);
  await append({ journal, log, directory }, 0, 10);
  isFull = true;
  await expect(journal.staging.stage('one')).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FULL' });
  await journal.staging.show();
  expect(await seen({ journal, log, directory })).toEqual([]);
  isFull = false;
  await journal.staging.stage('one');
  await journal.staging.show();
  expect(await seen({ journal, log, directory })).toEqual(range(0, 10));
});

it.each([
  ['torn', (bytes: Buffer) => bytes.subarray(0, 10)],
  ['empty', () => Buffer.alloc(0)],
  ['changed', (bytes: Buffer) => Buffer.from(bytes.toString().replace('flights', 'clicks-'))],
])('is refused where the word of it is %s, and shows nothing by mistake', async (_, damage) => {
  const staged = await open(await temporaryDirectory());
  await append(staged, 0, 5);
  await staged.journal.staging.stage('first');
  const crashed = await temporaryDirectory();
  await cp(staged.directory, crashed, { recursive: true, filter: (path) => !path.endsWith('.sock') });
  const path = `${crashed}/staged`;
  const damaged = damage(await readFile(path));
  await writeFile(path, damaged);
  await expect(openJournal({ directory: crashed })).rejects.toMatchObject({
    code: 'TRQ_JOURNAL_FORMAT',
    message: expect.stringContaining(`${path} is not as it was written`) as string,
  });
  expect(await readFile(path)).toEqual(damaged);
  // What the message says to do.
  await rm(path);
  expect(await seen(await open(crashed))).toEqual(range(0, 5));
});

it('is refused where its word is whole, and none that is known', async () => {
  const directory = await temporaryDirectory();
  await (await openJournal({ directory })).close();
  for (const value of [null, {}, { shown: { 'flights-0': '7' } }, { shown: {}, stage: { token: 7, ends: {} } }]) {
    await writeSealedJson(systemFiles, `${directory}/staged`, value);
    await expect(openJournal({ directory })).rejects.toMatchObject({ code: 'TRQ_JOURNAL_FORMAT' });
  }
});
