import type { Writable } from 'node:stream';

/** Where a command writes, and whether a person watches. */
export interface Terminal {
  /** Results. */
  readonly out: Writable;
  /** Messages and progress. */
  readonly err: Writable & { readonly isTTY?: boolean; readonly columns?: number };
}

/** Lines of messages, with one line of progress below them that is drawn anew in place. */
export class Messages {
  readonly #terminal: Terminal;
  #status = '';

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Whether progress is shown: only to a person at a terminal. */
  get isLive(): boolean {
    return this.#terminal.err.isTTY === true;
  }

  line(text: string): void {
    this.#terminal.err.write(`${this.#erased()}${text}\n${this.#status}`);
  }

  /** Replaces the line of progress. Without a terminal nothing is shown. */
  status(text: string): void {
    if (!this.isLive) return;
    const erased = this.#erased();
    this.#status = text.slice(0, (this.#terminal.err.columns ?? 80) - 1);
    this.#terminal.err.write(`${erased}${this.#status}`);
  }

  #erased(): string {
    return this.#status === '' ? '' : '\r\u001B[K';
  }
}
