import { open, type FileHandle } from 'node:fs/promises';
import { inspect } from 'node:util';
import { messageOf } from '../errors/tranquility-error.js';
import type { Undelivered } from '../event/outcome.js';

/**
 * Keeps events that were not delivered, one line of JSON each, so that they can be looked at, mended and sent again:
 * `{"time", "dataSource", "lane", "reason", "message", "event"}`. Events that are not JSON are kept as text.
 */
export class DeadLetters implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #dataSource: string;
  #lines: string[] = [];
  #writing: Promise<void> | undefined;
  #error: unknown;

  private constructor(file: FileHandle, dataSource: string) {
    this.#file = file;
    this.#dataSource = dataSource;
  }

  /**
   * Opens the file, to append to it.
   * @throws what the file system says.
   */
  static async open(path: string, dataSource: string): Promise<DeadLetters> {
    return new DeadLetters(await open(path, 'a'), dataSource);
  }

  /** Keeps an event that a sender reported. */
  add(event: unknown, outcome: Undelivered): void {
    if (outcome.status === 'dropped') this.keep(event, outcome.reason, outcome.message);
    else this.keep(event, 'failed', `${outcome.error.code}: ${outcome.error.message}`);
  }

  /** Keeps an event, or what was not even one, for a reason. */
  keep(event: unknown, reason: string, message: string): void {
    const facts = { time: new Date().toISOString(), dataSource: this.#dataSource, lane: 'realtime', reason, message };
    this.#lines.push(line(facts, event));
    this.#writing ??= this.#write();
  }

  /**
   * Resolves when all is in the file.
   * @throws what the file system said, be it to an earlier event.
   */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#error !== undefined) throw this.#error as Error;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#file.close();
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#lines.length > 0) {
        const lines = this.#lines;
        this.#lines = [];
        await this.#file.appendFile(`${lines.join('\n')}\n`);
      }
    } catch (error) {
      this.#error ??= error;
    } finally {
      this.#writing = undefined;
    }
  }
}

function line(facts: object, event: unknown): string {
  try {
    return JSON.stringify({ ...facts, event: event instanceof Uint8Array ? parsed(event) : event });
  } catch (error) {
    return JSON.stringify({ ...facts, event: `[${messageOf(error)}] ${inspect(event)}` });
  }
}

function parsed(bytes: Uint8Array): unknown {
  const text = Buffer.from(bytes).toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
