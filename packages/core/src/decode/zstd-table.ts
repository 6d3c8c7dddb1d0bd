/** What a table of a block is for. */
export type Kind = 'literal' | 'offset' | 'match';

/** A table of states of Zstandard's entropy coding (FSE): for each its symbol, and where it goes on. */
export interface Table {
  /** The logarithm of the number of states. */
  readonly log: number;
  readonly symbols: Uint8Array;
  readonly bits: Uint8Array;
  readonly bases: Uint16Array;
}

/** What was packed as Zstandard is not as it should be. */
export class BrokenZstd extends Error {}

const mostLog = 9;

/** A table of one state. */
export const sameAlways = (symbol: number): Table => ({
  log: 0,
  symbols: Uint8Array.of(symbol),
  bits: new Uint8Array(1),
  bases: new Uint16Array(1),
});

/** @param shares how many states each symbol has; -1: less than one. Together they are all of them. */
function tableOf(shares: readonly number[], log: number): Table {
  const size = 1 << log;
  const symbols = new Uint8Array(size);
  const nexts = shares.map((share) => Math.abs(share));
  let high = size;
  for (const [symbol, share] of shares.entries()) if (share === -1) symbols[--high] = symbol;
  let at = 0;
  for (const [symbol, share] of shares.entries()) {
    for (let n = 0; n < share; n++) {
      symbols[at] = symbol;
      do at = (at + (size >> 1) + (size >> 3) + 3) & (size - 1);
      while (at >= high);
    }
  }
  const [bits, bases] = [new Uint8Array(size), new Uint16Array(size)];
  for (const [state, symbol] of symbols.entries()) {
    const next = nexts[symbol] ?? 1;
    nexts[symbol] = next + 1;
    const count = log - (31 - Math.clz32(next));
    bits[state] = count;
    bases[state] = (next << count) - size;
  }
  return { log, symbols, bits, bases };
}

/**
 * Reads a table.
 * @returns it, and where it ends.
 * @throws BrokenZstd.
 */
export function readTable(bytes: Buffer, start: number): { readonly table: Table; readonly end: number } {
  let at = start * 8;
  const take = (count: number): number => {
    const byte = at >> 3;
    const three = (bytes[byte] ?? 0) | ((bytes[byte + 1] ?? 0) << 8) | ((bytes[byte + 2] ?? 0) << 16);
    at += count;
    return (three >>> ((at - count) & 7)) & ((1 << count) - 1);
  };
  const log = 5 + take(4);
  if (log > mostLog) throw new BrokenZstd('a table is too large');
  const shares: number[] = [];
  let left = 1 << log;
  while (left > 0 && shares.length < 256) {
    const most = left + 1;
    const count = 32 - Math.clz32(most);
    const short = (1 << count) - 1 - most;
    let value = take(count - 1);
    if (value >= short) {
      const whole = value | (take(1) << (count - 1));
      value = whole >= 1 << (count - 1) ? whole - short : whole;
    }
    const share = value - 1;
    shares.push(share);
    left -= Math.abs(share);
    if (share === 0)
      for (let zeros = 3; zeros === 3 && shares.length < 256;) {
        zeros = take(2);
        for (let n = 0; n < zeros; n++) shares.push(0);
      }
  }
  if (left !== 0) throw new BrokenZstd('a table has not as many states as it says');
  return { table: tableOf(shares, log), end: (at + 7) >> 3 };
}

const times = (count: number, share: number): number[] => new Array<number>(count).fill(share);

/** The tables of blocks that have none of their own. */
export const predefined: Readonly<Record<Kind, Table>> = {
  literal: tableOf([4, 3, ...times(11, 2), ...times(3, 1), ...times(9, 2), 3, 2, ...times(5, 1), ...times(4, -1)], 6),
  offset: tableOf([...times(6, 1), ...times(3, 2), ...times(15, 1), ...times(5, -1)], 5),
  match: tableOf([1, 4, 3, ...times(6, 2), ...times(37, 1), ...times(7, -1)], 6),
};
