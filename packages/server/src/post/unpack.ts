import { pipeline, type Transform } from 'node:stream';
import { setImmediate as othersGoFirst } from 'node:timers/promises';
import zlib from 'node:zlib';
import { messageOf } from '@tranquility-js/core';
import { Problem } from './problem.js';
import type { Packing } from './request-form.js';
import { ZstdFrames } from './zstd-frames.js';

type Unpacker = Transform & { readonly bytesWritten: number };

/**
 * The chunks of a body, unpacked.
 * @throws Problem 400 when it is not packed as it says; what the source throws.
 */
export function unpacked(chunks: AsyncIterable<Buffer>, packing: Packing): AsyncIterable<Buffer> {
  switch (packing) {
    case 'none':
      return chunks;
    case 'gzip':
      return through(chunks, zlib.createGunzip(), packing);
    case 'deflate':
      return through(chunks, zlib.createInflate(), packing);
    case 'br':
      return through(chunks, zlib.createBrotliDecompress(), packing);
    case 'zstd':
      return unzstd(chunks);
  }
}

async function* through(
  chunks: AsyncIterable<Buffer>,
  unpacker: Unpacker,
  packing: Packing,
): AsyncGenerator<Buffer, void, undefined> {
  let fault: unknown;
  let fed = 0;
  const source = async function* (): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of chunks) {
        fed += chunk.length;
        yield chunk;
      }
    } catch (error) {
      fault = error;
      throw error;
    }
  };
  const isFed = new Promise<void>((resolve) => {
    pipeline(source(), unpacker, () => resolve());
  });
  try {
    // Reading to the end leaves it open, so that what is behind the end comes, too.
    yield* unpacker.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    await isFed;
  } catch (error) {
    throw fault === undefined ? malformed(packing, messageOf(error)) : (fault as Error);
  } finally {
    unpacker.destroy();
  }
  if (fault !== undefined) throw fault as Error;
  // Node passes over bytes behind the end without a word, and there may be events in them.
  if (fed > unpacker.bytesWritten) throw malformed(packing, 'There are bytes behind the end. Pack all as one stream.');
}

/** In JavaScript: Node has it from 22.15 on, but reads one frame of several only, and takes one that is cut for whole. */
async function* unzstd(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const { Decompress } = await import('fzstd');
  const frames = new ZstdFrames();
  let out: Uint8Array[] = [];
  const unpacker = new Decompress((data) => {
    if (data.length > 0) out.push(data);
  });
  const push = (bytes: Uint8Array, final = false): Buffer => {
    unpacker.push(bytes, final);
    const unpackedNow = Buffer.concat(out);
    out = [];
    frames.noteUnpacked(unpackedNow.length);
    return unpackedNow;
  };
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) {
      const start = at;
      const data = orMalformed(() => push(chunk.subarray(start, (at = frames.sliceEnd(chunk, start)))));
      if (data.length > 0) yield data;
      await othersGoFirst();
    }
  }
  const rest = orMalformed(() => push(new Uint8Array(0), true));
  if (rest.length > 0) yield rest;
}

/** @throws Problem 400 for whatever else it throws. */
function orMalformed<T>(unpack: () => T): T {
  try {
    return unpack();
  } catch (error) {
    throw error instanceof Problem ? error : malformed('zstd', messageOf(error));
  }
}

function malformed(packing: Packing, why: string): Problem {
  return new Problem(400, `Malformed ${packing}`, { more: [why] });
}
