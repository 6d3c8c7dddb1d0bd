import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { Journal, type JournalOptions } from '../../../src/journal/journal.js';
import type { PartitionLog } from '../../../src/journal/partition-log.js';
import { decodeBatches, type Decoded } from './decode.js';

/** A directory that goes with the test. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'tranquility-journal-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A journal that is closed with the test, if that has not closed it. */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const journal = await Journal.open({ minFreeBytes: 0, ...options });
  onTestFinished(() => journal.close());
  return journal;
}

/** All rows from an offset on, as an independent decoder reads them. */
export async function rowsOf(log: PartitionLog, from = 0, maxBytes = 4096): Promise<Decoded[]> {
  const rows: Decoded[] = [];
  for (let offset = from; ;) {
    const { bytes, nextOffset } = await log.read(offset, maxBytes);
    if (bytes.length === 0) return rows;
    rows.push(...(await decodeBatches(bytes)));
    offset = nextOffset;
  }
}

/** The numbers of rows of `batchOf`. */
export function numbersOf(rows: readonly Decoded[]): number[] {
  return rows.map(({ value }) => (JSON.parse(value) as { n: number }).n);
}

/** The paths of the files of a partition with this ending, in order. */
export async function filesOf(directory: string, ending: string): Promise<string[]> {
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(directory, name));
}

export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index);
