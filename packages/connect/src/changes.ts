/** Those who wait until something is so. They look again at each change. */
export class Changes {
  readonly #waiters = new Set<() => void>();

  /** Whether anybody waits. */
  get areAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  /** Something has changed. */
  tell(): void {
    for (const wake of [...this.#waiters]) wake();
  }

  /** Resolves when it is so, or the signal aborts. */
  async until(isSo: () => boolean, signal: AbortSignal): Promise<void> {
    while (!isSo() && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiters.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }
}
