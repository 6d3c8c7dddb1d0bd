import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { decompress } from 'fzstd';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';

/** One flight of the United States in 2001, of the data set `flights-3m` that the package vega-datasets carries. */
export interface Flight {
  readonly time: string;
  readonly origin: string;
  readonly destination: string;
  readonly delay: number;
  readonly distance: number;
}

interface StoredFlight {
  readonly date: Date;
  readonly origin: string;
  readonly destination: string;
  readonly delay: bigint;
  readonly distance: bigint;
}

// The package exports its code only, which lies in build/; the data lies beside.
const file = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data', 'flights-3m.parquet');

/**
 * So many flights, with their times moved into `[from, to)` in the order and at the distances that they have.
 * @param first the number of the first of them in the data set, from 0.
 */
export async function flights(count: number, from: number, to: number, first = 0): Promise<Flight[]> {
  const stored = (await parquetReadObjects({
    file: await asyncBufferFromFile(file),
    rowStart: first,
    rowEnd: first + count,
    compressors: { ZSTD: (input, length) => decompress(input, new Uint8Array(length)) },
  })) as unknown as StoredFlight[];
  const times = stored.map((flight) => flight.date.getTime());
  const begin = times.reduce((a, b) => Math.min(a, b));
  const span = times.reduce((a, b) => Math.max(a, b)) - begin + 1;
  return stored.map((flight, index) => ({
    time: new Date(Math.floor(from + (((times[index] ?? 0) - begin) / span) * (to - from))).toISOString(),
    origin: flight.origin,
    destination: flight.destination,
    delay: Number(flight.delay),
    distance: Number(flight.distance),
  }));
}
