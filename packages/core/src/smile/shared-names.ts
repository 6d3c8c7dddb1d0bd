const mostNames = 1024;

/** The names that a reader remembers, numbered in the order of their coming. When there are too many, both sides forget them all. */
export class SharedNames {
  readonly #indexes = new Map<string, number>();
  #count = 0;

  /** The number by which a name can be told to the reader; undefined where it must be spelt out. */
  indexOf(name: string): number | undefined {
    return this.#indexes.get(name);
  }

  /** Notes a name that was spelt out. */
  add(name: string): void {
    if (this.#count === mostNames) {
      this.#indexes.clear();
      this.#count = 0;
    }
    const index = this.#count++;
    // The bytes 0xFE and 0xFF have other meanings, so a number that ends in one is never told.
    if ((index & 0xff) < 0xfe) this.#indexes.set(name, index);
  }
}
