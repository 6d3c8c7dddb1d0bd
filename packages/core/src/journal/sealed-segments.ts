import type { Logger } from '../observe/logger.js';
import type { DiskBudget } from './disk-budget.js';
import { removeFile, syncDirectory, type FileSystem } from './file-system.js';
import { cutSegment, mendSegment, type Broken, type Cut, type Mended } from './mend-segment.js';
import type { OpenSegments } from './open-segments.js';
import { Producers } from './producers.js';
import { positionOf } from './read-batches.js';
import { sealPath, segmentPath, type Segment } from './segment.js';
import { joinSegments } from './segment-list.js';
import { tellCut } from './tell-cut.js';

export interface SealedContext {
  readonly files: FileSystem;
  readonly logger: Logger;
  readonly budget: DiskBudget;
  readonly open: OpenSegments;
}

/** The segments of a log that are done, in order. Changes of them must not meet. */
export class SealedSegments {
  readonly #directory: string;
  readonly #context: SealedContext;
  /** Those of the log: they have come as far as a segment that is mended, or further. */
  readonly #producers: Producers;
  readonly #cuts: Cut[];
  #list: readonly Segment[];

  /** What was found when the log was opened is counted and told, too. */
  constructor(directory: string, context: SealedContext, producers: Producers, { segments, cuts }: Mended) {
    this.#directory = directory;
    this.#context = context;
    this.#producers = producers;
    this.#list = segments;
    this.#cuts = [...cuts];
    for (const { size } of segments) context.budget.add(size);
    for (const cut of cuts) tellCut(context.logger, cut);
  }

  get list(): readonly Segment[] {
    return this.#list;
  }

  /** Everything that was cut out, since the log was opened and then. */
  get cuts(): readonly Cut[] {
    return this.#cuts;
  }

  /** Adds the one that was just done, or removes its files if there is nothing in it. Its bytes are counted already. */
  async add(segment: Segment): Promise<void> {
    if (segment.size > 0) this.#list = [...this.#list, segment];
    else await this.#removeFiles(segment.base);
  }

  /**
   * One by one, so that what is left has no hole if that fails on the way.
   * @returns how many bytes were removed.
   */
  async remove(segments: readonly Segment[]): Promise<number> {
    const { budget, files } = this.#context;
    let removed = 0;
    for (const segment of segments) {
      // Readers must not begin on it any more.
      this.#list = this.#list.filter((other) => other !== segment);
      try {
        await this.#removeFiles(segment.base);
      } catch (error) {
        this.#list = [...this.#list, segment].sort((a, b) => a.base - b.base);
        throw error;
      }
      budget.give(segment.size);
      removed += segment.size;
    }
    if (segments.length > 0) await syncDirectory(files, this.#directory);
    return removed;
  }

  /** Takes all records from an offset on away, the latest first. */
  async cutFrom(offset: number): Promise<void> {
    const split = this.#list.find(({ base, end }) => base < offset && end > offset);
    await this.remove(this.#list.filter(({ base }) => base >= offset).reverse());
    if (split === undefined) return;
    const { files, open } = this.#context;
    const { base, size } = split;
    const position = await open.use(this.#directory, split, (file, index) =>
      positionOf({ file, index, base, size }, offset),
    );
    await open.drop(this.#directory, base);
    await cutSegment(files, this.#directory, base, position);
    this.#replace(split, (await this.#check({ base })).segments);
  }

  /** Cuts out of a segment what is damaged or gone, and says so. */
  async mend(segment: Segment): Promise<readonly Cut[]> {
    const { open, logger } = this.#context;
    const { base } = segment;
    const { segments, cuts } = await this.#check({ base, known: segment });
    await open.drop(this.#directory, base);
    this.#replace(segment, segments);
    for (const cut of cuts) {
      this.#cuts.push(cut);
      tellCut(logger, cut);
    }
    return cuts;
  }

  #check(broken: Broken): Promise<Mended> {
    return mendSegment(this.#context.files, this.#directory, broken, new Producers(this.#producers.entries));
  }

  #replace(segment: Segment, others: readonly Segment[]): void {
    const { budget } = this.#context;
    this.#list = joinSegments(this.#list, segment, others);
    for (const { size } of others) budget.add(size);
    budget.give(segment.size);
  }

  async #removeFiles(base: number): Promise<void> {
    const { files, open } = this.#context;
    await open.drop(this.#directory, base);
    await removeFile(files, sealPath(this.#directory, base));
    await removeFile(files, segmentPath(this.#directory, base));
  }
}
