import { FieldReader } from './field-reader.js';

/** The numbers of its fields. */
const numbers = { partitionKey: 1, hashKey: 2, data: 3 } as const;

/** The number of a key that a record has not. */
export const none = -1;

/** What a message says of one of its records: of one after another, as nothing is made for each. */
export class Entry {
  readonly #message: Buffer;
  readonly #fields: FieldReader;
  #start = none;
  #end = none;
  /** The numbers of its partition key, and of its hash key. */
  key = 0;
  hashKey = none;

  constructor(message: Buffer) {
    this.#message = message;
    this.#fields = new FieldReader(message);
  }

  get data(): Buffer {
    return this.#message.subarray(this.#start, this.#end);
  }

  /** @throws RangeError for what is no record. */
  read(start: number, end: number): void {
    const fields = this.#fields;
    fields.enter(start, end);
    this.#start = none;
    this.key = 0;
    this.hashKey = none;
    while (fields.next()) {
      const { number, value } = fields;
      if (fields.isBytes && number === numbers.data) [this.#start, this.#end] = [value, fields.end];
      else if (fields.isNumber && number === numbers.partitionKey) this.key = value;
      else if (fields.isNumber && number === numbers.hashKey) this.hashKey = value;
    }
    if (this.#start === none) throw new RangeError('A record has no data.');
  }
}
