import { BrokenZstd, mostInBlock, ZstdBlocks } from '@tranquility-js/core/internal';
import { Problem } from './problem.js';

/** The largest window that a decoder should take, says RFC 8878. */
const mostBytes = 8 * 1024 * 1024;

/** The most work of one slice, in bytes that are unpacked: a few milliseconds. */
const mostWork = 512 * 1024;

/** The most bytes of a slice as they are sent. */
const mostPacked = 16 * 1024;

/** What a block costs beside its bytes, as bytes: one that is compressed may have tables of its own. */
const blockWork = 256;
const compressedWork = 16 * 1024;

/** Moving so many bytes of a window costs as much as unpacking one. */
const movesPerWork = 16;

/** The most bytes of windows that are moved for each byte that is unpacked, beyond the first gigabyte. */
const mostMovesPerByte = 1024;
const freeMoves = 2 ** 30;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a5;

/** Kinds of blocks. */
const repeated = 1;
const compressed = 2;

/**
 * Follows the frames of Zstandard as they come, and bounds what they cost. A decoder reserves the window that a frame asks for at once, be it two
 * gigabytes for ten bytes; ours moves all of it for each block, be that empty; a block of four bytes may unpack to two million, and ours is busy
 * for minutes with one of twenty bytes that says it unpacks to gigabytes.
 */
export class ZstdFrames {
  /** Of the header of a frame or block that is not there as a whole. */
  #head: number[] = [];
  /** Bytes of a block or of a checksum, to be passed over. */
  #skip = 0;
  #state: 'frame' | 'block' | 'lost' = 'frame';
  #hasChecksum = false;
  #window = 0;
  #blocks = new ZstdBlocks();
  /** The compressed block that is coming, and how much of it is there. */
  #block: Buffer | undefined;
  #there = 0;
  /** Of this slice. */
  #work = 0;
  #moved = 0;
  #unpacked = 0;

  /**
   * Where the slice ends that begins in `bytes` at `at`: short enough to be unpacked at once.
   * @throws Problem 413 for a window that is too large; BrokenZstd for a block that is broken, before it is in a slice as a whole.
   */
  sliceEnd(bytes: Uint8Array, at: number): number {
    this.#work = 0;
    const end = Math.min(bytes.length, at + mostPacked);
    while (at < end && this.#work < mostWork && this.#state !== 'lost') {
      const skipped = Math.min(this.#skip, end - at);
      this.#keep(bytes.subarray(at, at + skipped));
      this.#skip -= skipped;
      at += skipped;
      if (at >= end) return end;
      this.#head.push(bytes[at++] ?? 0);
      if (this.#state === 'frame') this.#lookAtFrame();
      else this.#lookAtBlock();
    }
    return this.#state === 'lost' ? end : at;
  }

  /**
   * Told of what came of a slice.
   * @throws Problem 413 when that is far too little for its cost.
   */
  noteUnpacked(bytes: number): void {
    this.#unpacked += bytes;
    if (this.#moved <= freeMoves + this.#unpacked * mostMovesPerByte) return;
    throw new Problem(413, 'The body is too large', {
      more: [
        `Its blocks are tiny beside their window of ${this.#window} bytes: one should unpack to at least a ${mostMovesPerByte}th of it. Flush less often while packing, or pack with a lower level.`,
      ],
    });
  }

  #lookAtFrame(): void {
    if (this.#head.length < 6) return;
    const head = Buffer.from(this.#head);
    const magic = head.readUInt32LE();
    if (magic >>> 4 === skippableMagic) {
      if (head.length === 8) this.#next('frame', head.readUInt32LE(4));
      return;
    }
    if (magic !== frameMagic) {
      // What it is, the decoder will say.
      this.#state = 'lost';
      return;
    }
    const descriptor = head[4] ?? 0;
    const isSingle = (descriptor & 0x20) !== 0;
    const idBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
    const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
    const length = 5 + (isSingle ? 0 : 1) + idBytes + sizeBytes;
    if (head.length < length) return;
    const window = isSingle ? sizeOf(head.subarray(length - sizeBytes, length)) : windowOf(head[5] ?? 0);
    if (window > mostBytes) {
      const more = [
        `A frame asks for a window of ${window} bytes; ${mostBytes} are allowed. Pack it with a lower level.`,
      ];
      throw new Problem(413, 'The body is too large', { more });
    }
    this.#hasChecksum = (descriptor & 4) !== 0;
    this.#window = window;
    this.#blocks = new ZstdBlocks();
    this.#spend(0);
    this.#next('block', 0);
  }

  #lookAtBlock(): void {
    if (this.#head.length < 3) return;
    const header = Buffer.from(this.#head).readUIntLE(0, 3);
    const isLast = (header & 1) !== 0;
    const kind = (header >> 1) & 3;
    const size = kind === repeated ? 1 : header >> 3;
    this.#spend(kind === compressed ? Math.min(mostInBlock, this.#window) + compressedWork : header >> 3);
    if (kind === compressed) this.#begin(size);
    this.#next(isLast ? 'frame' : 'block', size + (isLast && this.#hasChecksum ? 4 : 0));
  }

  #begin(size: number): void {
    if (size === 0 || size > mostInBlock) throw new BrokenZstd(`a block has ${size} bytes`);
    this.#block = Buffer.allocUnsafe(size);
    this.#there = 0;
  }

  #keep(bytes: Uint8Array): void {
    if (this.#block === undefined) return;
    const missing = bytes.subarray(0, this.#block.length - this.#there);
    this.#block.set(missing, this.#there);
    this.#there += missing.length;
    if (this.#there < this.#block.length) return;
    this.#blocks.sizeOf(this.#block);
    this.#block = undefined;
  }

  #spend(unpacked: number): void {
    this.#moved += this.#window;
    this.#work += unpacked + blockWork + this.#window / movesPerWork;
  }

  #next(state: 'frame' | 'block', skip: number): void {
    this.#state = state;
    this.#skip = skip;
    this.#head = [];
  }
}

function windowOf(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function sizeOf(bytes: Buffer): number {
  if (bytes.length === 2) return bytes.readUInt16LE() + 256;
  return bytes.length === 8 ? Number(bytes.readBigUInt64LE()) : bytes.readUIntLE(0, bytes.length);
}
