import { Buffer } from 'node:buffer';
import { writeExactly } from '@tranquility-js/core/internal';
import type { Codec } from '../codec.js';
import { AvroInput } from './avro-input.js';
import { AvroTypes, type Read } from './avro-types.js';

/** Reads records in Avro's binary encoding, as the schema says that they were written with. */
export class AvroCodec implements Codec {
  readonly #types = new AvroTypes();
  readonly #read: Read;

  /**
   * @param references the schemas of types that the schema names, those first that others name.
   * @throws Error that says what is wrong with a schema.
   */
  constructor(schema: string, references: readonly string[] = []) {
    for (const reference of references) this.#types.compile(reference);
    this.#read = this.#types.compile(schema);
  }

  read(body: Buffer): Record<string, unknown> | Buffer {
    const input = new AvroInput(body);
    this.#types.reset();
    const value = this.#read(input);
    if (input.at < body.length) {
      throw new Error(
        `It goes on for ${body.length - input.at} bytes behind its end: it was written with another schema.`,
      );
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new Error('Its schema is of no record.');
    }
    return input.hasLongNumber ? Buffer.from(writeExactly(value)) : (value as Record<string, unknown>);
  }
}
