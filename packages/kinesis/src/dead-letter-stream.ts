import type { Letter, Letters } from '@tranquility-js/connect';
import { TranquilityError } from '@tranquility-js/core';
import { describe } from './aws/error-kind.js';
import type { Position } from './position.js';
import type { StreamApi } from './source/stream-api.js';

interface Waiting {
  readonly letter: Letter<Position>;
  readonly kept: () => void;
  readonly failed: (error: unknown) => void;
}

interface Addressed {
  readonly waiting: Waiting;
  readonly record: { readonly key: string; readonly data: Uint8Array };
}

/** What Kinesis takes at once: letters, and bytes of them with their partition keys. */
const mostAtOnce = 500;
const mostBytesAtOnce = 4 * 1024 * 1024;
/** The most bytes of a letter: less than a record of Kinesis may have together with its partition key. */
const mostLetterBytes = 1_000_000;
/** The most characters of a partition key, and of a text that is cut. */
const mostCharacters = 256;

/**
 * Writes records that did not arrive to a stream, each as a line of JSON: `reason`, `message`, `dropped`, `dataSource`, `stream`, `shard`,
 * `sequenceNumber`, `subSequenceNumber`, `timestamp`, `key`, and `data` in base64, or null where the letter would be too large; if it still
 * is, `key` and `message` are cut to 256 characters. Its partition key is that of the record, of which 256 characters count.
 */
export class DeadLetterStream implements Letters<Position> {
  readonly #api: Pick<StreamApi, 'put'>;
  readonly #streamFor: (stream: string) => string | undefined;
  #waiting: Waiting[] = [];
  #isWriting = false;

  /** @param streamFor the stream for the letters of another stream. */
  constructor(api: Pick<StreamApi, 'put'>, streamFor: (stream: string) => string | undefined) {
    this.#api = api;
    this.#streamFor = streamFor;
  }

  keep(letter: Letter<Position>): Promise<void> {
    return new Promise((kept, failed) => {
      this.#waiting.push({ letter, kept, failed });
      if (!this.#isWriting) void this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const [stream, letters] of this.#byStream(waiting)) {
        for (const request of requestsFrom(letters)) await this.#send(stream, request);
      }
    }
    this.#isWriting = false;
  }

  #byStream(waiting: readonly Waiting[]): Map<string, Waiting[]> {
    const found = new Map<string, Waiting[]>();
    for (const one of waiting) {
      const stream = this.#streamFor(one.letter.stream) ?? '';
      const others = found.get(stream);
      if (others === undefined) found.set(stream, [one]);
      else others.push(one);
    }
    return found;
  }

  async #send(stream: string, letters: readonly Addressed[]): Promise<void> {
    try {
      const taken = await this.#api.put(
        stream,
        letters.map(({ record }) => record),
      );
      for (const [at, { waiting }] of letters.entries()) {
        if (taken[at] === true) waiting.kept();
        else waiting.failed(problem(stream, 'Kinesis did not take all of them.'));
      }
    } catch (error) {
      for (const { waiting } of letters) waiting.failed(problem(stream, describe(error), error));
    }
  }
}

/** Letters as Kinesis takes them, as many at once as it does. Each request is made when it is asked for. */
function* requestsFrom(letters: readonly Waiting[]): Generator<Addressed[]> {
  let request: Addressed[] = [];
  let bytes = 0;
  for (const waiting of letters) {
    const record = recordFrom(waiting.letter);
    const size = record.data.length + Buffer.byteLength(record.key);
    if (request.length === mostAtOnce || (request.length > 0 && bytes + size > mostBytesAtOnce)) {
      yield request;
      request = [];
      bytes = 0;
    }
    request.push({ waiting, record });
    bytes += size;
  }
  if (request.length > 0) yield request;
}

function problem(stream: string, reason: string, cause?: unknown): TranquilityError {
  const message = `Dead letters cannot be written to the stream ${stream}: ${reason}`;
  return new TranquilityError('TRQ_DEAD_LETTER_FAILED', message, { cause, details: { stream } });
}

function recordFrom(letter: Letter<Position>): Addressed['record'] {
  const { record, partition } = letter;
  const key = record.key === null ? '' : Buffer.from(record.key).toString();
  return { key: key === '' ? partition : cut(key), data: dataFrom(letter, key) };
}

function dataFrom({ record, reason, message, dropped, dataSource, stream, partition }: Letter<Position>, key: string) {
  const { value, position, timestamp } = record;
  const { sequenceNumber, subSequenceNumber } = position;
  const place = { dataSource, stream, shard: partition, sequenceNumber, subSequenceNumber, timestamp };
  const written = (message: string, key: string, data: string | null): Buffer =>
    Buffer.from(JSON.stringify({ reason, message, dropped, ...place, key, data }));
  // Base64 takes a third more.
  if (value !== null && value.length * (4 / 3) < mostLetterBytes) {
    const whole = written(message, key, Buffer.from(value).toString('base64'));
    if (whole.length <= mostLetterBytes) return whole;
  }
  const bare = written(message, key, null);
  return bare.length <= mostLetterBytes ? bare : written(cut(message), cut(key), null);
}

/** As much of a text as a partition key may have, and no character halved. */
const cut = (text: string): string => text.slice(0, mostCharacters).replace(/[\uD800-\uDBFF]$/, '');
