/** What sending some rows took. */
export interface Round {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** The resident set at its end, in bytes; of Node processes only. */
  readonly memory?: number;
}

/** A number of one contestant over several rounds: the median, as other work on the machine disturbs single ones. */
function medianOf(rounds: readonly Round[], rate: (round: Round) => number): number {
  const rates = rounds.map(rate).sort((a, b) => a - b);
  const middle = Math.floor(rates.length / 2);
  const upper = rates[middle] ?? NaN;
  return rates.length % 2 === 1 ? upper : ((rates[middle - 1] ?? NaN) + upper) / 2;
}

const metrics = {
  'rows per CPU-second': (round: Round) => round.rows / round.cpuSeconds,
  'rows per second': (round: Round) => round.rows / round.seconds,
} as const;

/** Two contestants, and the number by which they are compared. */
export interface Pair {
  readonly name: string;
  readonly versus: string;
  readonly metric: keyof typeof metrics;
}

/** One line of the result. */
export interface Comparison {
  readonly name: string;
  readonly versus: string;
  readonly metric: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}

export function comparison(name: string, versus: string, metric: string, ours: number, theirs: number): Comparison {
  return {
    name,
    versus,
    metric,
    ours: Math.round(ours),
    theirs: Math.round(theirs),
    ratio: Math.round((ours / theirs) * 1000) / 1000,
  };
}

/** Compares those pairs of which both took part. */
export function compare(pairs: readonly Pair[], results: ReadonlyMap<string, readonly Round[]>): Comparison[] {
  return pairs.flatMap(({ name, versus, metric }) => {
    const [ours, theirs] = [results.get(name), results.get(versus)];
    if (ours === undefined || theirs === undefined) return [];
    return [comparison(name, versus, metric, medianOf(ours, metrics[metric]), medianOf(theirs, metrics[metric]))];
  });
}

/** The rates of one round, for people. */
export function rates(round: Round): string {
  return Object.entries(metrics)
    .map(([metric, rate]) => `${Math.round(rate(round))} ${metric}`)
    .join(', ');
}
