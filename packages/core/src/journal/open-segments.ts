import type { File, FileSystem } from './file-system.js';
import { readSeal, segmentPath, type Segment } from './segment.js';
import { SparseIndex } from './sparse-index.js';

interface Entry {
  readonly file: Promise<File>;
  index: Promise<SparseIndex> | undefined;
  users: number;
  isDropped: boolean;
}

/** The most segments of a journal that are kept open to be read; more only while so many are read at the same moment. */
const mostOpen = 64;

/** Files to read from, and their indexes: those that were used last are kept. */
export class OpenSegments {
  readonly #files: FileSystem;
  readonly #entries = new Map<string, Entry>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  /** Lends the file of a segment, and the index, for as long as `read` takes. */
  async use<T>(directory: string, segment: Segment, read: (file: File, index: SparseIndex) => Promise<T>): Promise<T> {
    const path = segmentPath(directory, segment.base);
    const entry = this.#entries.get(path) ?? {
      file: this.#files.open(path, 'r'),
      index: undefined,
      users: 0,
      isDropped: false,
    };
    this.#entries.delete(path);
    this.#entries.set(path, entry);
    entry.users++;
    try {
      const file = await entry.file;
      const index = segment.index ?? (await (entry.index ??= this.#indexOf(directory, segment.base)));
      return await read(file, index);
    } catch (error) {
      this.#drop(path, entry);
      throw error;
    } finally {
      entry.users--;
      this.#shrink();
      if (entry.isDropped) await close(entry);
    }
  }

  /** Closes a segment that is going to be removed or changed, when nobody reads it any more. */
  async drop(directory: string, base: number): Promise<void> {
    const path = segmentPath(directory, base);
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#drop(path, entry);
    await close(entry);
  }

  async close(): Promise<void> {
    const entries = [...this.#entries];
    for (const [path, entry] of entries) this.#drop(path, entry);
    await Promise.all(entries.map(([, entry]) => close(entry)));
  }

  #shrink(): void {
    for (const [path, entry] of this.#entries) {
      if (this.#entries.size <= mostOpen) return;
      if (entry.users > 0) continue;
      this.#drop(path, entry);
      void close(entry);
    }
  }

  #drop(path: string, entry: Entry): void {
    entry.isDropped = true;
    if (this.#entries.get(path) === entry) this.#entries.delete(path);
  }

  /** Without its index a segment is read from its beginning. */
  async #indexOf(directory: string, base: number): Promise<SparseIndex> {
    return new SparseIndex((await readSeal(this.#files, directory, base))?.index);
  }
}

async function close(entry: Entry): Promise<void> {
  if (entry.users > 0) return;
  // A file that could not be opened need not be closed; whoever wanted to read it knows.
  const file = await entry.file.catch(() => undefined);
  await file?.close().catch(() => undefined);
}
