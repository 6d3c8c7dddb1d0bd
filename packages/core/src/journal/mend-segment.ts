import type { File, FileSystem } from './file-system.js';
import { isMissing, readFully, removeFile, syncDirectory, unfinished, writeFully } from './file-system.js';
import type { Producers } from './producers.js';
import { scanSegment, type Run } from './scan-segment.js';
import { sealPath, segmentPath, writeSeal, type Segment } from './segment.js';

/** Bytes that were cut out of a log, as they are not what was written. */
export interface Cut {
  /** The file. */
  readonly path: string;
  /** Where in it they were. */
  readonly position: number;
  readonly bytes: number;
  /** The offset of the first row that was in them. What Druid has read is below the offsets that its supervisor tells. */
  readonly offset: number;
  /** How many rows were in them, if that can still be told. At the end of a file they may never have been acknowledged. */
  readonly rows: number | undefined;
  /** Whether the whole file is gone, so that rows that were acknowledged are lost for certain. */
  readonly isGone?: true;
}

/** What became of a segment that was checked. */
export interface Mended {
  /** What is left of it: none, itself, or several, as what follows a damage becomes a segment of its own. */
  readonly segments: readonly Segment[];
  readonly cuts: readonly Cut[];
}

/** A segment that is to be checked. */
export interface Broken {
  readonly base: number;
  /** What it had when it was sealed or read, if that is known. */
  readonly known?: { readonly end: number | undefined; readonly size: number } | undefined;
}

const copyStep = 1_048_576;

/**
 * Checks every batch of a segment, cuts out what is damaged, and seals what is left. A crash on the way does no harm: the file
 * itself is cut last, and has no seal until then. A file that is gone is cut as a whole.
 * @param producers at the beginning of the segment; at its end afterwards.
 */
export async function mendSegment(
  files: FileSystem,
  directory: string,
  { base, known }: Broken,
  producers: Producers,
): Promise<Mended> {
  const path = segmentPath(directory, base);
  let file: File;
  try {
    file = await files.open(path, 'r+');
  } catch (error) {
    if (!isMissing(error)) throw error;
    return await giveUp(files, directory, { base, known });
  }
  try {
    const { size, mtimeMs } = await file.stat();
    const { runs, damages } = await scanSegment(file, size, base, (header) => {
      producers.add(header);
    });
    await removeFile(files, sealPath(directory, base));
    for (const run of runs) if (run.base !== base) await copyRun(files, directory, file, run);
    const kept = runs.find((run) => run.base === base)?.to ?? 0;
    if (kept < size) await file.truncate(kept);
    await file.datasync();
    const segments = runs.map((run) => segmentOf(run, mtimeMs));
    for (const [index, segment] of segments.entries()) {
      // Only the last seal of a log is asked for the producers, so they may be those at the end of the file in all of these.
      const entries = runs[index]?.index.entries ?? [];
      await writeSeal(files, directory, { ...segment, index: entries, producers: producers.entries });
    }
    if (kept === 0) await removeFile(files, path);
    await syncDirectory(files, directory);
    const cuts = damages.map(({ records: rows, ...damage }) => ({ path, ...damage, rows }));
    const end = runs.at(-1)?.end ?? base;
    if (known?.end === undefined || end >= known.end) return { segments, cuts };
    // What is missing at its end, whether something else is there now or nothing.
    const position = Math.min(runs.at(-1)?.to ?? 0, known.size);
    const missing = { path, position, bytes: known.size - position, offset: end, rows: known.end - end };
    return { segments, cuts: [...cuts.filter((cut) => cut.position < position), missing] };
  } finally {
    await file.close();
  }
}

/** Where the whole directory is gone too, as with a disk that is not mounted, nothing is given up: that throws. */
async function giveUp(files: FileSystem, directory: string, { base, known }: Broken): Promise<Mended> {
  await removeFile(files, sealPath(directory, base));
  await syncDirectory(files, directory);
  const rows = known?.end === undefined ? undefined : known.end - base;
  const path = segmentPath(directory, base);
  return { segments: [], cuts: [{ path, position: 0, bytes: known?.size ?? 0, offset: base, rows, isGone: true }] };
}

/** Takes away all bytes of a segment from a position on. It has no seal then. */
export async function cutSegment(files: FileSystem, directory: string, base: number, position: number): Promise<void> {
  await removeFile(files, sealPath(directory, base));
  await syncDirectory(files, directory);
  const file = await files.open(segmentPath(directory, base), 'r+');
  try {
    await file.truncate(position);
    await file.datasync();
  } finally {
    await file.close();
  }
}

function segmentOf({ base, end, from, to, index }: Run, writtenAt: number): Segment {
  return { base, end, size: to - from, maxTimestamp: index.latest, writtenAt };
}

/** Makes a segment of its own of batches that stand behind a damage. */
async function copyRun(files: FileSystem, directory: string, file: File, run: Run): Promise<void> {
  const path = segmentPath(directory, run.base);
  const copy = await files.open(path + unfinished, 'w');
  try {
    for (let at = run.from; at < run.to; at += copyStep) {
      const bytes = await readFully(file, at, Math.min(copyStep, run.to - at));
      await writeFully(copy, [bytes], at - run.from);
    }
    await copy.datasync();
  } finally {
    await copy.close();
  }
  await files.rename(path + unfinished, path);
  await syncDirectory(files, directory);
}
