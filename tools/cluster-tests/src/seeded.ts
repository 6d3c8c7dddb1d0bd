import { createHash } from 'node:crypto';

/** Numbers by chance that are the same for the same seed. */
export class Seeded {
  readonly #seed: number;
  #drawn = 0;

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** At least 0, and below 1. */
  next(): number {
    const digest = createHash('sha256').update(`${this.#seed} ${this.#drawn++}`).digest();
    return digest.readUInt32BE() / 2 ** 32;
  }

  /** A whole number from one up to another, which it is not. */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  /** @throws Error when there is nothing to choose from. */
  of<T>(choices: readonly T[]): T {
    const choice = choices[this.whole(0, choices.length)];
    if (choice === undefined) throw new Error('There is nothing to choose from.');
    return choice;
  }

  shuffled<T>(values: readonly T[]): T[] {
    return values
      .map((value) => ({ value, at: this.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  }
}
