import { BrokenZstd, ZstdBlocks } from '@tranquility-js/core/internal';

/** A frame of zstd: its bytes, and how many come out of them. */
export interface ZstdFrame {
  readonly bytes: Buffer;
  readonly size: number;
}

const frameMagic = 0xfd2fb528;
/** Of frames that hold nothing to unpack, but for the lowest four bits. */
const skippableMagic = 0x184d2a5;

/** Kinds of blocks. */
const [repeated, compressed] = [1, 2];

/**
 * The frames that bytes are, one behind the other. What comes out of each is the sum of its blocks: its header may say anything, and a decoder is
 * busy for minutes with a block of twenty bytes that says it unpacks to gigabytes.
 * @throws BrokenZstd, also where a header says another size; RangeError for a frame that ends too soon.
 */
export function* zstdFrames(bytes: Buffer): Generator<ZstdFrame> {
  for (let at = 0; at < bytes.length;) {
    const magic = bytes.readUInt32LE(at);
    if (magic >>> 4 === skippableMagic) {
      at += 8 + bytes.readUInt32LE(at + 4);
      continue;
    }
    if (magic !== frameMagic) throw new BrokenZstd(`what begins at byte ${at} is no frame`);
    const { size, end } = measure(bytes, at);
    if (end > bytes.length) throw new BrokenZstd('the last frame ends too soon');
    yield { bytes: bytes.subarray(at, end), size };
    at = end;
  }
}

/** @returns what comes out of the frame that begins at `start`, and where it ends. */
function measure(bytes: Buffer, start: number): { readonly size: number; readonly end: number } {
  const descriptor = bytes.readUInt8(start + 4);
  const isSingle = (descriptor & 0x20) !== 0;
  const sumBytes = (descriptor & 4) === 0 ? 0 : 4;
  const idBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  const sizeAt = start + 5 + (isSingle ? 0 : 1) + idBytes;
  const said = sizeBytes === 0 ? undefined : sizeOf(bytes, sizeAt, sizeBytes);
  const blocks = new ZstdBlocks();
  let size = 0;
  for (let at = sizeAt + sizeBytes; ;) {
    const header = bytes.readUIntLE(at, 3);
    const [isLast, type, length] = [(header & 1) !== 0, (header >> 1) & 3, header >> 3];
    at += 3;
    size += type === compressed ? blocks.sizeOf(bytes.subarray(at, at + length)) : length;
    at += type === repeated ? 1 : length;
    if (!isLast) continue;
    if (said !== undefined && said !== size) throw new BrokenZstd(`a frame of ${size} bytes says it has ${said}`);
    return { size, end: at + sumBytes };
  }
}

function sizeOf(bytes: Buffer, at: number, length: number): number {
  if (length === 2) return bytes.readUInt16LE(at) + 256;
  return length === 8 ? Number(bytes.readBigUInt64LE(at)) : bytes.readUIntLE(at, length);
}
