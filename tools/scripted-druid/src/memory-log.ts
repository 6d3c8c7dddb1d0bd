const headerSize = 61;
const lengthAt = 8;
const behindLength = 12;

/** From 0 up to the most. */
const clamp = (value: number, most: number): number => Math.max(0, Math.min(value, most));

interface Batch {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly count: number;
  readonly timestamp: number;
}

/** A partition of a journal in memory: batches of the Kafka format v2. Nothing is durable. */
export class MemoryLog {
  /** When set, it cannot be read. */
  failure: Error | undefined;
  startOffset: number;
  endOffset: number;
  written = 0;
  /** What it says that it has lost. */
  readonly cuts: { readonly offset: number; readonly rows: number; readonly isGone?: true }[] = [];
  #batches: Batch[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(base = 0) {
    this.startOffset = base;
    this.endOffset = base;
  }

  get tail(): number {
    return this.endOffset;
  }

  /** How many wait for an append. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** Appends a batch, at the end or, with a gap, behind it. */
  append(values: readonly string[], { timestamp = 0, offset = this.endOffset } = {}): void {
    const bytes = encodeBatch(offset, timestamp, values);
    this.#batches.push({ bytes, offset, count: values.length, timestamp });
    this.written += bytes.length;
    this.endOffset = offset + values.length;
    for (const listener of [...this.#listeners]) listener();
  }

  /** Forgets all batches that end at this offset or before. */
  trim(offset: number): void {
    this.#batches = this.#batches.filter((batch) => batch.offset + batch.count > offset);
    this.startOffset = this.#batches[0]?.offset ?? this.endOffset;
  }

  /** Goes on so many offsets further, as after a crash. */
  leaveOut(offsets: number): void {
    this.endOffset += offsets;
  }

  countFrom(offset: number): number {
    return this.#batches.reduce((sum, batch) => sum + clamp(batch.offset + batch.count - offset, batch.count), 0);
  }

  read(offset: number, maxBytes: number): Promise<{ bytes: Buffer; nextOffset: number }> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    if (offset > this.endOffset) return Promise.reject(new RangeError(`${offset} is beyond ${this.endOffset}`));
    const chosen: Batch[] = [];
    let size = 0;
    for (let at = this.#find(offset); at < this.#batches.length; at++) {
      const batch = this.#batches[at];
      if (batch === undefined || (chosen.length > 0 && size + batch.bytes.length > maxBytes)) break;
      chosen.push(batch);
      size += batch.bytes.length;
    }
    const last = chosen.at(-1);
    return Promise.resolve({
      bytes: Buffer.concat(chosen.map(({ bytes }) => bytes)),
      nextOffset: last === undefined ? offset : last.offset + last.count,
    });
  }

  offsetOfTime(timestamp: number): Promise<{ offset: number; timestamp: number } | undefined> {
    return Promise.resolve(this.#batches.find((batch) => batch.timestamp >= timestamp));
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The first batch that ends behind the offset. */
  #find(offset: number): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const batch = this.#batches[middle];
      if (batch !== undefined && batch.offset + batch.count <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function encodeBatch(offset: number, timestamp: number, values: readonly string[]): Buffer {
  const records = values.map((value, index) => encodeRecord(index, Buffer.from(value)));
  const batch = Buffer.concat([Buffer.alloc(headerSize), ...records]);
  batch.writeBigInt64BE(BigInt(offset));
  batch.writeInt32BE(batch.length - behindLength, lengthAt);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(2, 16);
  batch.writeInt32BE(values.length - 1, 23);
  batch.writeBigInt64BE(BigInt(timestamp), 27);
  batch.writeBigInt64BE(BigInt(timestamp), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(values.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function encodeRecord(index: number, value: Buffer): Buffer {
  const noKey = varint(-1);
  const body = Buffer.concat([
    ...[Buffer.from([0]), varint(0), varint(index), noKey],
    ...[varint(value.length), value, varint(0)],
  ]);
  return Buffer.concat([varint(body.length), body]);
}

/** A varint in zigzag. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  for (; left > 0x7f; left = Math.floor(left / 128)) bytes.push((left & 0x7f) | 0x80);
  return Buffer.from([...bytes, left]);
}

const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit++) value = (value & 1) === 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** The checksum of record batches (Castagnoli). */
function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}
