const varint = 0;
const fixed64 = 1;
const lengthDelimited = 2;
const fixed32 = 5;

/** Reads a protobuf message, or a part of one, field by field, and makes nothing for each: a message may have millions. */
export class FieldReader {
  readonly #message: Buffer;
  #at: number;
  #end: number;
  #type = varint;

  /** The number of the field. */
  number = 0;
  /** What it holds, where that is a number; else where its bytes begin. */
  value = 0;

  constructor(message: Buffer, start = 0, end = message.length) {
    this.#message = message;
    this.#at = start;
    this.#end = end;
  }

  get isNumber(): boolean {
    return this.#type === varint;
  }

  /** Whether it holds a text, bytes, or a message. */
  get isBytes(): boolean {
    return this.#type === lengthDelimited;
  }

  /** Where the bytes of the field end. */
  get end(): number {
    return this.#at;
  }

  /** Goes on with a part of the message. */
  enter(start: number, end: number): void {
    this.#at = start;
    this.#end = end;
  }

  /**
   * Reads the next field.
   * @returns whether there is one.
   * @throws RangeError for what is no such message.
   */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.#readNumber();
    this.number = Math.floor(tag / 8);
    this.#type = tag % 8;
    switch (this.#type) {
      case varint:
        this.value = this.#readNumber();
        break;
      case fixed64:
        this.#take(8);
        break;
      case lengthDelimited:
        this.#take(this.#readNumber());
        break;
      case fixed32:
        this.#take(4);
        break;
      default:
        throw new RangeError(`There is no field of type ${this.#type}.`);
    }
    return true;
  }

  #readNumber(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      if (this.#at >= this.#end) throw new RangeError('A message ends within a number.');
      const byte = this.#message[this.#at++] ?? 0;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    throw new RangeError('A number has too many bytes.');
  }

  #take(length: number): void {
    this.value = this.#at;
    this.#at += length;
    if (this.#at > this.#end) throw new RangeError('A message ends within a field.');
  }
}
