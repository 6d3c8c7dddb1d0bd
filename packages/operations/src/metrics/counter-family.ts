import type { Metric } from './metric.js';

/** Counts by labels. */
export class CounterFamily<L extends string> {
  readonly #name: string;
  readonly #help: string;
  readonly #labels: readonly L[];
  readonly #counts = new Map<string, { readonly labels: Readonly<Record<L, string>>; value: number }>();

  constructor(name: string, help: string, labels: readonly L[]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
  }

  add(labels: Readonly<Record<L, string>>, value = 1): void {
    const key = this.#labels.map((name) => labels[name]).join('\n');
    const count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, { labels, value });
    else count.value += value;
  }

  metric(): Metric {
    return { name: this.#name, type: 'counter', help: this.#help, samples: [...this.#counts.values()] };
  }
}
