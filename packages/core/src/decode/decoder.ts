import type { ReadBatch } from '../event/json-batch.js';

/**
 * What a payload holds. An event is an object, or the bytes of a JSON object: those leave as they came, which costs the least. They may
 * lie in the payload itself, so leave that as it is until they are sent. What gave no event is in `refused`, with its line.
 */
export type Decoded = ReadBatch<Record<string, unknown> | Uint8Array>;

/** Turns payloads, such as the value of a message or the body of a request, into events. */
export interface Decoder {
  /**
   * Gets what this payload needs from elsewhere, such as the schema that it names. Missing in decoders that never need anything.
   * @returns nothing when it can be decoded at once, else what to wait for.
   * @throws (as a rejection) an error that says by `retryable` whether waiting may help. What never helps is no error here: `decode`
   *   refuses the payload.
   */
  prepare?(payload: Uint8Array): Promise<void> | undefined;

  /**
   * Takes a whole payload. Does not throw, whatever is in it. With `prepare`, that must have come first for this payload.
   */
  decode(payload: Uint8Array): Decoded;

  /** Begins to read a payload that comes in chunks, in bounded memory. Missing where a payload must be whole. */
  open?(): ChunkDecoder;
}

/** A decoder of payloads that may always come in chunks. */
export interface StreamingDecoder extends Decoder {
  open(): ChunkDecoder;
}

/** Reads one payload chunk by chunk: after each, take what it gave. Lines are counted through all of them. */
export interface ChunkDecoder {
  push(chunk: Uint8Array): void;
  /** Says that there is no more. */
  end(): void;
  /** What was read since the last call, or `undefined` when that was nothing. */
  take(): Decoded | undefined;
}
