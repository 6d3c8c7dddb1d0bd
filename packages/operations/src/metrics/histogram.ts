import type { Metric, Sample } from './metric.js';

const defaultBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Counts how long something took, in seconds, by upper bounds. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;

  /** @param bounds rising; default: from a millisecond to a minute. */
  constructor(name: string, help: string, bounds: readonly number[] = defaultBounds) {
    this.#name = name;
    this.#help = help;
    this.#bounds = bounds;
    this.#counts = new Array<number>(bounds.length + 1).fill(0);
  }

  observe(seconds: number): void {
    let at = this.#bounds.findIndex((bound) => seconds <= bound);
    if (at < 0) at = this.#bounds.length;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#sum += seconds;
  }

  metric(): Metric {
    let total = 0;
    const buckets = this.#counts.map((count, index): Sample => {
      const bound = this.#bounds[index];
      total += count;
      return { suffix: '_bucket', labels: { le: bound === undefined ? '+Inf' : String(bound) }, value: total };
    });
    return {
      name: this.#name,
      type: 'histogram',
      help: this.#help,
      samples: [...buckets, { suffix: '_sum', value: this.#sum }, { suffix: '_count', value: total }],
    };
  }
}
