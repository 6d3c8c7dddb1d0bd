import { DeadLetters, messageOf, TranquilityError, type Logger } from '@tranquility-js/core';
import type { Senders } from './senders.js';

/** An event that is not sent, or what was to be one. */
export interface DeadLetter {
  /** `undefined` where it has none. */
  readonly dataSource: string | undefined;
  readonly reason: string;
  readonly message: string;
  readonly event: unknown;
}

const setting = 'http.deadLetterPath';

/** Keeps the events that are not sent, for as long as the server runs: `http.deadLetterPath`. */
export class DeadLetterFile implements AsyncDisposable {
  readonly #letters: DeadLetters;
  readonly #senders: Senders;
  readonly #logger: Logger;
  #trouble: string | undefined;

  private constructor(letters: DeadLetters, senders: Senders, logger: Logger) {
    this.#letters = letters;
    this.#senders = senders;
    this.#logger = logger;
  }

  /**
   * @param path where it is; without one there is none.
   * @throws TRQ_CONFIG_INVALID when it cannot be opened.
   */
  static async open(path: string | undefined, senders: Senders, logger: Logger): Promise<DeadLetterFile | undefined> {
    if (path === undefined) return undefined;
    try {
      return new DeadLetterFile(await DeadLetters.open(path, { dataSource: null, setting, logger }), senders, logger);
    } catch (error) {
      const message = `${setting}: the file cannot be opened to append to it: ${messageOf(error)}`;
      throw new TranquilityError('TRQ_CONFIG_INVALID', message, { cause: error });
    }
  }

  add({ dataSource, reason, message, event }: DeadLetter): void {
    const lane = dataSource === undefined ? undefined : this.#senders.get(dataSource)?.lane?.lane;
    this.#letters.keep(event, reason, message, { dataSource: dataSource ?? null, lane });
  }

  /** Resolves when all is in the file, or cannot be now: that is `trouble`, and costs nobody an answer. */
  async written(): Promise<void> {
    try {
      await this.#letters.flush();
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = messageOf(error);
    }
  }

  /** What was missing in the file when it was last written, and why. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#letters[Symbol.asyncDispose]();
    } catch (error) {
      this.#logger.error(messageOf(error), { error });
    }
  }
}
