import type { Logger } from '@tranquility-js/core';

/** How long the same is not said again, in milliseconds. */
const silence = 60_000;
/** More than so many sentences are not remembered. */
const mostSentences = 100;

/** Says in the log what is tried again: each sentence at most once a minute, however many records it is about. */
export class Troubles {
  readonly #logger: Logger;
  readonly #now: () => number;
  readonly #saidAt = new Map<string, number>();

  /** @param now a clock that only goes on, in milliseconds. */
  constructor(logger: Logger, now: () => number = () => performance.now()) {
    this.#logger = logger;
    this.#now = now;
  }

  tell(dataSource: string, error: unknown): void {
    const sentence = `${dataSource}: ${sentenceOf(error)} It is tried again.`;
    const now = this.#now();
    if (now - (this.#saidAt.get(sentence) ?? -Infinity) < silence) return;
    if (this.#saidAt.size >= mostSentences) this.#saidAt.clear();
    this.#saidAt.set(sentence, now);
    this.#logger.warn(sentence);
  }
}

/** What an error says, without what its causes say: our own have that in their words. */
export function sentenceOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return /[.?!]$/.test(message) ? message : `${message}.`;
}
