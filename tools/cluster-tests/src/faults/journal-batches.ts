import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rowKey } from './ledger.js';

/** A batch on disk, as it was written, and what it holds. Read without the help of what is proved. */
export interface StoredBatch {
  readonly partition: number;
  readonly path: string;
  readonly position: number;
  readonly size: number;
  /** The offset of its first row. */
  readonly offset: number;
  /** The keys of its rows, in the order of their offsets. */
  readonly rows: readonly number[];
}

const [lengthAt, lengthCountsFrom, countAt, recordsAt] = [8, 12, 57, 61];

/** Where a batch lies. */
export const placeOf = (path: string, position: number): string => `${path}:${position}`;

/**
 * All whole batches of a journal, those of each partition in order.
 * @param destroyed the sizes of those that are not what was written, by their places: they may be there until somebody reads them.
 */
export async function batchesIn(journal: string, destroyed: ReadonlyMap<string, number>): Promise<StoredBatch[]> {
  const batches: StoredBatch[] = [];
  for (const folder of await readdir(journal)) {
    const [, digits] = /-(\d+)$/.exec(folder) ?? [];
    if (digits === undefined) continue;
    const names = (await readdir(join(journal, folder))).filter((name) => name.endsWith('.log')).sort();
    for (const name of names) {
      const path = join(journal, folder, name);
      const bytes = await readFile(path);
      for (let position = 0; position + recordsAt <= bytes.length;) {
        const known = destroyed.get(placeOf(path, position));
        const size = known ?? lengthCountsFrom + bytes.readInt32BE(position + lengthAt);
        if (position + size > bytes.length) break;
        const batch = bytes.subarray(position, position + size);
        const place = { partition: Number(digits), path, position, size };
        if (known === undefined)
          batches.push({ ...place, offset: Number(batch.readBigInt64BE(0)), rows: keysOf(batch) });
        position += size;
      }
    }
  }
  return batches;
}

/** The values of its records. */
function keysOf(batch: Buffer): number[] {
  let at = recordsAt;
  const varint = (): number => {
    let [value, unit] = [0, 1];
    for (;;) {
      const byte = batch.readUInt8(at++);
      value += (byte & 127) * unit;
      if (byte < 128) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      unit *= 128;
    }
  };
  return Array.from({ length: batch.readInt32BE(countAt) }, () => {
    const size = varint();
    const end = at + size;
    // The attributes, which are a byte; the deltas of time and offset; and a key, which there is none of.
    at += 1;
    for (let field = 0; field < 3; field++) varint();
    const length = varint();
    const { n, life } = JSON.parse(batch.toString('utf8', at, at + length)) as { n: number; life: number };
    at = end;
    return rowKey(n, life);
  });
}
