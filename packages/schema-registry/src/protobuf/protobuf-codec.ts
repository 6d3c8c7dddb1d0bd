import { Buffer } from 'node:buffer';
import { writeExactly } from '@tranquility-js/core/internal';
import Long from 'long';
import protobuf, { type Type } from 'protobufjs';
import type { Codec } from '../codec.js';
import type { RegisteredSchema } from '../registry/registered-schema.js';
import { knownFile } from './known-files.js';
import { readMessageIndex } from './message-index.js';
import { PlainMessages } from './plain-messages.js';

// What protobufjs finds by itself depends on how modules are resolved, and without it integers of 64 bits lose digits.
protobuf.util.Long = Long;
protobuf.configure();

/** Reads messages of a file of Protobuf. */
export class ProtobufCodec implements Codec {
  readonly #types: TypesOfFile;

  /** @throws Error that says what is wrong with the schema. */
  constructor({ schema, references }: Pick<RegisteredSchema, 'schema' | 'references'>) {
    const root = new protobuf.Root();
    const loaded = new Set(references.map(({ name }) => name));
    for (const reference of references) load(reference.schema, root, loaded);
    load(schema, root, loaded);
    root.resolveAll();
    this.#types = new TypesOfFile(schema, root);
  }

  read(body: Buffer): Record<string, unknown> | Buffer {
    const { path, end } = readMessageIndex(body);
    const type = this.#types.at(path);
    const plain = new PlainMessages();
    const event = plain.message(type, type.decode(body.subarray(end)));
    return plain.hasLongNumber ? Buffer.from(writeExactly(event)) : event;
  }
}

/** @param loaded the files that the root has, or will have: several may import the same one. */
function load(text: string, root: protobuf.Root, loaded: Set<string>): void {
  const { imports = [], weakImports = [] } = protobuf.parse(text, root, { keepCase: true });
  for (const name of [...imports, ...weakImports]) {
    if (loaded.has(name)) continue;
    loaded.add(name);
    const file = knownFile(name);
    if (typeof file === 'string') load(file, root, loaded);
    else if (file !== undefined) root.addJSON(file);
  }
}

/** Finds messages by their positions in a file, of which other files in the same package know nothing. */
class TypesOfFile {
  readonly #file: protobuf.NamespaceBase;
  readonly #root: protobuf.Root;
  readonly #found = new Map<string, Type>();

  constructor(text: string, root: protobuf.Root) {
    const alone = new protobuf.Root();
    const { package: name } = protobuf.parse(text, alone, { keepCase: true });
    this.#file = name === undefined ? alone : (alone.lookup(name) as protobuf.NamespaceBase);
    this.#root = root;
  }

  at(path: readonly number[]): Type {
    const key = path.join('.');
    const found = this.#found.get(key) ?? this.#find(path);
    this.#found.set(key, found);
    return found;
  }

  #find(path: readonly number[]): Type {
    let space: protobuf.NamespaceBase = this.#file;
    for (const position of path) {
      const type = space.nestedArray.filter((each) => each instanceof protobuf.Type)[position];
      if (type === undefined) throw new Error(`Its schema has no message at the position ${path.join('.')}.`);
      space = type;
    }
    return this.#root.lookupType(space.fullName);
  }
}
