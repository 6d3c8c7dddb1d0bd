/** What sending some rows took. */
export interface Round {
  readonly rows: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** A number of one contestant over several rounds: the median, as other work on the machine disturbs single ones. */
function medianOf(rounds: readonly Round[], rate: (round: Round) => number): number {
  const rates = rounds.map(rate).sort((a, b) => a - b);
  const middle = Math.floor(rates.length / 2);
  const upper = rates[middle] ?? NaN;
  return rates.length % 2 === 1 ? upper : ((rates[middle - 1] ?? NaN) + upper) / 2;
}

/** Of one contestant against another: the ratio of their medians. */
export interface Comparison {
  readonly name: string;
  readonly versus: string;
  readonly metric: string;
  readonly ours: number;
  readonly theirs: number;
  readonly ratio: number;
}

export function comparisonOf(
  names: { readonly name: string; readonly versus: string; readonly metric: keyof typeof metrics },
  our: readonly Round[],
  their: readonly Round[],
): Comparison {
  const rate = metrics[names.metric];
  const [ours, theirs] = [Math.round(medianOf(our, rate)), Math.round(medianOf(their, rate))];
  return { ...names, ours, theirs, ratio: Math.round((ours / theirs) * 1000) / 1000 };
}

export const metrics = {
  'rows per CPU-second': (round: Round) => round.rows / round.cpuSeconds,
  'rows per second': (round: Round) => round.rows / round.seconds,
} as const;
