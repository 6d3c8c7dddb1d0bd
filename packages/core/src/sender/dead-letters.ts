import { inspect } from 'node:util';
import { messageOf } from '../errors/tranquility-error.js';
import type { Undelivered } from '../event/outcome.js';
import type { Lane } from '../lane/choose-lane.js';
import { LetterFile, type LetterFileOptions } from './letter-file.js';

export interface DeadLettersOptions extends LetterFileOptions {
  /** Of the events that come without one of their own. */
  readonly dataSource: string | null;
  /** By which lane events go when one is kept. Default: null is written, as it is while that is not known. */
  readonly lane?: () => Lane | undefined;
}

/**
 * Keeps events that were not delivered, one line of JSON each, so that they can be looked at, mended and sent again:
 * `{"time", "dataSource", "lane", "reason", "message", "event"}`. Events that are not JSON are kept as text.
 */
export class DeadLetters implements AsyncDisposable {
  readonly #file: LetterFile;
  readonly #dataSource: string | null;
  readonly #lane: () => Lane | undefined;

  private constructor(file: LetterFile, { dataSource, lane = () => undefined }: DeadLettersOptions) {
    this.#file = file;
    this.#dataSource = dataSource;
    this.#lane = lane;
  }

  /**
   * Opens the file, to append to it.
   * @throws what the file system says.
   */
  static async open(path: string, options: DeadLettersOptions): Promise<DeadLetters> {
    return new DeadLetters(await LetterFile.open(path, options), options);
  }

  /** Keeps an event that a sender reported. */
  add(event: unknown, outcome: Undelivered): void {
    if (outcome.status === 'dropped') this.keep(event, outcome.reason, outcome.message);
    else this.keep(event, 'failed', `${outcome.error.code}: ${outcome.error.message}`);
  }

  /**
   * Keeps an event, or what was not even one, for a reason.
   * @param way where it was to go; default: as it was opened for.
   */
  keep(
    event: unknown,
    reason: string,
    message: string,
    way: { readonly dataSource: string | null; readonly lane: Lane | undefined } = {
      dataSource: this.#dataSource,
      lane: this.#lane(),
    },
  ): void {
    const { dataSource, lane = null } = way;
    const facts = { time: new Date().toISOString(), dataSource, lane, reason, message };
    this.#file.add(line(facts, event));
  }

  /**
   * Resolves when all is in the file.
   * @throws TRQ_DEAD_LETTER_FAILED when something is not, be it an earlier event. What can be kept in memory is tried again.
   */
  flush(): Promise<void> {
    return this.#file.flush();
  }

  /** @throws TRQ_DEAD_LETTER_FAILED when something is not in the file, and will not be. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

function line(facts: object, event: unknown): string {
  if (event instanceof Uint8Array) return lineOfBytes(facts, Buffer.from(event).toString());
  try {
    return JSON.stringify({ ...facts, event });
  } catch (error) {
    return JSON.stringify({ ...facts, event: `[${messageOf(error)}] ${inspect(event)}` });
  }
}

/** JSON goes in as it is: what is parsed and written again has other large numbers, and one of several equal keys. */
function lineOfBytes(facts: object, text: string): string {
  if (!isJson(text)) return JSON.stringify({ ...facts, event: text });
  // Within a text of JSON there are none of these.
  return `${JSON.stringify(facts).slice(0, -1)},"event":${text.trim().replaceAll(/[\r\n]/g, ' ')}}`;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
