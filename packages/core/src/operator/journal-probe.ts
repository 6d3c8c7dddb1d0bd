import { randomUUID } from 'node:crypto';
import { stat, statfs, unlink, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { PropertyValues } from '../config/properties.js';
import { messageOf } from '../errors/tranquility-error.js';
import { journalWriter } from '../journal/journal.js';
import { failure, ok, type Finding } from './finding.js';

export interface JournalLook {
  readonly findings: readonly Finding[];
  /** The process that has it open. */
  readonly writer: string | undefined;
}

/**
 * Whether the journal can be written, without opening it: another process may have it.
 * @param kept where it is; default: where Druid reads from.
 */
export async function probeJournal(
  properties: PropertyValues,
  kept = properties['journal.directory'],
): Promise<JournalLook> {
  const directory = resolve(kept);
  try {
    const writer = await journalWriter(directory);
    const nearest = await nearestDirectory(directory);
    await tryToWrite(nearest);
    const free = await freeBytes(nearest);
    const least = properties['journal.minFreeBytes'];
    if (free <= least) {
      const message = `The disk of ${directory} has ${free} bytes free, and journal.minFreeBytes keeps ${least} of them: no event would be taken.`;
      return { findings: [failure('journal', message, 'Make room, or choose another journal.directory.')], writer };
    }
    const isOpen = writer === undefined ? '' : `; ${writer} has it open, and no other may`;
    const isMade = nearest === directory ? '' : ', and is made with the first event';
    const message = `${directory} can be written${isMade}${isOpen}. ${Math.floor((free - least) / 1_048_576)} MiB are free for it.`;
    return { findings: [ok('journal', message)], writer };
  } catch (error) {
    const remedy = 'Check journal.directory, and the rights to it.';
    return {
      findings: [failure('journal', `${directory} cannot be used: ${messageOf(error)}`, remedy)],
      writer: undefined,
    };
  }
}

/** It, or the nearest above it that exists. */
async function nearestDirectory(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
  } catch (error) {
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    return nearestDirectory(above);
  }
  throw new Error(`${path} is no directory.`);
}

async function tryToWrite(directory: string): Promise<void> {
  const path = join(directory, `tranquility-probe-${randomUUID()}.tmp`);
  await writeFile(path, '', { flag: 'wx' });
  await unlink(path);
}

/** For users that are not root. */
async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory);
  return bavail * bsize;
}
