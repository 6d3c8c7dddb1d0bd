import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Journal } from '../../src/journal/journal.js';
import { batchOf } from './support/batches.js';
import { numbersOf, openJournal, rowsOf, temporaryDirectory } from './support/journals.js';

describe('a journal', () => {
  it('has all partitions that there were, whatever their names', async () => {
    const directory = await temporaryDirectory();
    const names = ['flights', 'a-1', 'ä b/c', '.', '..', '%25', '*'];
    const first = await openJournal({ directory });
    for (const [index, name] of names.entries()) await (await first.log(name, index)).append(batchOf(index, 1));
    expect(await first.partitions()).toHaveLength(names.length);
    await first.close();
    const journal = await openJournal({ directory });
    expect(await journal.partitions()).toHaveLength(names.length);
    for (const [index, name] of names.entries()) {
      expect(numbersOf(await rowsOf(await journal.log(name, index)))).toEqual([index]);
    }
    expect(await journal.partitions()).toHaveLength(names.length);
  });

  it('takes nothing when it is closed', async () => {
    const journal = await openJournal({ directory: await temporaryDirectory() });
    const log = await journal.log('flights', 0);
    const last = log.append(batchOf(0, 1));
    await journal.close();
    await last;
    const closed = { code: 'TRQ_JOURNAL_CLOSED' };
    await expect(log.append(batchOf(1, 1))).rejects.toMatchObject(closed);
    await expect(journal.log('other', 0)).rejects.toMatchObject(closed);
    await journal.close();
  });

  it('refuses a directory of something else, and one of a later version, and leaves them alone', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, 'notes.txt'), 'mine');
    const other = await temporaryDirectory();
    await writeFile(join(other, 'format'), 'tranquility-journal 2\n');
    await expect(Journal.open({ directory })).rejects.toMatchObject({
      code: 'TRQ_JOURNAL_FORMAT',
      message: expect.stringContaining('notes.txt') as string,
    });
    await expect(Journal.open({ directory: other })).rejects.toMatchObject({
      code: 'TRQ_JOURNAL_FORMAT',
      message: expect.stringContaining('"tranquility-journal 2"') as string,
    });
    expect(await readdir(directory)).toEqual(['notes.txt']);
    expect(await readdir(other)).toEqual(['format']);
  });

  it('says so when its directory cannot be made', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, '');
    await expect(Journal.open({ directory: join(file, 'journal') })).rejects.toMatchObject({
      code: 'TRQ_JOURNAL_FAILED',
      message: expect.stringContaining(file) as string,
    });
  });
});

describe('the lock of a journal', () => {
  it.each([
    ['short', ''],
    ['long', 'x'.repeat(150)],
  ])('keeps a second writer away, and ends with the first, with a %s path', async (_, below) => {
    const directory = join(await temporaryDirectory(), below);
    await mkdir(directory, { recursive: true });
    const first = await openJournal({ directory });
    const locked = { code: 'TRQ_JOURNAL_LOCKED', message: expect.stringContaining(`process ${process.pid}`) as string };
    await expect(Journal.open({ directory })).rejects.toMatchObject(locked);
    await (await first.log('flights', 0)).append(batchOf(0, 1));
    await first.close();
    const second = await openJournal({ directory });
    expect(numbersOf(await rowsOf(await second.log('flights', 0)))).toEqual([0]);
    await second.close();
    expect((await readdir(directory)).filter((name) => name.includes('writer'))).toEqual([]);
  });

  it('is had by at most one of many that begin at the same time', async () => {
    const directory = await temporaryDirectory();
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => openJournal({ directory })));
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'TRQ_JOURNAL_LOCKED' });
      else await result.value.close();
    }
    await (await openJournal({ directory })).close();
  });

  it('is held by a process that is stopped, and not by one that was killed', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'writer-1-abcdef.sock');
    const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('ready'))`;
    const holder = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    holder.kill('SIGSTOP');
    await expect(Journal.open({ directory })).rejects.toMatchObject({ code: 'TRQ_JOURNAL_LOCKED' });
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    await openJournal({ directory });
    expect(await readdir(directory)).not.toContain('writer-1-abcdef.sock');
  });
});
