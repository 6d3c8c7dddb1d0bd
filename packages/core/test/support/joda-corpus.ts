import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** A format or granularity of the corpus. */
export interface Group {
  /** `F` for the format of a timestampSpec, `G` for a granularity. */
  readonly kind: 'F' | 'G';
  readonly subject: unknown;
  /** Whether Druid takes it. */
  readonly taken: boolean;
  /** A value or instant, as JSON, and Druid's answers: numbers, or NaN where it fails. */
  readonly cases: { readonly json: string; readonly answers: readonly number[] }[];
}

/** When the corpus was made: what years of two digits depend on. */
export const corpusTime: number = Date.UTC(2024, 5, 15);

/** Reads the answers of Druid 28.0.0 that `tools/joda-corpus` has written. */
export function readCorpus(): Group[] {
  const groups: Group[] = [];
  const packed = readFileSync(new URL('../fixtures/joda/corpus.tsv.gz', import.meta.url));
  for (const line of gunzipSync(packed).toString().trimEnd().split('\n')) {
    const [first = '', second = '', third = ''] = line.split('\t');
    if (first === 'F' || first === 'G') {
      groups.push({ kind: first, subject: JSON.parse(second), taken: third === '+', cases: [] });
    } else {
      const answers = [second, third].filter((field) => field !== '');
      groups
        .at(-1)
        ?.cases.push({ json: first, answers: answers.map((field) => (field === '!' ? NaN : Number(field))) });
    }
  }
  return groups;
}
