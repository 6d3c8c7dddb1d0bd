import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

/** A new directory within the cluster's, with which it is removed. */
export function temporaryDirectory(name: string): Promise<string> {
  return mkdtemp(join(inject('directory'), `${name}-`));
}

/** Writes a text into a new temporary file. */
export async function temporaryFile(name: string, text: string): Promise<string> {
  const file = join(await temporaryDirectory('suite'), name);
  await writeFile(file, text);
  return file;
}
