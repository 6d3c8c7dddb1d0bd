/** Events that wait, the oldest first. */
export class Backlog<E> {
  #events: E[] = [];
  #head = 0;

  get size(): number {
    return this.#events.length - this.#head;
  }

  push(event: E): void {
    this.#events.push(event);
  }

  /** Takes the oldest. Ask for `size` first: events may be anything, `undefined` too. */
  shift(): E {
    const event = this.#events[this.#head++] as E;
    // Taken events are let go of now and then, so that each costs the same however many wait.
    if (this.#head >= 1024 && this.#head * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  clear(): void {
    this.#events = [];
    this.#head = 0;
  }
}
