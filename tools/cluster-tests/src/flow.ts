import { setTimeout as sleep } from 'node:timers/promises';
import type { Flight } from './flights.js';

/** How many milliseconds' events leave together. */
const together = 100;

export interface FlowOptions {
  /** Events a second. Who takes them slowly gets the rest faster. */
  readonly perSecond: number;
  /** How many events there are. Default: no end, until {@link Flow.end}. */
  readonly count?: number;
  /** The time of the event of this index, epoch milliseconds, when it is its turn. Default: now. */
  readonly timeOf?: (index: number) => number;
}

/** Flights that happen as they are read: lines of JSON, again from the first when all are through. */
export class Flow implements AsyncIterable<string> {
  readonly #flights: readonly Flight[];
  readonly #options: FlowOptions;
  #given = 0;
  #ended = false;

  constructor(flights: readonly Flight[], options: FlowOptions) {
    this.#flights = flights;
    this.#options = options;
  }

  /** What was read, but for the times. */
  get given(): Flight[] {
    return Array.from({ length: this.#given }, (_, index) => this.#flight(index));
  }

  /** Lets no more happen. */
  end(): void {
    this.#ended = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string, void, undefined> {
    const { perSecond, count = Infinity, timeOf = Date.now } = this.#options;
    const start = Date.now();
    for (;;) {
      await sleep(Math.max(0, start + (this.#given / perSecond) * 1000 - Date.now()));
      const size = this.#ended ? 0 : Math.min(Math.ceil((perSecond * together) / 1000), count - this.#given);
      if (size <= 0) return;
      const from = this.#given;
      this.#given += size;
      const lines = Array.from({ length: size }, (_, index) => {
        const time = new Date(timeOf(from + index)).toISOString();
        return `${JSON.stringify({ ...this.#flight(from + index), time })}\n`;
      });
      yield lines.join('');
    }
  }

  #flight(index: number): Flight {
    const flight = this.#flights[index % this.#flights.length];
    if (flight === undefined) throw new Error('A flow needs flights.');
    return flight;
  }
}
