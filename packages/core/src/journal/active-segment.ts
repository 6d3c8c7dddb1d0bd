import { readHeader } from './batch-header.js';
import { syncDirectory, writeFully, type File, type FileSystem } from './file-system.js';
import type { ProducerEntry } from './producers.js';
import { factsOf, segmentPath, writeSeal, type Segment } from './segment.js';
import { SparseIndex } from './sparse-index.js';

/** The segment that is being written. What it says of itself is durable. */
export class ActiveSegment implements Segment {
  readonly base: number;
  readonly index = new SparseIndex();
  /** When it was begun, in epoch milliseconds. */
  readonly startedAt: number;
  end: number;
  size = 0;
  writtenAt: number;
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #file: File;

  private constructor(files: FileSystem, directory: string, file: File, base: number, now: number) {
    this.#files = files;
    this.#directory = directory;
    this.#file = file;
    this.base = base;
    this.end = base;
    this.startedAt = now;
    this.writtenAt = now;
  }

  /**
   * Begins a segment.
   * @param base the offset of its first record.
   * @param now epoch milliseconds.
   * @throws what the file system says.
   */
  static async create(files: FileSystem, directory: string, base: number, now: number): Promise<ActiveSegment> {
    const file = await files.open(segmentPath(directory, base), 'w');
    try {
      await syncDirectory(files, directory);
    } catch (error) {
      await file.close();
      throw error;
    }
    return new ActiveSegment(files, directory, file, base, now);
  }

  get maxTimestamp(): number {
    return this.index.latest;
  }

  /**
   * Writes batches, which have their offsets, and makes them durable.
   * @throws what the file system says; then `restore` is to be called.
   */
  async append(batches: readonly Buffer[], now: number): Promise<void> {
    await writeFully(this.#file, batches, this.size);
    await this.#file.datasync();
    for (const batch of batches) {
      const header = readHeader(batch);
      this.index.add(header, this.size);
      this.size += header.size;
      this.end = header.nextOffset;
    }
    this.writtenAt = now;
  }

  /**
   * Undoes an append that failed, durably.
   * @throws what the file system says; then nobody knows what would be found after a crash.
   */
  async restore(): Promise<void> {
    await this.#file.truncate(this.size);
    await this.#file.datasync();
  }

  /** Writes down what is known of it, once nothing more is going to be written. */
  async seal(producers: readonly ProducerEntry[]): Promise<Segment> {
    const segment = factsOf(this);
    await writeSeal(this.#files, this.#directory, { ...segment, index: this.index.entries, producers });
    await syncDirectory(this.#files, this.#directory);
    await this.#file.close();
    return segment;
  }

  /** Lets it go as it is: the next start checks it. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }
}
