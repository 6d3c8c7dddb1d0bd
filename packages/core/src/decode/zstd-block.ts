import { BrokenZstd, predefined, readTable, sameAlways, type Kind, type Table } from './zstd-table.js';

/** The most bytes that a block unpacks to, says RFC 8878. */
export const mostInBlock = 128 * 1024;

/** How many bits follow each code of a length, and the first length of each. */
const lengthsOf = (bits: readonly number[], zeros: number, first: number): readonly (readonly [number, number])[] => {
  let base = first;
  return [...new Array<number>(zeros).fill(0), ...bits].map((count) => {
    const length = [count, base] as const;
    base += 2 ** count;
    return length;
  });
};
const literalLengths = lengthsOf([1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 16, 0);
const matchLengths = lengthsOf([1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 32, 3);

/**
 * Adds up what the compressed blocks of a frame unpack to, before they are: a decoder that writes whatever their sequences say, be it nowhere, is
 * busy for minutes with a block of twenty bytes that unpacks to gigabytes.
 */
export class ZstdBlocks {
  #tables: Partial<Record<Kind, Table>> = {};

  /**
   * @returns how many bytes a block unpacks to.
   * @throws BrokenZstd for more than a block may, or for one that is broken.
   */
  sizeOf(block: Buffer): number {
    const { literals, end } = readLiterals(block);
    const { count, end: at } = readCount(block, end);
    const size = count === 0 ? literals : literals + this.#sumOfMatches(block, at, count, literals);
    if (size > mostInBlock) throw new BrokenZstd('a block unpacks to more than 128 KiB');
    return size;
  }

  #sumOfMatches(block: Buffer, start: number, count: number, literals: number): number {
    const modes = block[start] ?? 0;
    let at = start + 1;
    for (const [kind, shift] of kinds) {
      const read = this.#tableOf(kind, (modes >> shift) & 3, block, at);
      this.#tables[kind] = read.table;
      at = read.end;
    }
    const { literal, offset, match } = this.#tables as Record<Kind, Table>;
    const bits = new BackwardBits(block, at);
    let [literalState, offsetState, matchState] = [bits.take(literal.log), bits.take(offset.log), bits.take(match.log)];
    let [copied, matched] = [0, 0];
    for (let left = count; ;) {
      bits.skip(offset.symbols[offsetState] ?? 0);
      matched += lengthOf(matchLengths, match.symbols[matchState], bits);
      copied += lengthOf(literalLengths, literal.symbols[literalState], bits);
      if (copied > literals) throw new BrokenZstd('a block copies more literals than it has');
      if (matched > mostInBlock) throw new BrokenZstd('a block unpacks to more than 128 KiB');
      if (--left === 0) break;
      literalState = next(literal, literalState, bits);
      matchState = next(match, matchState, bits);
      offsetState = next(offset, offsetState, bits);
    }
    return matched;
  }

  #tableOf(kind: Kind, mode: number, block: Buffer, at: number): { readonly table: Table; readonly end: number } {
    switch (mode) {
      case 0:
        return { table: predefined[kind], end: at };
      case 1:
        return { table: sameAlways(block[at] ?? 0), end: at + 1 };
      case 2:
        return readTable(block, at);
      default: {
        const table = this.#tables[kind];
        if (table === undefined) throw new BrokenZstd('a block repeats a table that there is not');
        return { table, end: at };
      }
    }
  }
}

/** In the order of their tables, with where their modes stand. */
const kinds: readonly (readonly [Kind, number])[] = [
  ['literal', 6],
  ['offset', 4],
  ['match', 2],
];

/** @returns how many literals a block has, and where they end. */
function readLiterals(block: Buffer): { readonly literals: number; readonly end: number } {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = block;
  const [type, format] = [first & 3, (first >> 2) & 3];
  if (type < 2) {
    const headerBytes = [1, 2, 1, 3][format] ?? 1;
    const literals =
      headerBytes === 1 ? first >> 3 : (first >> 4) | (second << 4) | (headerBytes === 3 ? third << 12 : 0);
    return { literals, end: headerBytes + (type === 1 ? 1 : literals) };
  }
  const low = (first >> 4) | (second << 4) | (third << 12);
  const high = fourth | (fifth << 8);
  if (format < 2) return { literals: low & 0x3ff, end: 3 + (low >> 10) };
  if (format === 2) return { literals: low & 0x3fff, end: 4 + ((low >> 14) | ((high & 0xff) << 6)) };
  return { literals: low & 0x3ffff, end: 5 + ((low >> 18) | (high << 2)) };
}

/** @returns how many sequences a block has, and where that ends. */
function readCount(block: Buffer, at: number): { readonly count: number; readonly end: number } {
  const [first, second = 0, third = 0] = block.subarray(at, at + 3);
  if (first === undefined) throw new BrokenZstd('a block ends before its sequences');
  if (first < 128) return { count: first, end: at + 1 };
  if (first < 255) return { count: ((first - 128) << 8) | second, end: at + 2 };
  return { count: (second | (third << 8)) + 0x7f00, end: at + 3 };
}

function lengthOf(lengths: readonly (readonly [number, number])[], code = lengths.length, bits: BackwardBits): number {
  const length = lengths[code];
  if (length === undefined) throw new BrokenZstd(`a block has the code ${code} of a length`);
  return length[1] + bits.take(length[0]);
}

const next = ({ bases, bits: counts }: Table, state: number, bits: BackwardBits): number =>
  (bases[state] ?? 0) + bits.take(counts[state] ?? 0);

/** Bits that are read from the end, which a one marks. */
class BackwardBits {
  readonly #bytes: Buffer;
  /** The first bit that there is, and the one behind the next. */
  readonly #start: number;
  #at: number;

  constructor(bytes: Buffer, start: number) {
    this.#bytes = bytes;
    this.#start = start * 8;
    const last = bytes.length > start ? (bytes[bytes.length - 1] ?? 0) : 0;
    if (last === 0) throw new BrokenZstd('the sequences of a block have no end');
    this.#at = bytes.length * 8 - 1 - Math.clz32(last) + 24;
  }

  skip(count: number): void {
    this.#at -= count;
    if (this.#at < this.#start) throw new BrokenZstd('the sequences of a block end too soon');
  }

  /** @param count 16 at most. */
  take(count: number): number {
    this.skip(count);
    const byte = this.#at >> 3;
    const three = (this.#bytes[byte] ?? 0) | ((this.#bytes[byte + 1] ?? 0) << 8) | ((this.#bytes[byte + 2] ?? 0) << 16);
    return (three >> (this.#at & 7)) & ((1 << count) - 1);
  }
}
