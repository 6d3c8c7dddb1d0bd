const STRAYS = Array.from('0123456789-+:./TZz ,W"x');

/** A seeded source of choices: the same seed gives the same corpus. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to 1, by mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  of<T>(choices: readonly T[]): T {
    const choice = choices[this.between(0, choices.length - 1)];
    if (choice === undefined) throw new RangeError('There is nothing to choose from.');
    return choice;
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.next() * times < 1;
  }

  /** Characters of a text taken out, put in, doubled, or in another case. */
  damaged(text: string): string {
    const at = this.between(0, text.length);
    const [before, after] = [text.slice(0, at), text.slice(at)];
    switch (this.between(0, 6)) {
      case 0:
        return before + after.slice(1);
      case 1:
        return before + this.of(STRAYS) + after;
      case 2:
        return before + this.of(STRAYS) + after.slice(1);
      case 3:
        return before + after.slice(0, 1) + after;
      case 4:
        return before;
      case 5:
        return this.oneIn(2) ? text.toLowerCase() : text.toUpperCase();
      default:
        return this.of([' ', '  ', '"', '\t']) + text + this.of(['', ' ', '"']);
    }
  }
}
