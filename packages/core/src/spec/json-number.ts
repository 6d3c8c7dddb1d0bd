/** A number whose spelling in JSON is known: Java tells `1` from `1.0`. */
export class JsonNumber {
  readonly literal: string;

  constructor(literal: string) {
    this.literal = literal;
  }
}
