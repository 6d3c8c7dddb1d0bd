import type { Metric, MetricSource, Sample } from './metric.js';

/** All metrics of a process, written as Prometheus reads them (text format 0.0.4). */
export class MetricsRegistry {
  static readonly contentType = 'text/plain; version=0.0.4; charset=utf-8';
  readonly #sources: MetricSource[] = [];

  add(source: MetricSource): void {
    this.#sources.push(source);
  }

  /** The text of a scrape. Metrics of the same name, from several sources, are written as one. */
  text(): string {
    const metrics = new Map<string, { readonly head: Metric; readonly samples: Sample[] }>();
    for (const metric of this.#sources.flatMap((source) => source())) {
      const known = metrics.get(metric.name);
      if (known === undefined) metrics.set(metric.name, { head: metric, samples: [...metric.samples] });
      else known.samples.push(...metric.samples);
    }
    return [...metrics.values()].map(({ head, samples }) => render(head, samples)).join('');
  }
}

function render({ name, type, help }: Metric, samples: readonly Sample[]): string {
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${name}${suffix}${renderLabels(labels)} ${renderValue(value)}\n`,
  );
  return `# HELP ${name} ${help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Readonly<Record<string, string>>): string {
  const entries = Object.entries(labels);
  return entries.length === 0 ? '' : `{${entries.map(([name, text]) => `${name}="${escaped(text)}"`).join(',')}}`;
}

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function renderValue(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
