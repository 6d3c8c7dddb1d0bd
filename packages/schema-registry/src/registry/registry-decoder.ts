import { Buffer } from 'node:buffer';
import { messageOf, type Decoded, type Decoder } from '@tranquility-js/core';
import { systemClock } from '@tranquility-js/core/internal';
import type { Codec } from '../codec.js';
import { decodedOne, refusedWhole } from '../decoded.js';
import { unframe } from '../wire-format.js';
import { codecFor } from './codecs.js';
import type { RegisteredSchema } from './registered-schema.js';

/** How long an id that the registry does not have, or whose schema cannot be used, is not asked for again, in milliseconds. */
const unknownFor = 60_000;
/** The most ids that are remembered; the one that was asked for first is forgotten first. */
const mostIds = 1000;

/** What is known of an id: how to read its messages, or why they cannot be read, and until when that holds. */
type Known = { readonly codec: Codec } | { readonly reason: string; readonly until: number };

/** Where schemas come from: a `SchemaRegistry`. */
export interface SchemaSource {
  /** @returns `undefined` when there is none of this id; why it cannot be used, in words for the user. */
  schema(id: number): Promise<RegisteredSchema | string | undefined>;
}

/**
 * Decodes messages that name their schema in the header that Confluent's serializers write: Avro, Protobuf and JSON. A schema is asked for
 * once, by `prepare`.
 */
export class RegistryDecoder implements Decoder {
  readonly #source: SchemaSource;
  readonly #now: () => number;
  readonly #known = new Map<number, Known>();
  readonly #asking = new Map<number, Promise<void>>();

  /** @param now the time in epoch milliseconds. */
  constructor(source: SchemaSource, now: () => number = () => systemClock.now()) {
    this.#source = source;
    this.#now = now;
  }

  /**
   * @throws (as a rejection) TRQ_REGISTRY_UNREACHABLE, which waiting may help; TRQ_REGISTRY_REFUSED and TRQ_TLS_FAILED, which somebody
   *   has to mend. Messages of schemas that are known go on.
   */
  prepare(payload: Uint8Array): Promise<void> | undefined {
    const framed = unframe(bufferOf(payload));
    if (typeof framed === 'string' || this.#lookUp(framed.id) !== undefined) return undefined;
    const { id } = framed;
    let asking = this.#asking.get(id);
    if (asking === undefined) {
      asking = this.#ask(id).finally(() => this.#asking.delete(id));
      this.#asking.set(id, asking);
    }
    return asking;
  }

  decode(payload: Uint8Array): Decoded {
    const bytes = bufferOf(payload);
    const framed = unframe(bytes);
    if (typeof framed === 'string') return refusedWhole(framed, bytes);
    const { id, body } = framed;
    const known = this.#known.get(id);
    if (known === undefined) return refusedWhole(`The schema ${id} was not asked for: call prepare() first.`, bytes);
    if ('reason' in known) return refusedWhole(`The schema ${id} of the message: ${known.reason}`, bytes);
    try {
      return decodedOne(known.codec.read(body));
    } catch (error) {
      return refusedWhole(`The message cannot be read with the schema ${id}. ${messageOf(error)}`, bytes);
    }
  }

  #lookUp(id: number): Known | undefined {
    const known = this.#known.get(id);
    if (known === undefined || ('until' in known && known.until <= this.#now())) return undefined;
    return known;
  }

  async #ask(id: number): Promise<void> {
    const registered = await this.#source.schema(id);
    const codec = await codecOf(registered);
    this.#known.delete(id);
    this.#known.set(id, typeof codec === 'string' ? { reason: codec, until: this.#now() + unknownFor } : { codec });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostIds) break;
      this.#known.delete(oldest);
    }
  }
}

async function codecOf(registered: RegisteredSchema | string | undefined): Promise<Codec | string> {
  if (registered === undefined) return 'The registry does not have it.';
  return typeof registered === 'string' ? `It cannot be used: ${registered}` : codecFor(registered);
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
