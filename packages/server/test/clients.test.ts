import { mkdtemp, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientFile } from '../src/auth/clients.js';
import { PasswordHash } from '../src/auth/password-hash.js';

let directory = '';
let path = '';
let hash = '';
let now = 0;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'clients-'));
  path = join(directory, 'clients.json');
  hash = String(await PasswordHash.of('sesame'));
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1001));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(directory, { recursive: true });
});

const textOf = (name: string): string => JSON.stringify({ clients: [{ name, hash }] });

/** Writes the file anew, in place, with the time that it had at first. */
async function write(text: string): Promise<void> {
  const before = await stat(path).catch(() => undefined);
  do {
    await writeFile(path, text);
    await utimes(path, 1e9, 1e9);
  } while ((await stat(path)).ctimeMs === before?.ctimeMs);
}

describe('a file of clients', () => {
  it('that has changed is read again, be its size and its time as before', async () => {
    await write(textOf('ada'));
    const file = await ClientFile.open(path);
    expect(await file.refresh()).toBe(false);
    await write(textOf('eve'));
    expect(await file.refresh()).toBe(true);
    expect([file.find('ada'), file.find('eve')]).toEqual([undefined, expect.objectContaining({ name: 'eve' })]);
  });

  it('that is broken is told of once, and read when it is mended', async () => {
    await write(textOf('ada'));
    const file = await ClientFile.open(path);
    for (const name of ['eve', 'joe']) {
      await write(textOf(name).replace('{', ' '));
      await expect(file.refresh()).rejects.toMatchObject({ code: 'TRQ_CONFIG_INVALID' });
      expect(await file.refresh()).toBe(false);
      expect(file.find(name)).toBeUndefined();
      await write(textOf(name));
      expect(await file.refresh()).toBe(true);
      expect(file.find(name)).toBeDefined();
    }
  });

  it('that is gone for a while is told of once', async () => {
    await write(textOf('ada'));
    const file = await ClientFile.open(path);
    await rename(path, `${path}.old`);
    await expect(file.refresh()).rejects.toThrow(/clients\.json cannot be read: ENOENT/);
    expect(await file.refresh()).toBe(false);
    await rename(`${path}.old`, path);
    await file.refresh();
    expect(file.find('ada')).toBeDefined();
    await rm(path);
    await expect(file.refresh()).rejects.toThrow('ENOENT');
  });
});
