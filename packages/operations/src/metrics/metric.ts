/** One line of a metric. */
export interface Sample {
  /** Behind the metric's name: `_bucket`, `_sum`, `_count`. Default: nothing. */
  readonly suffix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as Prometheus knows it. */
export interface Metric {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** Gives metrics each time that they are asked for: what is counted already needs no second counter. */
export type MetricSource = () => readonly Metric[];
