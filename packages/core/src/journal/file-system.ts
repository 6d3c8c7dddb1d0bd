import type * as fileSystem from 'node:fs/promises';
import { mkdir, open, readdir, readFile, rename, stat, statfs, unlink } from 'node:fs/promises';

/** What the journal asks of the file system, so that tests can let it fail. */
export type FileSystem = Pick<
  typeof fileSystem,
  'mkdir' | 'open' | 'readdir' | 'readFile' | 'rename' | 'stat' | 'statfs' | 'unlink'
>;

export type File = Awaited<ReturnType<FileSystem['open']>>;

/** The machine's. */
export const systemFiles: FileSystem = { mkdir, open, readdir, readFile, rename, stat, statfs, unlink };

/** Makes what was created, renamed or removed in a directory survive a loss of power. */
export async function syncDirectory(files: FileSystem, directory: string): Promise<void> {
  const handle = await files.open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The ending of files that are not finished: what is left of them after a crash is removed. */
export const unfinished = '.new';

/** Writes a file whole or not at all, also if the power fails. The directory is yet to be synced. */
export async function writeWhole(files: FileSystem, path: string, bytes: Uint8Array): Promise<void> {
  const handle = await files.open(`${path}${unfinished}`, 'w');
  try {
    await writeFully(handle, [bytes], 0);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await files.rename(`${path}${unfinished}`, path);
}

/** Removes a file; one that is not there is no error. */
export async function removeFile(files: FileSystem, path: string): Promise<void> {
  await files.unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
}

/** Writes all bytes, as the system may take only some of them at a time. */
export async function writeFully(file: File, buffers: readonly Uint8Array[], position: number): Promise<void> {
  let rest = [...buffers];
  for (let at = position; rest.length > 0;) {
    const { bytesWritten } = await file.writev(rest, at);
    at += bytesWritten;
    rest = without(rest, bytesWritten);
  }
}

/** What is left of buffers behind so many bytes. */
function without(buffers: readonly Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  return buffers.flatMap((buffer) => {
    const gone = Math.min(left, buffer.length);
    left -= gone;
    return gone === buffer.length ? [] : [buffer.subarray(gone)];
  });
}

/** Reads up to so many bytes; fewer only at the end of the file. */
export async function readFully(file: File, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

const codeOf = (error: unknown): unknown => (error as NodeJS.ErrnoException | undefined)?.code;

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

/** Whether there is no more room for us: the disk is full, or what we may have of it is. */
export const isNoRoom = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(String(codeOf(error)));
