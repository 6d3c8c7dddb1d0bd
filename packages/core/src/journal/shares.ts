interface Shared<T> {
  readonly settings: string;
  readonly opened: Promise<T>;
  users: number;
}

/** Something that others of the process may use too. */
export interface Share<T> {
  readonly shared: T;
  /** Lets go of it. The last one closes it. */
  readonly release: () => Promise<void>;
}

/** What a process has open only once for each key, for all who use it. */
export class Shares<T extends { close(): Promise<void> }> {
  readonly #open = new Map<string, Shared<T>>();
  /** Those that nobody uses any more, until they are closed. */
  readonly #closing = new Map<string, Promise<void>>();
  readonly #otherSettings: (key: string) => Error;

  /** @param otherSettings the error for one who wants it with other settings than those it was opened with. */
  constructor(otherSettings: (key: string) => Error) {
    this.#otherSettings = otherSettings;
  }

  /**
   * The one of a key.
   * @param settings as a text: who wants others is refused.
   * @throws what opening it throws, or the error for other settings.
   */
  async share(key: string, settings: string, open: () => Promise<T>): Promise<Share<T>> {
    const shared = this.#open.get(key) ?? { settings, opened: this.#afterClose(key, open), users: 0 };
    if (shared.settings !== settings) throw this.#otherSettings(key);
    this.#open.set(key, shared);
    shared.users++;
    try {
      return { shared: await shared.opened, release: once(() => this.#release(key, shared)) };
    } catch (error) {
      if (--shared.users === 0) this.#open.delete(key);
      throw error;
    }
  }

  async #afterClose(key: string, open: () => Promise<T>): Promise<T> {
    await this.#closing.get(key);
    return open();
  }

  async #release(key: string, shared: Shared<T>): Promise<void> {
    if (--shared.users > 0) return;
    this.#open.delete(key);
    const closed = shared.opened.then((opened) => opened.close());
    const over = closed.catch(() => undefined);
    this.#closing.set(key, over);
    try {
      await closed;
    } finally {
      if (this.#closing.get(key) === over) this.#closing.delete(key);
    }
  }
}

function once(call: () => Promise<void>): () => Promise<void> {
  let called: Promise<void> | undefined;
  return () => (called ??= call());
}
