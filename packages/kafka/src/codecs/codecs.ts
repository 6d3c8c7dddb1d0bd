import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import { messageOf } from '@tranquility-js/core';
import kafkajs from 'kafkajs';
import { refusedRecords } from './refused-records.js';
import { lz4Size, snappySize } from './sizes.js';
import { zstdFrames, type ZstdFrame } from './zstd-frames.js';

const inflate = promisify<Buffer, { maxOutputLength: number }, Buffer>(unzip);

// What kafkajs exports can only be had from its default export, as it is CommonJS.
const { CompressionCodecs, CompressionTypes } = kafkajs;

interface Codec {
  compress(encoder: unknown): unknown;
  decompress(bytes: Buffer): unknown;
}

const table = CompressionCodecs as Record<string, (() => Codec) | undefined>;
/** What was there before ours. */
const originals: Record<string, (() => Codec) | undefined> = {};

type Decompress = (bytes: Buffer, limit: number) => Promise<Buffer>;

/** All but gzip are read by a package that is there or is not. */
const codecs: Readonly<Record<number, { readonly name: string; readonly decompress: Decompress }>> = {
  [CompressionTypes.GZIP]: { name: 'gzip', decompress: (bytes, limit) => inflate(bytes, { maxOutputLength: limit }) },
  [CompressionTypes.Snappy]: {
    name: 'snappy',
    decompress: async (bytes, limit) => {
      const { uncompress } = await loaded('snappy', 'snappy', () => import('snappy'));
      const parts: Buffer[] = [];
      let size = 0;
      for (const part of xerialParts(bytes)) {
        size += snappySize(part);
        checkSize(size, limit);
        parts.push((await uncompress(part)) as Buffer);
      }
      return Buffer.concat(parts);
    },
  },
  [CompressionTypes.LZ4]: {
    name: 'lz4',
    decompress: async (bytes, limit) => {
      const { decompressFrame } = await loaded('lz4', 'lz4-napi', () => import('lz4-napi'));
      checkSize(lz4Size(bytes), limit);
      return decompressFrame(bytes);
    },
  },
  [CompressionTypes.ZSTD]: {
    name: 'zstd',
    decompress: async (bytes, limit) => {
      const { decompress } = await loaded('zstd', 'fzstd', () => import('fzstd'));
      const frames: ZstdFrame[] = [];
      let size = 0;
      for (const frame of zstdFrames(bytes)) {
        frames.push(frame);
        size += frame.size;
        checkSize(size, limit);
      }
      // Where it is told where to unpack to, the decoder reserves no memory for windows, of which each frame may want gigabytes.
      const result = Buffer.alloc(size);
      let at = 0;
      for (const frame of frames) decompress(frame.bytes, result.subarray(at, (at += frame.size)));
      return result;
    },
  },
};

/**
 * Lets kafkajs read what is compressed, with a limit for what may come out of it. A batch that cannot be read, or is too large, becomes
 * records that say so: thrown errors would end the reading of all partitions. A codec that is not there is thrown all the same: what it would
 * read is not lost, but waits for it.
 * @param limit in bytes. kafkajs has one set of codecs for a process; the limit that was set last counts.
 */
export function installCodecs(limit: number): void {
  for (const [type, { name, decompress }] of Object.entries(codecs)) {
    const before = (originals[type] ??= table[type]);
    table[type] = () => ({
      // What others in the process write is theirs.
      compress: (encoder: unknown) => before?.().compress(encoder),
      decompress: async (bytes: Buffer) => {
        try {
          const result = await decompress(bytes, limit);
          checkSize(result.length, limit);
          return result;
        } catch (error) {
          if (error instanceof MissingCodec) throw error;
          return refusedRecords(bytes, reasonFor(error, name, limit));
        }
      },
    });
  }
}

/**
 * The records of a compressed batch, or as many that say why they cannot be read.
 * @throws (as a rejection) MissingCodec.
 * @param type the compression, as the batch's attributes have it.
 * @param bytes what comes behind the batch's header, in the same memory as it.
 */
export async function decompressed(type: number, bytes: Buffer): Promise<Buffer> {
  const codec = table[type]?.();
  if (codec === undefined)
    return refusedRecords(bytes, `It is in a batch with a compression that nobody knows (${type}).`);
  return (await codec.decompress(bytes)) as Buffer;
}

/** What reads a compression is not installed, or cannot be loaded. Nothing is wrong with what it would read. */
export class MissingCodec extends Error {}

async function loaded<T>(name: string, from: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    const why = isAbsent ? '' : ` ${from} cannot be loaded: ${messageOf(error)}.`;
    throw new MissingCodec(
      `It is compressed with ${name}.${why} Install what reads that beside the connector (npm install ${from}), and start it again.`,
      { cause: error },
    );
  }
}

class TooLarge extends Error {}

function checkSize(size: number, limit: number): void {
  if (size > limit) throw new TooLarge();
}

function reasonFor(error: unknown, name: string, limit: number): string {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof TooLarge || code === 'ERR_BUFFER_TOO_LARGE') {
    return `It is in a batch compressed with ${name} that holds more than kafka.max.decompressed.bytes (${limit}).`;
  }
  return `It is in a batch that ${name} cannot read: ${messageOf(error)}`;
}

const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);

/** Java writes snappy in blocks, each with its length before it; others write one block. */
function* xerialParts(bytes: Buffer): Generator<Buffer> {
  if (!bytes.subarray(0, xerialMagic.length).equals(xerialMagic)) {
    yield bytes;
    return;
  }
  for (let at = 16; at < bytes.length;) {
    const length = bytes.readInt32BE(at);
    yield bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
}
