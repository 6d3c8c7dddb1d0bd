import { Buffer } from 'node:buffer';
import { messageOf } from '../errors/tranquility-error.js';
import type { RefusedInput } from '../event/json-batch.js';
import { JsonReader } from '../event/json-reader.js';
import { textOf } from '../event/members.js';
import { ObjectScanner } from '../event/object-scanner.js';
import { isMap } from '../spec/expression/values.js';
import type { JsonObject } from '../spec/json.js';
import type { ChunkDecoder, Decoded, StreamingDecoder } from './decoder.js';
import { hasLongNumber, mayLose, parseExactly, writeExactly } from '../spec/exact-json.js';
import { decodeWhole, type DecodeLimits } from './json-decoder.js';

/** What becomes of each event; it may throw an `Error` that says why nothing does. */
type Change = (event: JsonObject) => Record<string, unknown>;

/** JSON that is changed event by event, as a flattenSpec does. */
export class MappedJsonDecoder implements StreamingDecoder {
  readonly #change: Change;
  readonly #limits: DecodeLimits;
  readonly #scanner = new ObjectScanner();

  constructor(change: Change, limits: DecodeLimits = {}) {
    this.#change = change;
    this.#limits = limits;
  }

  decode(payload: Uint8Array): Decoded {
    const { maxEventBytes = payload.length } = this.#limits;
    // A payload of one event, as messages mostly are, needs no reader.
    if (payload.length > maxEventBytes || !this.#scanner.scan(payload)) return decodeWhole(this.open(), payload);
    const text = textOf(payload, 0, payload.length);
    try {
      return { events: [changed(text, this.#change)], lines: [1], refused: [] };
    } catch (error) {
      return { events: [], lines: [], refused: [{ reason: messageOf(error), line: 1, input: text.trimEnd() }] };
    }
  }

  open(): ChunkDecoder {
    return new MappedJson(new JsonReader({ ...this.#limits, raw: true }), this.#change);
  }
}

class MappedJson implements ChunkDecoder {
  readonly #reader: JsonReader;
  readonly #change: Change;

  constructor(reader: JsonReader, change: Change) {
    this.#reader = reader;
    this.#change = change;
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk);
  }

  end(): void {
    this.#reader.end();
  }

  take(): Decoded | undefined {
    const read = this.#reader.take();
    if (read === undefined) return undefined;
    const events: (Record<string, unknown> | Buffer)[] = [];
    const lines: number[] = [];
    const failed: RefusedInput[] = [];
    read.events.forEach((event, index) => {
      const line = read.lines[index] ?? 0;
      // The reader was asked for bytes.
      const text = (event as Buffer).toString('utf8');
      try {
        events.push(changed(text, this.#change));
        lines.push(line);
      } catch (error) {
        failed.push({ reason: messageOf(error), line, input: text });
      }
    });
    if (failed.length === 0) return { events, lines, refused: read.refused };
    return { events, lines, refused: [...read.refused, ...failed].sort((a, b) => a.line - b.line) };
  }
}

function changed(text: string, change: Change): Record<string, unknown> | Buffer {
  const event = parseExactly(text);
  const result = change(isMap(event) ? event : {});
  return text.includes('\\u') || (mayLose(text) && hasLongNumber(result)) ? bytesOf(result) : result;
}

/** Those of halves of characters, and all others, so that no half of an escaped backslash is taken for the beginning of one. */
const escapes = /\\(?:ud[89a-f][\da-f]{2}|.)/g;
const loneSurrogate = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** The JSON of an event. Halves of characters become `?`, as they do in Druid. */
function bytesOf(event: Record<string, unknown>): Buffer {
  const text = writeExactly(event).replace(escapes, (escape) => (escape.startsWith('\\ud') ? '?' : escape));
  return Buffer.from(text.replace(loneSurrogate, '?'));
}
