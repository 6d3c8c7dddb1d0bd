/** How many bytes of a partition are in memory, and whether there is room for more. */
export class Room {
  readonly #maxBytes: number;
  readonly #onRoom: () => void;
  #bytes = 0;
  #isFull = false;
  #waiters: (() => void)[] = [];

  /**
   * @param maxBytes from so many on it is full; when half of them have gone there is room again.
   * @param onRoom there is room again.
   */
  constructor(maxBytes: number, onRoom: () => void) {
    this.#maxBytes = maxBytes;
    this.#onRoom = onRoom;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isFull(): boolean {
    return this.#isFull;
  }

  /** Bytes have come. */
  take(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes >= this.#maxBytes) this.#isFull = true;
  }

  /** Bytes that were taken before stay longer than they were to. */
  keep(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Bytes have gone. */
  free(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#isFull && this.#bytes <= this.#maxBytes / 2) {
      this.#reopen();
      this.#onRoom();
    }
  }

  /** All of them have gone, and no more will come. */
  clear(): void {
    this.#bytes = 0;
    this.#reopen();
  }

  /** Resolves when it is not full. */
  async open(): Promise<void> {
    if (!this.#isFull) return;
    await new Promise<void>((resolve) => {
      this.#waiters.push(resolve);
    });
  }

  #reopen(): void {
    this.#isFull = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
