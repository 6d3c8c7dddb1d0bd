import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flight } from './flights.js';

/** A flight as an event: it takes place now. */
interface FlightEvent extends Flight {
  readonly time: string;
}

export interface ReplayOptions {
  /** Events a second. */
  readonly rate: number;
  /** One event in so many is of yesterday, to show what becomes of it. */
  readonly lateOneIn: number;
  /** Ends the replay. */
  readonly signal: AbortSignal;
}

/** How often events are due. */
const tick = 50;
const day = 86_400_000;

/** The flights over and over, at a steady rate, each with the time at which it is given out. */
export function replay(flights: readonly Flight[], options: ReplayOptions): Readable {
  return Readable.from(events(flights, options), { highWaterMark: 1_000 });
}

async function* events(
  flights: readonly Flight[],
  { rate, lateOneIn, signal }: ReplayOptions,
): AsyncGenerator<FlightEvent> {
  const started = performance.now();
  let count = 0;
  while (!signal.aborted) {
    const due = Math.floor(((performance.now() - started) / 1000) * rate);
    for (; count < due; count++) {
      const flight = flights[count % flights.length];
      if (flight === undefined) return;
      const age = count % lateOneIn === lateOneIn - 1 ? day : 0;
      yield { time: new Date(Date.now() - age).toISOString(), ...flight };
    }
    await sleep(tick);
  }
}
