import { isMissing, syncDirectory, type FileSystem } from './file-system.js';
import { badFormat, diskTrouble } from './journal-error.js';
import { readSealedJson, writeSealedJson } from './sealed-json.js';

/** How a state is read. */
export interface StateFile<T> {
  readonly files: FileSystem;
  readonly directory: string;
  /** Of the file in it. */
  readonly name: string;
  /** What holds as long as there is no file. */
  readonly initial: T;
  /** Makes sure of what was read; `undefined` when it is not such a state. */
  readonly read: (value: unknown) => T | undefined;
  /** What follows from a file that is not as it was written, and what to do: it goes on behind `… is not as it was written, `. */
  readonly remedy: string;
}

/**
 * Reads a state; what it is initially when there is no file.
 * @throws TRQ_JOURNAL_FORMAT when it is not as it was written; TRQ_JOURNAL_FAILED
 */
export async function readState<T>({ files, directory, name, initial, read, remedy }: StateFile<T>): Promise<T> {
  const path = `${directory}/${name}`;
  const found = await readSealedJson(files, path).catch((error: unknown) => {
    throw diskTrouble(`read ${path}`, error);
  });
  const isThere = found !== undefined || (await exists(files, path));
  const value = isThere ? read(found) : initial;
  if (value === undefined) throw badFormat(`${path} is not as it was written, ${remedy}`);
  return value;
}

/** A small state beside a journal's logs, that a process which goes on after a crash finds as it was written last: whole, or as before. */
export class SealedState<T> {
  readonly #files: FileSystem;
  readonly #directory: string;
  readonly #path: string;
  #value: T;
  /** Writes go one behind the other. */
  #turn: Promise<unknown> = Promise.resolve();

  private constructor({ files, directory, name }: StateFile<T>, value: T) {
    this.#files = files;
    this.#directory = directory;
    this.#path = `${directory}/${name}`;
    this.#value = value;
  }

  /** @throws TRQ_JOURNAL_FORMAT when it is not as it was written; TRQ_JOURNAL_FAILED */
  static async open<T>(file: StateFile<T>): Promise<SealedState<T>> {
    return new SealedState(file, await readState(file));
  }

  /** As it was written last. */
  get value(): T {
    return this.#value;
  }

  /**
   * Writes down another one. What cannot be written down is not so.
   * @throws TRQ_JOURNAL_FAILED, TRQ_JOURNAL_FULL
   */
  change(change: (value: T) => T): Promise<void> {
    const done = this.#turn.then(async () => {
      const value = change(this.#value);
      try {
        await writeSealedJson(this.#files, this.#path, value);
        await syncDirectory(this.#files, this.#directory);
      } catch (error) {
        throw diskTrouble(`write ${this.#path}`, error);
      }
      this.#value = value;
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

async function exists(files: FileSystem, path: string): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw diskTrouble(`look for ${path}`, error);
  }
}
