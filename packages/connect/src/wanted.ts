import { decimalOf } from './decimals.js';
import { isWhole, valueText } from './value-text.js';

/** The most digits of a whole number that is looked for by its value; longer ones must be spelled alike. */
const mostDigits = 400;

/** The values that a filter looks for. As in Druid, a text must be the same, and a number as large, however it is spelled. */
export class Wanted {
  readonly #texts: ReadonlySet<string | null>;
  /** Whole numbers among them, in plain digits. */
  readonly #wholes = new Set<string>();
  readonly #doubles = new Set<number>();

  constructor(texts: readonly (string | null)[]) {
    this.#texts = new Set(texts);
    for (const text of texts) if (text !== null) this.#addNumber(text);
  }

  /** @param isListed whether it is one of a list: there Druid takes numbers for the texts that Java writes. */
  has(value: unknown, isListed: boolean): boolean {
    const text = valueText(value);
    if (this.#texts.has(text)) return true;
    if (isListed || typeof value === 'string' || text === null) return false;
    const whole = isWhole(value);
    if (whole === undefined) return false;
    return whole ? this.#wholes.has(text) : this.#doubles.has(Number(text));
  }

  #addNumber(text: string): void {
    const number = decimalOf(text);
    if (number === undefined) return;
    this.#doubles.add(Number(text));
    const { isNegative, digits, point } = number;
    if (digits === '') this.#wholes.add('0');
    else if (point >= digits.length && point <= mostDigits)
      this.#wholes.add(`${isNegative ? '-' : ''}${digits.padEnd(point, '0')}`);
  }
}
