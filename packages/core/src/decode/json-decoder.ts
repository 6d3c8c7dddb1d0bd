import { JsonReader } from '../event/json-reader.js';
import { ObjectScanner } from '../event/object-scanner.js';
import type { ChunkDecoder, Decoded, StreamingDecoder } from './decoder.js';

/** Limits of every decoder of text. */
export interface DecodeLimits {
  /** The longest event, in bytes; default 16 MiB. */
  readonly maxEventBytes?: number;
}

/** JSON as it came: one object, an array of them, or NDJSON. Events are the bytes that they came as, checked but not parsed. */
export class JsonDecoder implements StreamingDecoder {
  readonly #limits: DecodeLimits;
  readonly #scanner = new ObjectScanner();

  constructor(limits: DecodeLimits = {}) {
    this.#limits = limits;
  }

  decode(payload: Uint8Array): Decoded {
    const { maxEventBytes = payload.length } = this.#limits;
    if (payload.length <= maxEventBytes && this.#scanner.scan(payload)) {
      return { events: [payload], lines: [1], refused: [] };
    }
    return decodeWhole(this.open(), payload);
  }

  open(): ChunkDecoder {
    return new JsonReader({ ...this.#limits, raw: true });
  }
}

/** Decodes a payload that is there as a whole. */
export function decodeWhole(decoder: ChunkDecoder, payload: Uint8Array): Decoded {
  decoder.push(payload);
  decoder.end();
  return decoder.take() ?? { events: [], lines: [], refused: [] };
}
