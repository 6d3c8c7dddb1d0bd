/** Bounds what an expression may look at, as a few descents (`..`) into deep nesting would take for ever. */
export class WorkLimit {
  #left = mostValues;

  /** @throws Error when there was too much already. */
  spend(values = 1): void {
    this.#left -= values;
    if (this.#left < 0) throw new Error(`It looks at more than ${mostValues} values.`);
  }
}

const mostValues = 1_000_000;
