/** Texts of a message, to which its records refer by their numbers. */
export class TextTable {
  readonly #message: Buffer;
  /** Of each text, where it begins and where it ends. */
  readonly #bounds: number[] = [];
  /** Those that were asked for: any number of records may refer to one. */
  readonly #texts = new Map<number, string>();

  constructor(message: Buffer) {
    this.#message = message;
  }

  get length(): number {
    return this.#bounds.length / 2;
  }

  add(start: number, end: number): void {
    this.#bounds.push(start, end);
  }

  at(index: number): string {
    let text = this.#texts.get(index);
    if (text === undefined) {
      text = this.#message.toString('utf8', this.#bounds[2 * index], this.#bounds[2 * index + 1]);
      this.#texts.set(index, text);
    }
    return text;
  }

  /** @throws RangeError if there is no text of this number; a negative one asks for none. */
  check(index: number, what: string): void {
    if (index >= this.length) throw new RangeError(`There is no ${what} of the number ${index}.`);
  }
}
