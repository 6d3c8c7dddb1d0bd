import { decoderFor, JsonReader, type ChunkDecoder, type Decoded, type DataSourceConfig } from '@tranquility-js/core';
import { SmileReader } from '../smile/smile-reader.js';
import { Problem } from './problem.js';
import type { BodyFormat } from './request-form.js';

export type BodyChunks = AsyncIterable<Buffer> | Iterable<Buffer>;

/**
 * The pieces of a body's events, as they come.
 * @param config of the dataSource that the URL names; its parser reads texts.
 * @throws what the chunks throw.
 */
export async function* readBody(
  chunks: BodyChunks,
  format: BodyFormat,
  config: DataSourceConfig | undefined,
  maxEventBytes: number,
): AsyncGenerator<Decoded, void, undefined> {
  const reader = readerOf(format, config, maxEventBytes);
  for await (const chunk of chunks) {
    reader.push(chunk);
    const decoded = reader.take();
    if (decoded !== undefined) yield decoded;
  }
  reader.end();
  const rest = reader.take();
  if (rest !== undefined) yield rest;
}

function readerOf(format: BodyFormat, config: DataSourceConfig | undefined, maxEventBytes: number): ChunkDecoder {
  switch (format) {
    case 'json':
      return new JsonReader({ raw: true, maxEventBytes });
    case 'ndjson':
      return new JsonReader({ format: 'ndjson', raw: true, maxEventBytes });
    case 'smile':
      return new SmileReader(maxEventBytes);
    case 'text': {
      if (config === undefined) throw new Problem(400, 'Must include dataSource in URL for contentType[text/plain]');
      return decoderFor(config.spec, { maxEventBytes }).open();
    }
  }
}
