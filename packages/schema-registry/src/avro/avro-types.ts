import { Buffer } from 'node:buffer';
import { JsonNumber } from '@tranquility-js/core/internal';
import type { AvroInput } from './avro-input.js';
import { logical } from './logical-types.js';

/** Reads one value. */
export type Read = (input: AvroInput) => unknown;

type Schema = Readonly<Record<string, unknown>>;

/** Deeper values are refused, as deeper JSON is. */
const maxDepth = 1000;
/** Deeper schemas are refused. */
const maxSchemaDepth = 200;

const primitives: Readonly<Record<string, Read>> = {
  null: (input) => {
    input.spend();
    return null;
  },
  boolean: (input) => input.boolean(),
  int: (input) => input.long(),
  long: (input) => input.long(),
  float: (input) => input.take(4).readFloatLE(),
  double: (input) => input.take(8).readDoubleLE(),
  bytes: (input) => input.take(input.size()),
  string: (input) => input.text(input.size()),
};

/** The named types of schemas that refer to each other, compiled. */
export class AvroTypes {
  readonly #named = new Map<string, Read>();
  #depth = 0;

  /**
   * @param json the text of a schema, or the bare name of a type.
   * @throws Error that says what is wrong with the schema.
   */
  compile(json: string): Read {
    let schema: unknown;
    try {
      schema = JSON.parse(json);
    } catch {
      schema = json.trim();
    }
    return this.#compile(schema, '', 0);
  }

  #compile(schema: unknown, namespace: string, depth: number): Read {
    if (depth > maxSchemaDepth) throw new Error(`The schema is nested deeper than ${maxSchemaDepth}.`);
    if (typeof schema === 'string') return this.#byName(schema, namespace);
    if (Array.isArray(schema)) return this.#union(schema as unknown[], namespace, depth);
    if (typeof schema !== 'object' || schema === null) throw new Error(`${JSON.stringify(schema)} is no schema.`);
    const object = schema as Schema;
    const { type } = object;
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(object, namespace, depth);
      case 'enum':
        return this.#enumeration(object, namespace);
      case 'fixed':
        return this.#fixed(object, namespace);
      case 'array':
        return this.#array(this.#compile(object['items'], namespace, depth + 1));
      case 'map':
        return this.#map(this.#compile(object['values'], namespace, depth + 1));
      default:
        return typeof type === 'string' && Object.hasOwn(primitives, type)
          ? plain(logical(object, type, primitives[type] ?? fail(type)))
          : this.#compile(type, namespace, depth + 1);
    }
  }

  #byName(name: string, namespace: string): Read {
    if (Object.hasOwn(primitives, name)) return plain(primitives[name] ?? fail(name));
    const full = name.includes('.') || namespace === '' ? name : `${namespace}.${name}`;
    return this.#named.get(full) ?? this.#named.get(name) ?? fail(name);
  }

  #define(schema: Schema, namespace: string, read: Read): string {
    const name = schema['name'];
    if (typeof name !== 'string' || name === '')
      throw new Error(`A type has no name: ${JSON.stringify(schema).slice(0, 80)}`);
    const own = schema['namespace'];
    const space = name.includes('.') ? name.slice(0, name.lastIndexOf('.')) : typeof own === 'string' ? own : namespace;
    const full = name.includes('.') || space === '' ? name : `${space}.${name}`;
    this.#named.set(full, read);
    return space;
  }

  #record(schema: Schema, namespace: string, depth: number): Read {
    const fields: [string, Read][] = [];
    const read: Read = (input) => {
      this.#enter();
      input.spend();
      const record: Record<string, unknown> = {};
      for (const [name, value] of fields) put(record, name, value(input));
      this.#depth--;
      return record;
    };
    const space = this.#define(schema, namespace, read);
    const list = schema['fields'];
    if (!Array.isArray(list)) throw new Error(`The record ${String(schema['name'])} has no fields.`);
    for (const field of list as Schema[]) {
      fields.push([String(field['name']), this.#compile(field['type'], space, depth + 1)]);
    }
    return read;
  }

  #enumeration(schema: Schema, namespace: string): Read {
    const symbols = Array.isArray(schema['symbols']) ? (schema['symbols'] as unknown[]) : [];
    const read: Read = (input) => symbols[input.size()] ?? fail('a symbol that its enum does not have');
    this.#define(schema, namespace, read);
    return read;
  }

  #fixed(schema: Schema, namespace: string): Read {
    const size = Number(schema['size']);
    if (!Number.isSafeInteger(size) || size < 0)
      throw new Error(`The fixed type ${String(schema['name'])} has no size.`);
    const bytes: Read = (input) => {
      input.spend();
      return input.take(size);
    };
    const read = plain(logical(schema, 'fixed', bytes));
    this.#define(schema, namespace, read);
    return read;
  }

  #union(schemas: readonly unknown[], namespace: string, depth: number): Read {
    const branches = schemas.map((schema) => this.#compile(schema, namespace, depth + 1));
    return (input) => {
      const branch = branches[input.size()];
      if (branch === undefined) throw new Error('It has a branch that its union does not have.');
      return branch(input);
    };
  }

  #array(item: Read): Read {
    return (input) => {
      this.#enter();
      const items: unknown[] = [];
      blocks(input, () => items.push(item(input)));
      this.#depth--;
      return items;
    };
  }

  #map(value: Read): Read {
    return (input) => {
      this.#enter();
      const map: Record<string, unknown> = {};
      blocks(input, () => {
        const key = input.text(input.size());
        put(map, key, value(input));
      });
      this.#depth--;
      return map;
    };
  }

  /** Begins anew, after a message that ended within a value. */
  reset(): void {
    this.#depth = 0;
  }

  #enter(): void {
    if (++this.#depth > maxDepth) throw new Error(`It is nested deeper than ${maxDepth}.`);
  }
}

/** Arrays and maps come in blocks, each with its count, and with its size too if the count is negative. */
function blocks(input: AvroInput, readItem: () => void): void {
  for (;;) {
    const count = input.long();
    if (count === 0) return;
    if (typeof count === 'bigint') throw new Error('A length in it is too large.');
    if (count < 0) input.long();
    for (let left = Math.abs(count); left > 0; left--) {
      input.spend();
      readItem();
    }
  }
}

function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') Object.defineProperty(object, name, { value, enumerable: true });
  else object[name] = value;
}

/** Makes what JSON has no word for into what it has: bytes into base64, long numbers into their digits. */
function plain(read: Read): Read {
  return (input) => {
    const value = read(input);
    if (typeof value === 'bigint') {
      input.hasLongNumber = true;
      return new JsonNumber(String(value));
    }
    return Buffer.isBuffer(value) ? value.toString('base64') : value;
  };
}

function fail(what: string): never {
  throw new Error(`It names ${JSON.stringify(what)}, which is not known.`);
}
