import { join } from 'node:path';
import { removeFile, syncDirectory, unfinished, type FileSystem } from './file-system.js';
import { mendSegment, type Cut } from './mend-segment.js';
import { nextBase } from './next-base.js';
import { Producers, type ProducerEntry } from './producers.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';
import { basesOf, factsOf, readSeal, sealedBasesOf, segmentPath, type Segment } from './segment.js';

/** What was found when a log was opened. */
export interface Recovery {
  /** Whether it was closed in order before, and is as it was left. If not, its offsets go on at a higher base. */
  readonly isClean: boolean;
  /** What had to be cut, because it was torn or damaged. */
  readonly cuts: readonly Cut[];
}

/** A log as it was found, mended and sealed. */
export interface Recovered extends Recovery {
  /** In order; all are sealed. */
  readonly segments: readonly Segment[];
  readonly producers: Producers;
  /** The offset of the next record. */
  readonly nextOffset: number;
}

/** What a log leaves when it is closed in order. */
interface Farewell {
  readonly nextOffset: number;
  readonly segments: readonly (readonly [base: number, size: number])[];
  readonly producers: readonly ProducerEntry[];
}

const farewellPath = (directory: string): string => join(directory, 'closed');

const listed = (segments: readonly Segment[]): Farewell['segments'] => segments.map(({ base, size }) => [base, size]);

/** Says that the log is closed in order, or as good as closed: all segments are sealed, and nothing is under way. */
export async function sayFarewell(
  files: FileSystem,
  directory: string,
  log: { segments: readonly Segment[]; producers: Producers; nextOffset: number },
): Promise<void> {
  const { nextOffset, segments, producers } = log;
  const farewell: Farewell = { nextOffset, segments: listed(segments), producers: producers.entries };
  await writeSealedJson(files, farewellPath(directory), farewell);
  await syncDirectory(files, directory);
}

/** Takes that back, before something is under way. */
export async function takeBackFarewell(files: FileSystem, directory: string): Promise<void> {
  await removeFile(files, farewellPath(directory));
  await syncDirectory(files, directory);
}

/**
 * Finds out what a log holds. Segments with a seal are believed, as nothing is written to them any more; but after an end that
 * was not in order, every batch of the last one is checked, and of those with no seal in any case. One that a seal or the farewell
 * tells of, and that is not there, is a cut. From here on the log counts as not closed.
 * @param now epoch milliseconds.
 */
export async function recover(files: FileSystem, directory: string, now: number): Promise<Recovered> {
  const farewell = (await readSealedJson(files, farewellPath(directory))) as Farewell | undefined;
  await removeFile(files, farewellPath(directory));
  const names = await files.readdir(directory);
  for (const name of names) if (name.endsWith(unfinished)) await removeFile(files, join(directory, name));
  await syncDirectory(files, directory);

  const bases = basesOf(names);
  const segments: Segment[] = [];
  const cuts: Cut[] = [];
  let producers = new Producers();
  let known = farewell?.nextOffset ?? 0;
  for (const { base, ...lost } of await lostSegments(files, directory, names, farewell)) {
    known = Math.max(known, lost.end ?? base);
    cuts.push(...(await mendSegment(files, directory, { base, known: lost }, producers)).cuts);
  }
  for (const base of bases) {
    // What was saved from a damaged segment may have been there before, as a copy that was made by an earlier attempt.
    if (segments.some((segment) => base < segment.end && base >= segment.base)) continue;
    const isLast = base === bases.at(-1);
    const seal = await readSeal(files, directory, base);
    const { size } = await files.stat(segmentPath(directory, base));
    if (seal?.size !== size || (farewell === undefined && isLast)) {
      const mended = await mendSegment(files, directory, { base, known: seal }, producers);
      for (const segment of mended.segments) segments.push(segment);
      for (const cut of mended.cuts) cuts.push(cut);
    } else {
      segments.push(factsOf(seal));
      producers = new Producers(seal.producers);
    }
  }
  const isClean = cuts.length === 0 && JSON.stringify(farewell?.segments) === JSON.stringify(listed(segments));
  if (isClean && farewell !== undefined) {
    const { nextOffset, producers: entries } = farewell;
    return { isClean, cuts, segments, nextOffset, producers: new Producers(entries) };
  }
  const nextOffset = nextBase(Math.max(known, segments.at(-1)?.end ?? 0, bases.at(-1) ?? 0), now);
  return { isClean, cuts, segments, producers, nextOffset };
}

/** Segments that were done, of which only the seal or the farewell is left. A seal is removed before its segment. */
async function lostSegments(
  files: FileSystem,
  directory: string,
  names: readonly string[],
  farewell: Farewell | undefined,
): Promise<readonly { base: number; size: number; end: number | undefined }[]> {
  const there = new Set(basesOf(names));
  const sizes = new Map(farewell?.segments);
  const told = new Set([...sizes.keys(), ...sealedBasesOf(names)]);
  const lost = [...told].filter((base) => !there.has(base)).sort((a, b) => a - b);
  return Promise.all(
    lost.map(async (base) => {
      const seal = await readSeal(files, directory, base);
      return { base, size: seal?.size ?? sizes.get(base) ?? 0, end: seal?.end };
    }),
  );
}
