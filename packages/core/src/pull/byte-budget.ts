/** A part of a {@link ByteBudget} that somebody holds. */
export interface Reservation {
  /** Holds so many bytes from now on. If they are more than there are, the others wait until they are back. */
  resize(bytes: number): void;
  /** Gives all of it back. More than once is as good as once. */
  release(): void;
}

/** Bytes that many share. Who asks for more than is left waits, in turn. */
export class ByteBudget {
  readonly #total: number;
  #free: number;
  readonly #waiting: { readonly bytes: number; readonly grant: () => void }[] = [];

  constructor(total: number) {
    this.#total = total;
    this.#free = total;
  }

  /** Bytes that nobody holds. Below 0 while some hold more than there are. */
  get free(): number {
    return this.#free;
  }

  /**
   * How many to ask for: as many as are wanted while that leaves half of all free, and a share from then on. So the half is left for
   * others, though some hold for long what they have.
   */
  fair(wanted: number, share: number): number {
    const isAmple = this.#waiting.length === 0 && this.#free - wanted >= this.#total / 2;
    return isAmple ? wanted : Math.min(wanted, Math.max(1, share));
  }

  /**
   * Waits until so many bytes are free, or all for who asks for more than there are.
   * @throws the signal's reason when it aborts before.
   */
  async reserve(bytes: number, signal: AbortSignal): Promise<Reservation> {
    signal.throwIfAborted();
    const wanted = Math.min(bytes, this.#total);
    if (this.#waiting.length > 0 || wanted > this.#free) await this.#turn(wanted, signal);
    else this.#free -= wanted;
    let held = wanted;
    const resize = (bytes: number): void => {
      this.#free += held - bytes;
      held = bytes;
      this.#serve();
    };
    return { resize, release: () => resize(0) };
  }

  #turn(bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        reject(signal.reason as Error);
        this.#serve();
      };
      const turn = {
        bytes,
        grant: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.push(turn);
    });
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next !== undefined && next.bytes <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#free -= next.bytes;
      next.grant();
    }
  }
}
