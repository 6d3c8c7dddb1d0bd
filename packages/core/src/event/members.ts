import { Buffer } from 'node:buffer';
import { sameBytes, type KeyName } from './key-name.js';

/** How many numbers say where a member stands. */
const width = 4;

/** Where the members of a JSON object stand, those at the top. */
export class Members {
  #bytes: Uint8Array = new Uint8Array(0);
  /** Of each member: begin and end of its key's text (the complement of the end if it has escapes), of its value. */
  #table = new Int32Array(64 * width);
  #first = 0;
  #end = 0;

  /** Forgets what it has, and gets members of these bytes by `add`. */
  begin(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#first = this.#end = 0;
  }

  add(keyStart: number, keyEnd: number, valueStart: number, valueEnd: number): void {
    if (this.#end === this.#table.length) {
      const larger = new Int32Array(this.#end * 2);
      larger.set(this.#table);
      this.#table = larger;
    }
    const table = this.#table;
    const at = this.#end;
    table[at] = keyStart;
    table[at + 1] = keyEnd;
    table[at + 2] = valueStart;
    table[at + 3] = valueEnd;
    this.#end = at + width;
  }

  /** Has those of a table that another fills, from one member up to another. */
  lookAt(bytes: Uint8Array, table: Int32Array<ArrayBuffer>, first: number, end: number): void {
    this.#bytes = bytes;
    this.#table = table;
    this.#first = first * width;
    this.#end = end * width;
  }

  /** The number of members, those that stand twice counted twice. */
  get count(): number {
    return (this.#end - this.#first) / width;
  }

  /** The last member of this name, which is the one that counts; -1 when there is none. */
  find(name: KeyName): number {
    for (let at = this.#end - width; at >= this.#first; at -= width) {
      const start = this.#table[at] ?? 0;
      const end = this.#table[at + 1] ?? 0;
      if (end < 0 ? this.#keyOf(start, ~end) === name.text : sameBytes(this.#bytes, start, end, name.bytes))
        return (at - this.#first) / width;
    }
    return -1;
  }

  /** The name of a member. */
  nameOf(member: number): string {
    const end = this.#numberOf(member, 1);
    return this.#keyOf(this.#numberOf(member, 0), end < 0 ? ~end : end);
  }

  /** Where the value of a member begins. */
  valueStart(member: number): number {
    return this.#numberOf(member, 2);
  }

  /** Where the value of a member ends. */
  valueEnd(member: number): number {
    return this.#numberOf(member, 3);
  }

  #numberOf(member: number, column: number): number {
    return this.#table[this.#first + member * width + column] ?? 0;
  }

  #keyOf(start: number, end: number): string {
    return JSON.parse(textOf(this.#bytes, start - 1, end + 1)) as string;
  }
}

/** Some of these bytes as text. */
export function textOf(bytes: Uint8Array, start: number, end: number): string {
  return bufferOf(bytes).toString('utf8', start, end);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
