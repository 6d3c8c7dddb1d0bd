import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** One flight within the United States in 2001. */
export interface Flight {
  readonly origin: string;
  readonly destination: string;
  /** Minutes behind the schedule. */
  readonly delay: number;
  /** Miles. */
  readonly distance: number;
}

/** The 20,000 flights that the package vega-datasets carries. */
export function readFlights(): Flight[] {
  // The package exports its code only, which lies in build/; the data lies beside.
  const code = createRequire(import.meta.url).resolve('vega-datasets');
  const file = join(dirname(code), '..', 'data', 'flights-20k.json');
  const flights = JSON.parse(readFileSync(file, 'utf8')) as Flight[];
  return flights.map(({ origin, destination, delay, distance }) => ({ origin, destination, delay, distance }));
}
