import { decoderFor, JsonReader, type ChunkDecoder, type Decoded, type DataSourceConfig } from '@tranquility-js/core';
import { SmileReader } from '../smile/smile-reader.js';
import { GatheredBytes } from './gathered-bytes.js';
import { Problem } from './problem.js';
import type { BodyFormat } from './request-form.js';

export type BodyChunks = AsyncIterable<Buffer> | Iterable<Buffer>;

export interface ReaderLimits {
  readonly maxEventBytes: number;
  /** The most bytes of a body that can only be read as a whole. */
  readonly maxStrictBytes: number;
}

/**
 * The pieces of a body's events, as they come.
 * @param config of the dataSource that the URL names; its parser reads texts.
 * @throws what the chunks throw.
 */
export async function* readBody(
  chunks: BodyChunks,
  format: BodyFormat,
  config: DataSourceConfig | undefined,
  limits: ReaderLimits,
): AsyncGenerator<Decoded, void, undefined> {
  const reader = readerOf(format, config, limits);
  for await (const chunk of chunks) {
    reader.push(chunk);
    const decoded = reader.take();
    if (decoded !== undefined) yield decoded;
  }
  reader.end();
  const rest = reader.take();
  if (rest !== undefined) yield rest;
}

function readerOf(
  format: BodyFormat,
  config: DataSourceConfig | undefined,
  { maxEventBytes, maxStrictBytes }: ReaderLimits,
): ChunkDecoder {
  switch (format) {
    case 'json':
      return new JsonReader({ raw: true, maxEventBytes });
    case 'ndjson':
      return new JsonReader({ format: 'ndjson', raw: true, maxEventBytes });
    case 'smile':
      return new SmileReader(maxEventBytes);
    case 'text': {
      if (config === undefined) throw new Problem(400, 'Must include dataSource in URL for contentType[text/plain]');
      const decoder = decoderFor(config.spec, { maxEventBytes });
      return decoder.open?.() ?? new WholeReader((payload) => decoder.decode(payload), maxStrictBytes);
    }
  }
}

/** Reads what can only be read as a whole. */
class WholeReader implements ChunkDecoder {
  readonly #decode: (payload: Uint8Array) => Decoded;
  readonly #mostBytes: number;
  readonly #gathered = new GatheredBytes();
  #decoded: Decoded | undefined;

  constructor(decode: (payload: Uint8Array) => Decoded, mostBytes: number) {
    this.#decode = decode;
    this.#mostBytes = mostBytes;
  }

  push(chunk: Uint8Array): void {
    if (this.#gathered.length + chunk.length > this.#mostBytes) {
      throw new Problem(413, 'The body is too large', {
        more: [`A body in this format is read as a whole; http.maxStrictBytes allows ${this.#mostBytes} bytes.`],
      });
    }
    this.#gathered.add(chunk);
  }

  end(): void {
    this.#decoded = this.#decode(this.#gathered.bytes);
  }

  take(): Decoded | undefined {
    const decoded = this.#decoded;
    this.#decoded = undefined;
    return decoded;
  }
}
