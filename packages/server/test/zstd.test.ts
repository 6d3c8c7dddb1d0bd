import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { HeldBytes } from '../src/post/held-bytes.js';
import { Problem } from '../src/post/problem.js';
import { unpacked } from '../src/post/unpack.js';

const magic = [0x28, 0xb5, 0x2f, 0xfd];
const kilobyte = 0;
const eightMegabytes = 13 << 3;

/** A block of one byte, repeated. */
function repeated(times: number, isLast = false): Buffer {
  const block = Buffer.alloc(4, 'x');
  block.writeUIntLE((times << 3) | 2 | (isLast ? 1 : 0), 0, 3);
  return block;
}

/** A frame with a window, of `count` equal blocks and an empty last one. */
const frame = (window: number, block: Buffer, count: number): Buffer =>
  Buffer.concat([
    Buffer.from([...magic, 0, window]),
    Buffer.alloc(block.length * count, block),
    Buffer.from([1, 0, 0]),
  ]);

async function* inPieces(bytes: Buffer, size = 65_536): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

async function problemOf(bytes: Buffer): Promise<string> {
  try {
    for await (const chunk of unpacked(inPieces(bytes), 'zstd')) expect(chunk.length).toBeGreaterThan(0);
  } catch (error) {
    if (error instanceof Problem) return `${error.status} ${error.message}: ${error.more.join(' ')}`;
    throw error;
  }
  return 'no problem';
}

/** What fixtures/zstd has, packed by the program `zstd --check` at the level that a name ends with. */
function events(): string {
  let text = '';
  for (let n = 0; n < 6000; n++)
    text += `{"n":${n % 7 === 0 ? ((n * n) % 1013) % 97 : n % 7},"user":"user ${n % 11}"}\n`;
  return text;
}

const fixture = (level: number): Promise<Buffer> =>
  readFile(new URL(`./fixtures/zstd/events-${level}.zst`, import.meta.url));

/** A frame of one block of sequences that are all alike: each copies 65,539 bytes. */
function monster(count: number): Buffer {
  const literals = [0];
  const allAlike = [0x54, 0, 0, 52];
  const content = [
    ...literals,
    128 + (count >> 8),
    count & 255,
    ...allAlike,
    ...new Array<number>(count * 2).fill(0),
    1,
  ];
  const head = Buffer.alloc(3);
  head.writeUIntLE((content.length << 3) | 5, 0, 3);
  return Buffer.from([...magic, 0, kilobyte + (7 << 3), ...head, ...content]);
}

describe('Zstandard', () => {
  it.each([1, 19])('is read as it was packed, at level %i, in pieces of any size', async (level) => {
    const packed = await fixture(level);
    for (const size of [7, 1000, 65_536]) {
      const chunks = [];
      for await (const chunk of unpacked(inPieces(Buffer.concat([packed, packed]), size), 'zstd')) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString() === events().repeat(2)).toBe(true);
    }
  });

  it('is refused before it is unpacked where a block says that it unpacks to more than it may', async () => {
    expect(await problemOf(monster(1))).toBe('no problem');
    for (const count of [2, 500, 0x7eff]) {
      expect(await problemOf(monster(count))).toBe('400 Malformed zstd: a block unpacks to more than 128 KiB');
    }
  });

  it('is refused, or is read, wherever a byte is another', async () => {
    const packed = await fixture(19);
    const seen = new Set<string>();
    for (let at = 4; at < 200; at++) {
      const broken = Buffer.from(packed);
      broken[at] = (broken[at] ?? 0) ^ (1 << (at % 8));
      seen.add((await problemOf(broken)).replaceAll(/\d+/g, 'N'));
    }
    expect([...seen]).toContain('N Malformed zstd: the sequences of a block end too soon');
    for (const problem of seen) expect(problem).toMatch(/^(no problem$|N Malformed zstd: |N The body is too large: )/);
  });

  it('gives nothing for empty blocks', async () => {
    const chunks = [];
    for await (const chunk of unpacked(inPieces(frame(kilobyte, Buffer.alloc(3), 100_000)), 'zstd')) chunks.push(chunk);
    expect(chunks).toEqual([]);
  });

  it('lets others go first while little becomes much', async () => {
    const [block, count] = [repeated(131_072), 500];
    let turns = 0;
    const turn = (): void => {
      turns++;
      next = setImmediate(turn);
    };
    let next = setImmediate(turn);
    let bytes = 0;
    try {
      let before = -1;
      for await (const chunk of unpacked(inPieces(frame(eightMegabytes, block, count)), 'zstd')) {
        expect(turns).toBeGreaterThan(before);
        expect(chunk.length).toBeLessThan(2 ** 21);
        [before, bytes] = [turns, bytes + chunk.length];
      }
    } finally {
      clearImmediate(next);
    }
    expect(bytes).toBe(count * 131_072);
  });

  it.each([
    ['blocks of one byte', frame(eightMegabytes, repeated(1), 10_000)],
    ['empty blocks', frame(kilobyte, Buffer.alloc(3), 2_000_000)],
    ['empty frames', Buffer.alloc(90_000, frame(eightMegabytes, Buffer.alloc(0), 0))],
  ])('is refused where a window is moved for next to nothing: %s', async (_, bytes) => {
    expect(await problemOf(bytes)).toMatch(
      /^413 The body is too large: Its blocks are tiny beside their window of \d+/,
    );
  });

  it('of many small frames, or of small blocks beside a small window, is read', async () => {
    expect(await problemOf(Buffer.alloc(13 * 7000, frame(kilobyte, repeated(100), 1)))).toBe('no problem');
    expect(await problemOf(frame(kilobyte, repeated(1), 100_000))).toBe('no problem');
  });
});

describe('what is held of bodies', () => {
  it('counts small chunks as what they take', () => {
    const held = new HeldBytes(100_000);
    const chunks = Array.from({ length: 190 }, () => Buffer.alloc(1));
    for (const chunk of chunks) held.hold(chunk);
    const more = Buffer.alloc(4000);
    expect(() => held.hold(more)).toThrow('Too many bodies with strict=true at a time');
    held.release(chunks);
    held.hold(more);
  });
});
