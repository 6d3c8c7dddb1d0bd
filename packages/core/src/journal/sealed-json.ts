import { crc32c } from './crc32c.js';
import { isMissing, writeWhole, type FileSystem } from './file-system.js';

/** Writes a value as a line of JSON and a line with its CRC-32C. The directory is yet to be synced. */
export async function writeSealedJson(files: FileSystem, path: string, value: unknown): Promise<void> {
  const json = Buffer.from(JSON.stringify(value));
  const sum = Buffer.from(`\n${crc32c(json).toString(16)}\n`);
  await writeWhole(files, path, Buffer.concat([json, sum]));
}

/** Reads such a file; `undefined` when it is not there, or not as it was written. */
export async function readSealedJson(files: FileSystem, path: string): Promise<unknown> {
  let bytes: Buffer;
  try {
    bytes = await files.readFile(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const end = bytes.indexOf('\n');
  if (end < 0 || bytes.toString('latin1', end + 1) !== `${crc32c(bytes, 0, end).toString(16)}\n`) return undefined;
  return JSON.parse(bytes.toString('utf8', 0, end)) as unknown;
}
