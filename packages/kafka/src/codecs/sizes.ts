/** What comes out of a block of snappy, in bytes, as its header says. */
export function snappySize(bytes: Buffer): number {
  let size = 0;
  for (let at = 0, factor = 1; at < 5; at++, factor *= 128) {
    const byte = bytes.readUInt8(at);
    size += (byte & 0x7f) * factor;
    if (byte < 0x80) break;
  }
  return size;
}

/** About what comes out of a frame of LZ4, in bytes: all its blocks but the last are full, as writers make them. */
export function lz4Size(bytes: Buffer): number {
  const flags = bytes.readUInt8(4);
  const largest = 4 ** ((bytes.readUInt8(5) >> 4) & 7) * 256;
  const hasSize = (flags & 0x08) !== 0;
  const hasBlockSums = (flags & 0x10) !== 0;
  let blocks = 0;
  for (let at = 7 + (hasSize ? 8 : 0); at + 4 <= bytes.length; blocks++) {
    const size = bytes.readUInt32LE(at) & 0x7fffffff;
    if (size === 0) break;
    at += 4 + size + (hasBlockSums ? 4 : 0);
  }
  return Math.min(Math.max(0, blocks - 1) * largest, bytes.length * 255);
}
