import { chunksOf } from '../event/json-source.js';
import type { Decoded, Decoder } from './decoder.js';
import { TranquilityError } from '../errors/tranquility-error.js';

/** The most input that goes into one batch. */
const sliceBytes = 65_536;

/**
 * Decodes a source of bytes as one payload, and gives batches as soon as a chunk has brought anything. Never holds the whole input.
 * @throws TRQ_INTERNAL for a decoder that takes only whole payloads; the source's own errors; the signal's reason, even while it waits.
 */
export async function* readEvents(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  decoder: Decoder,
  { signal }: { readonly signal?: AbortSignal } = {},
): AsyncGenerator<Decoded, void, undefined> {
  const chunks = decoder.open?.();
  if (chunks === undefined) throw new TranquilityError('TRQ_INTERNAL', 'This decoder takes whole payloads only.');
  for await (const chunk of chunksOf(source, signal)) {
    for (let at = 0; at < chunk.length; at += sliceBytes) {
      chunks.push(chunk.subarray(at, at + sliceBytes));
      const batch = chunks.take();
      if (batch !== undefined) yield batch;
      signal?.throwIfAborted();
    }
  }
  chunks.end();
  const rest = chunks.take();
  if (rest !== undefined) yield rest;
}
