import type { IngestionSpec } from '../spec/ingestion-spec.js';
import type { ChunkDecoder, Decoded, StreamingDecoder } from './decoder.js';
import { flatten, lowercased } from './flatten.js';
import { decodeWhole, JsonDecoder, type DecodeLimits } from './json-decoder.js';
import { MappedJsonDecoder } from './mapped-json.js';
import { RegexRows } from './regex-rows.js';
import { SeparatedRows } from './separated-rows.js';
import { TextLines, type RowReader } from './text-lines.js';

const defaultMaxEventBytes = 16 * 1024 * 1024;

/** The decoder of text that a spec asks for with its `parser` or `inputFormat`; JSON if it does not say. */
export function decoderFor(
  { inputFormat }: Pick<IngestionSpec, 'inputFormat'>,
  limits: DecodeLimits = {},
): StreamingDecoder {
  switch (inputFormat.type) {
    case 'json': {
      const { flattenSpec } = inputFormat;
      if (flattenSpec === undefined) return new JsonDecoder(limits);
      return new MappedJsonDecoder((event) => flatten(event, flattenSpec, inputFormat), limits);
    }
    case 'jsonLowercase':
      return new MappedJsonDecoder(lowercased, limits);
    case 'csv':
    case 'tsv':
      return new LinesDecoder(() => new SeparatedRows(inputFormat), limits);
    case 'regex':
      return new LinesDecoder(() => new RegexRows(inputFormat), limits);
  }
}

/** Rows of text. Each payload begins anew: with its own header, if it has one. */
class LinesDecoder implements StreamingDecoder {
  readonly #rows: () => RowReader;
  readonly #maxEventBytes: number;

  constructor(rows: () => RowReader, { maxEventBytes = defaultMaxEventBytes }: DecodeLimits) {
    this.#rows = rows;
    this.#maxEventBytes = maxEventBytes;
  }

  decode(payload: Uint8Array): Decoded {
    return decodeWhole(this.open(), payload);
  }

  open(): ChunkDecoder {
    return new TextLines(this.#rows(), this.#maxEventBytes);
  }
}
