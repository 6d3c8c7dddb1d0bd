import { join } from 'node:path';
import type { FileSystem } from './file-system.js';
import type { ProducerEntry } from './producers.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';
import type { SparseIndex } from './sparse-index.js';

/** One file of a log: batches side by side, without gaps between their offsets. */
export interface Segment {
  /** The offset of its first record, which is its name. */
  readonly base: number;
  /** The offset behind its last durable record. */
  readonly end: number;
  /** Its durable bytes. */
  readonly size: number;
  /** The latest time of its records, in epoch milliseconds. */
  readonly maxTimestamp: number;
  /** When it was written to last, in epoch milliseconds. */
  readonly writtenAt: number;
  /** Where its batches are, as long as it is being written. A segment that is done has that in its seal. */
  readonly index?: SparseIndex | undefined;
}

/** What is known of a segment that is done, on disk beside it. */
export interface Seal extends Omit<Segment, 'index'> {
  readonly index: readonly number[];
  /** The producers of the log at its end. */
  readonly producers: readonly ProducerEntry[];
}

/** Without what is only looked at to read it: that is not kept in memory for every segment. */
export function factsOf({ base, end, size, maxTimestamp, writtenAt }: Omit<Segment, 'index'>): Segment {
  return { base, end, size, maxTimestamp, writtenAt };
}

const [logs, seals] = ['.log', '.seal'];
const digits = 20;

const nameOf = (base: number): string => String(base).padStart(digits, '0');

/** The file with the batches. */
export const segmentPath = (directory: string, base: number): string => join(directory, nameOf(base) + logs);
/** The file with what is known of them. */
export const sealPath = (directory: string, base: number): string => join(directory, nameOf(base) + seals);

/** The first offsets of all segments among the names of files, in order. */
export const basesOf = (names: readonly string[]): number[] => basesIn(names, logs);
/** The same of their seals. */
export const sealedBasesOf = (names: readonly string[]): number[] => basesIn(names, seals);

function basesIn(names: readonly string[], ending: string): number[] {
  const ours = names.filter(
    (name) => name.length === digits + ending.length && name.endsWith(ending) && /^\d+\./.test(name),
  );
  return ours.map((name) => Number(name.slice(0, digits))).sort((a, b) => a - b);
}

/** Writes the seal. The directory is yet to be synced. */
export async function writeSeal(files: FileSystem, directory: string, seal: Seal): Promise<void> {
  await writeSealedJson(files, sealPath(directory, seal.base), seal);
}

/** Reads the seal; `undefined` when there is none that can be trusted. */
export async function readSeal(files: FileSystem, directory: string, base: number): Promise<Seal | undefined> {
  const seal = (await readSealedJson(files, sealPath(directory, base))) as Seal | undefined;
  return seal?.base === base ? seal : undefined;
}
