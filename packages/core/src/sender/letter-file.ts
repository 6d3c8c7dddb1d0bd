import { Buffer } from 'node:buffer';
import { open, type FileHandle } from 'node:fs/promises';
import { messageOf, TranquilityError } from '../errors/tranquility-error.js';
import type { Logger } from '../observe/logger.js';

/** How a file of dead letters is told of. */
export interface LetterFileOptions {
  /** What names it to the user: `tranquility.deadLetterPath`. */
  readonly setting: string;
  readonly logger: Logger;
}

/** How much waits in memory for a file that cannot be written, in characters. */
const mostWaiting = 16 * 1_048_576;
const mostAtOnce = 1_048_576;
const pauseMillis = 1_000;

/**
 * The file of dead letters. While it cannot be written, its lines wait in memory, up to 16 MiB of them, and are tried again every second.
 * After a failure, of this process or one before, a part of a line may stay in it, on a line of its own; the whole one follows.
 */
export class LetterFile {
  readonly #path: string;
  readonly #options: LetterFileOptions;
  #file: FileHandle | undefined;
  #lines: string[] = [];
  #characters = 0;
  #writing: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  /** Why it cannot be written now. */
  #trouble: string | undefined;
  /** Whether it may end with a part of a line. */
  #isTorn = false;
  #isLosing = false;
  #lost = 0;

  private constructor(path: string, file: FileHandle, isTorn: boolean, options: LetterFileOptions) {
    this.#path = path;
    this.#file = file;
    this.#isTorn = isTorn;
    this.#options = options;
  }

  /** @throws what the file system says. */
  static async open(path: string, options: LetterFileOptions): Promise<LetterFile> {
    const file = await open(path, 'a');
    return new LetterFile(path, file, await endsWithin(path, file), options);
  }

  add(line: string): void {
    if (this.#trouble !== undefined && this.#characters + line.length > mostWaiting) {
      this.#lose();
      return;
    }
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#retry === undefined) this.#writing ??= this.#write();
  }

  /**
   * Resolves when all is in the file.
   * @throws TRQ_DEAD_LETTER_FAILED when something waits still, or was lost, be it long ago.
   */
  async flush(): Promise<void> {
    if (this.#lines.length > 0) this.#writing ??= this.#write();
    await this.#writing;
    if (this.#lines.length > 0 || this.#lost > 0) throw this.#missing();
  }

  /** Tries what waits once more; what is not in the file then is lost. @throws TRQ_DEAD_LETTER_FAILED */
  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      clearTimeout(this.#retry);
      await this.#file?.close();
    }
  }

  async #write(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      while (this.#lines.length > 0) await this.#append(this.#next());
      this.#tellThatItWorks();
    } catch (error) {
      // It may be another file that is there next time.
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
      this.#tellThatItFails(error);
      this.#retry = setTimeout(() => {
        this.#writing ??= this.#write();
      }, pauseMillis).unref();
    } finally {
      this.#writing = undefined;
    }
  }

  #next(): readonly string[] {
    let count = 0;
    for (let characters = 0; characters < mostAtOnce && count < this.#lines.length; count++) {
      characters += this.#lines[count]?.length ?? 0;
    }
    return this.#lines.slice(0, count);
  }

  async #append(lines: readonly string[]): Promise<void> {
    if (this.#file === undefined) {
      this.#file = await open(this.#path, 'a');
      this.#isTorn = await endsWithin(this.#path, this.#file);
    }
    const head = this.#isTorn ? '\n' : '';
    const bytes = Buffer.from(`${head}${lines.join('\n')}\n`);
    let written = 0;
    try {
      while (written < bytes.length) written += (await this.#file.write(bytes, written)).bytesWritten;
    } finally {
      const whole = wholeIn(lines, written - head.length);
      for (const { length } of this.#lines.splice(0, whole)) this.#characters -= length;
    }
    this.#isTorn = false;
  }

  #lose(): void {
    this.#lost++;
    if (this.#isLosing) return;
    this.#isLosing = true;
    this.#tell(
      'error',
      `cannot be written still: ${this.#trouble}. Events that are to be kept in it are lost from now on.`,
    );
  }

  #tellThatItFails(error: unknown): void {
    const isNew = this.#trouble === undefined;
    this.#trouble = messageOf(error);
    if (!isNew) return;
    const what =
      'Events that are to be kept in it wait in memory, up to 16 MiB of them, and are tried again every second.';
    this.#tell('error', `cannot be written: ${this.#trouble}. ${what} Make room for it, and let us write it.`);
  }

  #tellThatItWorks(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#isLosing = false;
    if (this.#lost === 0) this.#tell('info', 'is written again, and all that waited is in it.');
    else this.#tell('warn', `is written again. Events that are missing in it: ${this.#lost}.`);
  }

  #tell(level: 'error' | 'info' | 'warn', what: string): void {
    const { setting, logger } = this.#options;
    logger[level](`${setting}: ${this.#path} ${what}`, { path: this.#path });
  }

  #missing(): TranquilityError {
    const missing = this.#lines.length + this.#lost;
    const why =
      this.#trouble === undefined ? 'it could not be written for too long' : `it cannot be written: ${this.#trouble}`;
    return new TranquilityError(
      'TRQ_DEAD_LETTER_FAILED',
      `${this.#options.setting}: events that are missing in ${this.#path}: ${missing}, as ${why}`,
      { details: { path: this.#path, missing } },
    );
  }
}

/** How many lines are in so many bytes as a whole, if perhaps without their end. They are not to be written twice. */
function wholeIn(lines: readonly string[], bytes: number): number {
  let end = 0;
  const first = lines.findIndex((line) => {
    end += Buffer.byteLength(line);
    return end++ > bytes;
  });
  return first < 0 ? lines.length : first;
}

/** Whether it ends with a part of a line, as a process leaves it that ends while it writes. */
async function endsWithin(path: string, file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  // It may be ours to write and not to read. An empty line does no harm.
  const reader = await open(path, 'r').catch(() => undefined);
  if (reader === undefined) return true;
  try {
    const { bytesRead, buffer } = await reader.read(Buffer.alloc(1), 0, 1, size - 1);
    return bytesRead === 1 && buffer[0] !== 0x0a;
  } finally {
    await reader.close();
  }
}
