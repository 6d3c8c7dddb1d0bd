import type * as promises from 'node:fs/promises';
import { mkdtemp, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { silentLogger } from '../../src/observe/logger.js';
import { LetterFile } from '../../src/sender/letter-file.js';

/** The bytes that the disk has room for. */
let room = Infinity;

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>();
  const open = async (path: string, flags: string): Promise<FileHandle> => {
    const file = await real.open(path, flags);
    const write = file.write.bind(file) as (bytes: Buffer, at: number, length: number) => Promise<object>;
    const limited = (bytes: Buffer, at: number): Promise<object> => {
      const length = Math.min(room, bytes.length - at);
      if (length === 0) return Promise.reject(new Error('ENOSPC'));
      room -= length;
      return write(bytes, at, length);
    };
    return Object.assign(file, { write: limited });
  };
  return { ...real, open };
});

let directory: string;
let path: string;
const open = (): Promise<LetterFile> => LetterFile.open(path, { setting: 'a.path', logger: silentLogger });

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tranquility-letters-'));
  path = join(directory, 'letters');
  room = Infinity;
});
afterEach(() => rm(directory, { recursive: true }));

it.each(Array.from({ length: 11 }, (_, index) => index))(
  'a disk that has room for %i bytes first has no line twice in the end',
  async (first) => {
    room = first;
    const letters = await open();
    for (const line of ['one', 'é', 'four']) letters.add(line);
    await expect(letters.flush()).rejects.toMatchObject({ code: 'TRQ_DEAD_LETTER_FAILED' });
    room = Infinity;
    await letters.close();
    const lines = (await readFile(path, 'utf8')).split('\n');
    for (const line of ['one', 'é', 'four']) expect(lines.filter((each) => each === line)).toHaveLength(1);
  },
);

it.each([
  ['ends within a line', 'ha', 'ha\none\n'],
  ['ends with a line', 'whole\n', 'whole\none\n'],
  ['is empty', '', 'one\n'],
])('goes on in a line of its own where the file %s', async (_, content, expected) => {
  await writeFile(path, content);
  const letters = await open();
  letters.add('one');
  await letters.close();
  expect(await readFile(path, 'utf8')).toBe(expected);
});
