import { readFully, type File } from './file-system.js';

/** How much is read at a time, in bytes, but for a single batch that is larger. */
export const windowBytes = 1_048_576;

/** Reads a file from front to back, a large piece at a time. */
export class FileWindow {
  readonly #file: File;
  /** Where the file ends. */
  readonly end: number;
  #bytes: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(file: File, end: number) {
    this.#file = file;
    this.end = end;
  }

  /** So many bytes from a position on; `undefined` when the file ends before. */
  async take(position: number, length: number): Promise<Buffer | undefined> {
    const bytes = await this.from(position, length);
    return bytes.length < length ? undefined : bytes.subarray(0, length);
  }

  /** What is at hand from a position on: at least so many bytes, if the file has them. */
  async from(position: number, least: number): Promise<Buffer> {
    const at = position - this.#start;
    if (at < 0 || at + least > this.#bytes.length) {
      const length = Math.max(0, Math.min(Math.max(windowBytes, least), this.end - position));
      this.#bytes = await readFully(this.#file, position, length);
      this.#start = position;
    }
    return this.#bytes.subarray(position - this.#start);
  }
}
