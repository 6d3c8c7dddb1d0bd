import { closeSync, openSync, readSync, statSync } from 'node:fs';

const tailBytes = 16 * 1024;

/** The size of a file in bytes; 0 when there is none. */
export function fileSize(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** What a text file holds from this byte on. */
export function readFrom(file: string, start: number): string {
  const length = fileSize(file) - start;
  if (length <= 0) return '';
  const descriptor = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(length);
    return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, length, start));
  } finally {
    closeSync(descriptor);
  }
}

/** The last lines of a text file; an empty string when there is no such file. */
function logTail(file: string, lines = 25): string {
  const text = readFrom(file, Math.max(0, fileSize(file) - tailBytes));
  return text.trimEnd().split('\n').slice(-lines).join('\n');
}

/** `message`, followed by the path and the last lines of a log. */
export function withLogTail(message: string, file: string): string {
  const tail = logTail(file);
  return tail === '' ? `${message}\nIts log, ${file}, is empty.` : `${message}\nThe end of its log, ${file}:\n${tail}`;
}
