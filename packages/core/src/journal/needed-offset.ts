import { join } from 'node:path';
import { syncDirectory, type FileSystem } from './file-system.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';

const neededPath = (directory: string): string => join(directory, 'needed');

/** Keeps on disk the oldest offset of a log that its reader may ask for again, as the reader has told it. */
export async function writeNeeded(files: FileSystem, directory: string, offset: number): Promise<void> {
  await writeSealedJson(files, neededPath(directory), { offset });
  await syncDirectory(files, directory);
}

/** `undefined` when none was kept, or the file is not as it was written. */
export async function readNeeded(files: FileSystem, directory: string): Promise<number | undefined> {
  const kept = (await readSealedJson(files, neededPath(directory))) as { readonly offset: number } | undefined;
  return Number.isSafeInteger(kept?.offset) ? kept?.offset : undefined;
}
