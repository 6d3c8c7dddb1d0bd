import { constants, createReadStream } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf } from '@tranquility-js/core';
import { UsageError } from '../usage-error.js';

/** A named source of bytes. */
export interface Input {
  readonly name: string;
  open(): AsyncIterable<Uint8Array>;
}

const chunkSize = 1 << 20;
const gzipMagic = [0x1f, 0x8b];

/**
 * Looks at every input before the first is read, so that a misspelt name is told before half of the work is done. What begins
 * as gzip does is unpacked.
 * @throws UsageError
 */
export async function findInputs(
  files: readonly string[],
  stdin: Readable & { readonly isTTY?: boolean },
): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const file of files) {
    if (file === '-') {
      if (stdin.isTTY === true) throw new UsageError('Name a file, or pipe events into standard input.');
      inputs.push({ name: 'stdin', open: () => unpacked(stdin) });
    } else {
      await mustBeReadable(file);
      inputs.push({ name: file, open: () => unpacked(createReadStream(file, { highWaterMark: chunkSize })) });
    }
  }
  return inputs;
}

async function mustBeReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isDirectory()) throw new Error('it is a directory');
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${messageOf(error)}`);
  }
}

async function* unpacked(source: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = source[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  try {
    let head = Buffer.alloc(0);
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
      head = Buffer.concat([head, next.value]);
      if (head.length >= gzipMagic.length) break;
    }
    const all = joined(head, chunks);
    if (gzipMagic.every((byte, index) => head[index] === byte)) yield* gunzipped(all);
    else yield* all;
  } finally {
    await chunks.return?.();
  }
}

async function* joined(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** @throws what the source throws, and an error for what is not packed as gzip packs, or stands behind the end. */
async function* gunzipped(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip({ chunkSize });
  const fed = new FedBytes();
  const isFed = pipeline(fed.passing(packed), gunzip).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  try {
    // Reading to the end leaves it open, so that what is behind the end comes, too.
    yield* gunzip.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
    const fault = await isFed;
    // Node passes over bytes behind the end without a word, and there may be events in them. Zeros are there to fill up a block.
    if (fed.upToLast > gunzip.bytesWritten) {
      throw new Error('There are bytes behind the end of what is packed by gzip. Pack all as one stream.');
    }
    if (fault !== undefined) throw fault;
  } finally {
    gunzip.destroy();
  }
}

/** Looks at bytes that pass by. */
class FedBytes {
  #count = 0;
  /** How many there were up to the last that is not zero. */
  upToLast = 0;

  async *passing(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      const last = chunk.findLastIndex((byte) => byte !== 0);
      if (last >= 0) this.upToLast = this.#count + last + 1;
      this.#count += chunk.length;
      yield chunk;
    }
  }
}
