import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, type Logger } from '../../src/observe/logger.js';
import { LetterFile } from '../../src/sender/letter-file.js';

describe('a file of dead letters that cannot be written', () => {
  let directory: string;
  let path: string;
  let logs: string[];
  let letters: LetterFile;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'tranquility-letters-'));
    path = join(directory, 'letters');
    logs = [];
    const log = (level: string) => (message: string) => void logs.push(`${level} ${message}`);
    const logger: Logger = { ...silentLogger, error: log('error'), warn: log('warn'), info: log('info') };
    await symlink('/dev/full', path);
    letters = await LetterFile.open(path, { setting: 'a.path', logger });
  });
  afterEach(async () => {
    await letters.close().catch(() => undefined);
    await rm(directory, { recursive: true });
  });

  async function makeRoom(content = ''): Promise<void> {
    await rm(path);
    await writeFile(path, content);
  }

  it('keeps its lines until it can be, and says so', async () => {
    letters.add('one');
    await expect(letters.flush()).rejects.toMatchObject({
      code: 'TRQ_DEAD_LETTER_FAILED',
      message: `a.path: events that are missing in ${path}: 1, as it cannot be written: ENOSPC: no space left on device, write`,
    });
    letters.add('two');
    await expect(letters.flush()).rejects.toMatchObject({ details: { missing: 2 } });
    expect(logs).toEqual([expect.stringMatching(/^error a\.path: .*letters cannot be written: ENOSPC.* Make room/)]);
    // As it may end after a write that was cut off.
    await makeRoom('on');
    letters.add('three');
    await letters.flush();
    letters.add('four');
    await letters.flush();
    expect(await readFile(path, 'utf8')).toBe('on\none\ntwo\nthree\nfour\n');
    expect(logs.slice(1)).toEqual([expect.stringMatching(/^info a\.path: .* is written again/)]);
  });

  it('is tried again by itself', async () => {
    letters.add('one');
    await expect(letters.flush()).rejects.toThrow('ENOSPC');
    await makeRoom();
    await expect.poll(() => readFile(path, 'utf8'), { timeout: 10_000 }).toBe('one\n');
  });

  it('keeps so many of its lines, and counts those that are lost', async () => {
    const line = 'x'.repeat(1_048_576);
    letters.add(line);
    await expect(letters.flush()).rejects.toThrow('ENOSPC');
    for (let count = 1; count < 18; count++) letters.add(line);
    expect(logs.slice(1)).toEqual([expect.stringMatching(/^error a\.path: .* lost from now on/)]);
    await makeRoom();
    await expect(letters.flush()).rejects.toMatchObject({ details: { missing: 2 } });
    expect((await readFile(path, 'utf8')).split('\n').filter((each) => each === line)).toHaveLength(16);
    expect(logs.slice(2)).toEqual([expect.stringMatching(/^warn a\.path: .* missing in it: 2/)]);
    await expect(letters.close()).rejects.toMatchObject({ details: { missing: 2 } });
  });

  it('says what is lost when it is closed', async () => {
    letters.add('one');
    await expect(letters.close()).rejects.toMatchObject({ code: 'TRQ_DEAD_LETTER_FAILED', details: { missing: 1 } });
  });
});
