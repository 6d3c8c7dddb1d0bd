/** The functions that may end a JsonPath. */
export const functionNames = ['length', 'min', 'max', 'avg', 'stddev'] as const;

export type FunctionName = (typeof functionNames)[number];

/**
 * What a function makes of a value. Elements that are no numbers do not count.
 * @returns `undefined` when it has no answer for such a value.
 */
export function applyFunction(name: FunctionName, value: unknown): number | undefined {
  if (name === 'length') {
    if (Array.isArray(value)) return value.length;
    return typeof value === 'object' && value !== null ? Object.keys(value).length : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const numbers = (value as readonly unknown[]).filter((each): each is number => typeof each === 'number');
  return numbers.length === 0 ? undefined : aggregates[name](numbers);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const aggregates: Record<Exclude<FunctionName, 'length'>, (numbers: readonly number[]) => number> = {
  min: (numbers) => numbers.reduce((least, each) => Math.min(least, each)),
  max: (numbers) => numbers.reduce((most, each) => Math.max(most, each)),
  avg: (numbers) => sum(numbers) / numbers.length,
  stddev: (numbers) => {
    const total = sum(numbers);
    const squares = sum(numbers.map((each) => each * each));
    return Math.sqrt(squares / numbers.length - (total * total) / numbers.length / numbers.length);
  },
};
