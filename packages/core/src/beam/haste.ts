/** Whether somebody waits until events are settled. As long as it is on, none of them is kept back to make a larger batch. */
export class Haste {
  readonly #listeners = new Set<() => void>();
  #holders = 0;

  get isOn(): boolean {
    return this.#holders > 0;
  }

  /** Turns it on, until what this returns is called. */
  begin(): () => void {
    this.#holders++;
    for (const listener of this.#listeners) listener();
    let isHeld = true;
    return () => {
      if (isHeld) this.#holders--;
      isHeld = false;
    };
  }

  /**
   * Calls the listener each time that it is turned on, be it that it was on already.
   * @returns what ends that.
   */
  onBegin(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }
}
