import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Granularity, parseGranularity, truncate } from '../../src/time/granularity.js';
import { type TimestampReader, timestampReader } from '../../src/time/timestamp.js';
import { corpusTime, type Group, readCorpus } from '../support/joda-corpus.js';

/** Something in which we and Druid are known to differ. */
interface Difference {
  readonly what: string;
  /** Of how many cases of the corpus. */
  readonly count: number;
}

/** Asserts that nothing but the listed differences was found, and all of them as often as listed. */
class Comparison {
  readonly #found = new Map<string, number>();
  readonly unexplained: string[] = [];
  cases = 0;

  note(rule: string | undefined, describe: () => string): void {
    if (rule === undefined) this.unexplained.push(describe());
    else this.#found.set(rule, (this.#found.get(rule) ?? 0) + 1);
  }

  check(differences: readonly Difference[]): void {
    expect(this.unexplained).toEqual([]);
    expect(Object.fromEntries(this.#found)).toEqual(
      Object.fromEntries(differences.map(({ what, count }) => [what, count])),
    );
  }
}

const corpus = readCorpus();
const groupsOf = (kind: Group['kind']): Group[] => corpus.filter((group) => group.kind === kind);

beforeAll(() => void vi.useFakeTimers({ now: corpusTime, toFake: ['Date'] }));
afterAll(() => void vi.useRealTimers());

it('has cases enough', () => {
  const count = (kind: Group['kind']): number => groupsOf(kind).reduce((sum, { cases }) => sum + cases.length, 0);
  expect(count('F')).toBeGreaterThan(10_000);
  expect(count('G')).toBeGreaterThan(10_000);
});

function readerOf(format: unknown): TimestampReader | undefined {
  try {
    return timestampReader(String(format));
  } catch {
    return undefined;
  }
}

describe('timestamps', () => {
  it('are of the formats that Druid takes', () => {
    const comparison = new Comparison();
    for (const { subject, taken } of groupsOf('F')) {
      if ((readerOf(subject) !== undefined) === taken) continue;
      comparison.note(taken && String(subject).includes('zzzz') ? 'long names of zones' : undefined, () =>
        JSON.stringify(subject),
      );
    }
    // Druid takes a pattern with them, and then can read no event.
    comparison.check([{ what: 'long names of zones', count: 2 }]);
  });

  it('are read as Druid reads them', () => {
    const comparison = new Comparison();
    for (const { subject, cases } of groupsOf('F')) {
      const reader = readerOf(subject);
      if (reader === undefined) continue;
      for (const { json, answers } of cases) {
        const value: unknown = JSON.parse(json);
        const [theirs = NaN] = answers;
        const ours = reader.read(value);
        if (Object.is(ours, theirs)) continue;
        comparison.note(differenceOfTimestamps(subject, json, ours, theirs), () =>
          [subject, json, `Druid ${theirs}`, `we ${ours}`].join(' '),
        );
      }
    }
    comparison.check([
      // Java counts years to 292 million.
      { what: 'beyond what a Date holds', count: 604 },
      // A user's mistake rather than a number: we refuse it.
      { what: 'digits of other scripts', count: 5 },
      // Double.parseDouble reads "NaN" and "1.5f": NaN would be 1970.
      { what: 'spellings of a double that only Java has', count: 2 },
      // Druid makes the text 1.5E9 of the JSON number 1.5e9, which is 1500000000 here.
      { what: 'whole numbers with an exponent as a text', count: 1 },
    ]);
  });
});

function differenceOfTimestamps(format: unknown, json: string, ours: number, theirs: number): string | undefined {
  if (Number.isNaN(ours) && Math.abs(theirs) > 8.64e15) return 'beyond what a Date holds';
  if (Number.isNaN(ours) && /[^\P{Nd}\d]/u.test(json)) return 'digits of other scripts';
  if (Number.isNaN(ours) && format === 'ruby' && /^"(?:NaN|[\d.]+f)"$/.test(json)) {
    return 'spellings of a double that only Java has';
  }
  return Number.isNaN(theirs) && json === '1.5e9' ? 'whole numbers with an exponent as a text' : undefined;
}

function granularityOf(value: unknown): Granularity | undefined {
  const result = parseGranularity(value, 'queryGranularity');
  return result.ok ? result.granularity : undefined;
}

describe('buckets', () => {
  it('are of the granularities that Druid takes', () => {
    const comparison = new Comparison();
    for (const { subject, taken } of groupsOf('G')) {
      const ours = granularityOf(subject);
      if (ours === undefined && taken) comparison.note(refusal(JSON.stringify(subject)), () => JSON.stringify(subject));
      else expect([subject, ours !== undefined]).toEqual([subject, taken]);
    }
    comparison.check([
      // Druid takes a name that it does not know for UTC, and one that only Java knows (PST) for its zone.
      { what: 'names that are no zone', count: 2 },
      // Druid leaves the part out when it looks for the bucket, but not when it looks for its end.
      { what: 'negative parts', count: 2 },
      // Jackson makes PT1H of the number 3600000, and 1 of 1.5.
      { what: 'numbers that Jackson makes fit', count: 2 },
    ]);
  });

  it('begin and end as those of Druid', () => {
    const comparison = new Comparison();
    for (const { subject, cases } of groupsOf('G')) {
      const granularity = granularityOf(subject);
      if (granularity === undefined) continue;
      for (const { json, answers } of cases) {
        const ms = Number(json);
        const [start = NaN, end = NaN] = answers;
        const ours = granularity.bucketStart(ms);
        const oursEnd = granularity.bucketEnd(ours);
        if (truncate(granularity, ms) === start && oursEnd === end) continue;
        comparison.note(differenceOfBuckets(granularity, ms, { start, end }), () =>
          [JSON.stringify(subject), ms, `Druid ${start} ${end}`, `we ${ours} ${oursEnd}`].join(' '),
        );
      }
    }
    comparison.check([
      // Ours never ends; Druid's ends in the year 146140482.
      { what: 'the end of all', count: 96 },
      // Druid adds a period to a start that a change of the clocks has moved: its buckets overlap. Ours end where the next begins.
      { what: 'ends that the next bucket covers', count: 198 },
      // Druid adds a period to a day that it has taken because the month lacks the origin's: its buckets leave gaps. Ours do not.
      { what: 'ends short of the next bucket', count: 96 },
      // Druid's division rounds up before 1970: the bucket that it names begins after the instant.
      { what: 'instants before 1970', count: 218 },
      // Druid counts from bucket to bucket as far as it takes. We stop where nobody's events are.
      { what: 'compound periods before 1600 and after 2200', count: 28 },
      // Druid's bucket does not hold the instant, or is shifted, or it fails. As segmentGranularity we refuse these.
      { what: 'granularities that Druid cannot cut segments with', count: 360 },
      // Druid takes the begin of the week up to an hour late on a day without a midnight, where the zone has none since 2020.
      { what: 'weeks of days without a midnight', count: 25 },
    ]);
  });
});

function refusal(json: string): string | undefined {
  if (/"timeZone":"(?:Nowhere\/Land|PST)"/.test(json)) return 'names that are no zone';
  if (/"period":"P.*-/.test(json)) return 'negative parts';
  return /"period":\d|"duration":1\.5/.test(json) ? 'numbers that Jackson makes fit' : undefined;
}

function differenceOfBuckets(
  granularity: Granularity,
  ms: number,
  theirs: { readonly start: number; readonly end: number },
): string | undefined {
  const bucketStart = (at: number): number => granularity.bucketStart(at);
  const start = bucketStart(ms);
  const end = granularity.bucketEnd(start);
  if (granularity.name === 'ALL') return truncate(granularity, ms) === theirs.start ? 'the end of all' : undefined;
  if (ms < start || ms >= end) return undefined;
  if (theirs.start === start) {
    if (theirs.end < end) return bucketStart(end - 1) === start ? 'ends short of the next bucket' : undefined;
    return bucketStart(end) === start ? undefined : 'ends that the next bucket covers';
  }
  if (/^P.+[WDYM].*\d/.test(granularity.name) && (ms < Date.UTC(1600, 0) || ms > Date.UTC(2200, 0))) {
    return 'compound periods before 1600 and after 2200';
  }
  if (!parseGranularity(granularity.json).ok) return 'granularities that Druid cannot cut segments with';
  if (ms < 0 && theirs.start > ms) return 'instants before 1970';
  return granularity.name.startsWith('P1W ') && theirs.start > start && theirs.start <= start + 3_600_000
    ? 'weeks of days without a midnight'
    : undefined;
}
